package ssl

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A wire is the connection under a tls.Conn, which reads and writes it holding Go locks of its own, with which nobody may
// wait. So nothing waits here:
//   - Write keeps what is written. It is sent later, see push.
//   - Read gives what fill has fetched before, or errDry, which crypto/tls takes for a read that timed out: it keeps its
//     state, and can be asked again.
//
// Only in the handshake Read waits. That holds two locks, but nobody else comes near them before it is over, see
// Conn.handshake.
//
// All of it is for the hub's thread.
type wire struct {
	conn   net.Conn
	closed bool

	in      []byte // fetched, and not read yet
	inErr   error  // what comes behind that, for good
	small   []byte // to fetch into; nil before the first fill
	large   *block // the same when much comes; nil else
	bulk    bool   // the last fetch would have filled a small buffer
	emptied bool   // and has not filled its own: most likely there is no more for now
	readBy  time.Time

	pending []byte // written, and not being sent; nil if there is nothing
	sending []byte // being sent
	sent    int    // how much of that is out; of push
	unasked int    // how much of pending was written by reads
	asked   bool   // what is written now is of a call that waits until there is room
	outErr  error  // why nothing can be sent any more
	flusher *gevent.Greenlet
	run     func() error                    // of the flusher; made once
	raw     syscall.RawConn                 // of conn, if that can be told to write without waiting
	step    func(sysfd uintptr) (done bool) // of push, for raw; made once
	moved   gevent.Event                    // set for a moment when something has changed for those who wait for the flusher
	writeBy time.Time

	shaking     bool // the handshake is being made: Read waits
	interrupted bool // and was ended by something that was not the peer's doing
}

const (
	batch      = 32 << 10         // how much of a Write is encrypted and sent at a time: two records of full size
	slack      = 4 << 10          // what encrypting adds to a batch, whose records can be of 1 KiB only
	smallFetch = 2 << 10          // most messages
	maxPush    = 18 << 10         // a record of full size
	maxUnasked = 16 << 10         // some 600 answers to key updates
	linger     = time.Millisecond // how long the last words of a connection may wait for room
)

// A block is what data in large amounts are kept in.
type block [batch + slack]byte

var blocks = sync.Pool{New: func() any { return new(block) }}

// dry is the type of errDry. As a net.Error that is temporary, for that is what crypto/tls asks.
type dry struct{}

func (dry) Error() string   { return "ssl: nothing has come; please file a bug" }
func (dry) Timeout() bool   { return true }
func (dry) Temporary() bool { return true }

var (
	errDry    error = dry{} // nobody sees it but crypto/tls
	errFlood        = errors.New("ssl: the peer makes us answer, and does not read the answers")
	errNoRoom       = errors.New("ssl: the connection has failed, and the peer does not read why")
)

// Read is called by crypto/tls.
func (w *wire) Read(b []byte) (int, error) {
	switch {
	case len(w.in) > 0:
		n := copy(b, w.in)
		w.in = w.in[n:]
		return n, nil
	case w.inErr != nil:
		return 0, w.inErr
	case !w.shaking:
		return 0, errDry
	}
	err := w.drain() // the peer waits for that before it answers
	if err == nil {
		var n int
		if n, err = w.conn.Read(b); n > 0 {
			return n, nil
		}
	}
	w.interrupted = !lasting(err) && !errors.Is(err, os.ErrDeadlineExceeded) && !w.closed
	return 0, err
}

// Write is called by crypto/tls.
func (w *wire) Write(b []byte) (int, error) {
	if w.outErr != nil {
		return 0, w.outErr
	}
	if !w.asked && !w.shaking {
		if w.unasked += len(b); w.unasked > maxUnasked {
			w.in, w.inErr, w.outErr = nil, errFlood, errFlood // nothing goes on, in either direction
			w.tell()
			return 0, errFlood
		}
	}
	if w.pending == nil {
		w.pending = blocks.Get().(*block)[:0]
	}
	w.pending = append(w.pending, b...)
	return len(b), nil
}

// Close is called by crypto/tls on another goroutine, when the context of a handshake is done, which ends the wait as
// well.
func (*wire) Close() error { return nil }

// The deadlines of crypto/tls are for writes that wait, which there are none.

func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

func (w *wire) LocalAddr() net.Addr  { return w.conn.LocalAddr() }
func (w *wire) RemoteAddr() net.Addr { return w.conn.RemoteAddr() }

// limitReads sets the deadline of reads underneath. In the handshake, which reads and writes by turns, it is the earlier
// one of both.
func (w *wire) limitReads() error {
	by := w.readBy
	if w.shaking && !w.writeBy.IsZero() && (by.IsZero() || w.writeBy.Before(by)) {
		by = w.writeBy
	}
	return w.conn.SetReadDeadline(by)
}

// limitHandshake is called where a handshake begins, and where it has ended.
func (w *wire) limitHandshake() {
	if !w.writeBy.IsZero() { // else all is as it was, even if the deadline was set before the connection became ours
		_ = w.limitReads() // fails as reads then do
	}
}

// A waiter is a connection that can be waited for without a buffer, as those of package gevent.
type waiter interface{ WaitRead() error }

// fill waits for data when there are none. An error that lasts comes to light when crypto/tls asks for more, which knows
// what it means there; others are returned, and nothing has changed.
func (w *wire) fill() error {
	if w.large != nil && w.emptied {
		c, waits := w.conn.(waiter)
		if waits || !w.bulk {
			blocks.Put(w.large)
			w.large = nil
		}
		if waits {
			if err := c.WaitRead(); err != nil {
				return err
			}
		}
	}
	b := w.fetch()
	n, err := w.conn.Read(b)
	switch {
	case n > 0:
		w.in, w.bulk, w.emptied = b[:n], n >= smallFetch, n < len(b)
		return nil
	case lasting(err):
		w.inErr = err
		return nil
	}
	return err
}

// fetch returns what the next data are fetched into.
func (w *wire) fetch() []byte {
	if !w.bulk {
		if w.small == nil {
			w.small = make([]byte, smallFetch)
		}
		return w.small
	}
	if w.large == nil {
		w.large = blocks.Get().(*block)
	}
	return w.large[:]
}

// lasting reports whether err, of a read, is the end of the connection, and not of one wait for it.
func lasting(err error) bool {
	var system *os.SyscallError
	return errors.Is(err, io.EOF) || errors.As(err, &system)
}

// over reports whether a deadline has passed.
func over(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }
