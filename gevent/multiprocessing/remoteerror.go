package multiprocessing

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"sync"
	"syscall"

	"greenloop/gevent"
)

// A RemoteError is an error or a panic of another process. Of the error itself only the text has come, and which of the
// registered errors it is: errors.Is finds those, see RegisterError.
type RemoteError struct {
	Type  string // what %T says of the error over there, or of the value of the panic
	Text  string // what its Error returned
	Stack string // of the greenlet that panicked, else empty
	is    []error
}

// Error returns the text, without the stack.
func (e *RemoteError) Error() string { return e.Text }

// Unwrap returns the registered errors that this one is.
func (e *RemoteError) Unwrap() []error { return e.is }

// sentinels are the registered errors, by sentinelKey. They are many threads' only because a package may be initialized
// on any.
var sentinels = struct {
	sync.RWMutex
	known map[string]error
}{known: map[string]error{}}

// RegisterError lets errors.Is find err in an error that comes from another process. Do it where err is made, in a
// variable at package level: then both processes, the same program, know it. It returns err. What has the type and text
// of another registered error panics. Registered from the start are this package's errors, gevent.ErrTimeout, and the
// usual ones of packages io, os and context.
//
//	var ErrEmpty = mp.RegisterError(errors.New("shop: empty"))
func RegisterError(err error) error {
	if err == nil || !reflect.TypeOf(err).Comparable() {
		panic("mp: RegisterError of an error that errors.Is cannot find")
	}
	key := sentinelKey(err)
	sentinels.Lock()
	defer sentinels.Unlock()
	if other := sentinels.known[key]; other != nil && other != err {
		panic(fmt.Sprintf("mp: RegisterError of a second error with the text %q", err))
	}
	sentinels.known[key] = err
	return err
}

func sentinelKey(err error) string { return fmt.Sprintf("%T: %v", err, err) }

func init() {
	for _, err := range []error{
		ErrClosed, ErrMoved, ErrLocked, ErrOneWay, ErrTooLarge, ErrNotStarted, ErrStarted, ErrAlive, ErrDaemon, ErrNoMain,
		gevent.ErrTimeout, gevent.ErrExit, context.Canceled, context.DeadlineExceeded, errors.ErrUnsupported,
		io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, io.ErrShortWrite, io.ErrShortBuffer, io.ErrNoProgress,
		fs.ErrInvalid, fs.ErrPermission, fs.ErrExist, fs.ErrNotExist, fs.ErrClosed, os.ErrDeadlineExceeded, os.ErrProcessDone,
		syscall.EPIPE, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EADDRINUSE, syscall.ENOSPC, syscall.ENOMEM,
		syscall.EMFILE,
	} {
		RegisterError(err)
	}
}

// A wireError is an error on its way to another process.
type wireError struct {
	Type, Text, Stack string
	Is                []string // keys of the registered errors that it is
}

// encodeError returns err, which is not nil, as bytes for decodeError. It never fails, and survives an err whose
// methods panic.
func encodeError(err error) []byte {
	w := wireError{Type: fmt.Sprintf("%T", err)}
	w.fill(err)
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(w) // strings only
	return b.Bytes()
}

func (w *wireError) fill(err error) {
	defer func() {
		if v := recover(); v != nil {
			w.Text = fmt.Sprintf("%s, of which no more is known: its methods panic: %v", w.Type, v)
		}
	}()
	w.Text = err.Error()
	if p, ok := errors.AsType[*gevent.PanicError](err); ok {
		w.Stack = string(p.Stack)
		w.Type = fmt.Sprintf("%T", p.Value)
	}
	if r, ok := errors.AsType[*RemoteError](err); ok { // it comes from farther away
		w.Stack = r.Stack
		if err == error(r) {
			w.Type = r.Type
		}
	}
	sentinels.RLock()
	defer sentinels.RUnlock()
	for key, known := range sentinels.known {
		if errors.Is(err, known) {
			w.Is = append(w.Is, key)
		}
	}
}

// decodeError returns the *RemoteError of what encodeError has made, or why there is none.
func decodeError(b []byte) error {
	var w wireError
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&w); err != nil {
		return fmt.Errorf("mp: an error of another process came broken: %w", err)
	}
	e := &RemoteError{Type: w.Type, Text: w.Text, Stack: w.Stack}
	sentinels.RLock()
	defer sentinels.RUnlock()
	for _, key := range w.Is {
		if err := sentinels.known[key]; err != nil {
			e.is = append(e.is, err)
		}
	}
	return e
}
