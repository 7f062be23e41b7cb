package http

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"sync/atomic"
)

// A source is the buffered input of a connection.
type source interface {
	// Peek returns what is buffered, at least one byte, waiting for it if need be, or an error if none comes.
	Peek() ([]byte, error)
	// Discard drops the first n bytes of what Peek returned.
	Discard(n int)
	// Read reads what is buffered; if nothing is, a large read goes to the connection directly.
	Read(b []byte) (int, error)
}

var errBodyBusy = errors.New("gevent/http: the body of a request is being read already")

// A body is the body of a request, as the handler reads it: as much of the input as was announced, or chunks. It never
// reads beyond its end. One greenlet or goroutine may read at a time, and it need not be the handler's; another one that
// tries is refused.
type body struct {
	src     source
	r       *http.Request // whose Trailer is set at the end
	left    int64         // of the announced length
	chunks  *chunks       // nil if a length was announced
	err     error         // what each further read returns; io.EOF at the end
	reading atomic.Bool   // who sets it may use the fields above
	closed  atomic.Bool
}

// newBody returns the body of r, which parseRequest has left without one, from src, where the head has been discarded.
func newBody(r *http.Request, src source) *body {
	b := &body{src: src, r: r, left: r.ContentLength}
	switch {
	case r.TransferEncoding != nil:
		b.chunks = new(chunks)
	case b.left <= 0:
		b.err = io.EOF
	}
	return b
}

// Read waits for at least one byte of the body, and returns io.EOF at its end, with the last bytes where that is known by
// then. It ends early with io.ErrUnexpectedEOF if the connection ends first, with http.ErrBodyReadAfterClose after Close,
// and with the connection's errors: a read that failed at a deadline may be repeated after a new one is set. Parks.
func (b *body) Read(p []byte) (int, error) {
	if !b.reading.CompareAndSwap(false, true) {
		return 0, errBodyBusy
	}
	defer b.reading.Store(false) // a kill while it waits, too, leaves the body usable
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if b.chunks != nil {
		return b.readChunks(p)
	}
	return b.readLength(p)
}

func (b *body) readLength(p []byte) (int, error) {
	n, err := b.src.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if b.left == 0 {
		b.err = io.EOF
		return n, io.EOF
	}
	return n, b.early(err)
}

// readChunks waits until there is something of the data, and takes as much as is buffered then.
func (b *body) readChunks(p []byte) (n int, err error) {
	if b.chunks.large(len(p)) {
		n, err = b.src.Read(p[:min(uint64(len(p)), b.chunks.left)])
		b.chunks.took(n)
		return n, b.early(err)
	}
	for n == 0 && b.err == nil {
		in, failed := b.src.Peek()
		if failed != nil {
			return 0, b.early(failed)
		}
		n = b.decode(p, in)
	}
	return n, b.err
}

// decode takes what it can from in, and returns how much of the data that was. b.err is what ended it.
func (b *body) decode(p, in []byte) (n int) {
	n, used, err := b.chunks.decode(p, in)
	b.src.Discard(used)
	b.err = err
	if err == io.EOF && b.chunks.trailer != nil {
		if b.r.Trailer == nil {
			b.r.Trailer = b.chunks.trailer
		} else {
			maps.Copy(b.r.Trailer, b.chunks.trailer)
		}
	}
	return n
}

// early is the error of a read before the end. That of a connection that has ended stays.
func (b *body) early(err error) error {
	if err == io.EOF {
		b.err = io.ErrUnexpectedEOF
		return b.err
	}
	return err
}

// Close ends what the handler reads: its reads fail from now on. What is left of the body is drain's. Does not park.
func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}

// atEnd reports whether the body has been read to its end, so that the next request follows in the input.
func (b *body) atEnd() bool {
	if !b.reading.CompareAndSwap(false, true) {
		return false
	}
	defer b.reading.Store(false)
	return b.err == io.EOF
}

// drain reads what the handler has left, so that the next request can follow. ended says that it follows: the body is
// closed then. It gives up, and the body can be read on, if max bytes or more are left of an announced length, which it
// does not touch, or once more than max bytes of chunks have come. The two limits are those of net/http. It fails if the
// body is malformed or ends early, or while somebody else reads. Parks.
func (b *body) drain(max int64) (ended bool, err error) {
	if !b.reading.CompareAndSwap(false, true) {
		return false, errBodyBusy
	}
	defer b.reading.Store(false)
	if b.err == nil && b.chunks == nil && b.left >= max {
		return false, nil
	}
	var waste [512]byte
	for room := max + 1; b.err == nil; {
		in, failed := b.src.Peek()
		if failed != nil {
			return false, b.early(failed)
		}
		if b.chunks != nil {
			room -= int64(b.decode(waste[:min(room, int64(len(waste)))], in))
			if room == 0 {
				return false, nil
			}
			continue
		}
		n := min(int64(len(in)), b.left)
		b.src.Discard(int(n))
		if b.left -= n; b.left == 0 {
			b.err = io.EOF
		}
	}
	if b.err != io.EOF {
		return false, b.err
	}
	b.closed.Store(true)
	return true, nil
}
