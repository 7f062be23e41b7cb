package gevent

import (
	"io"
	"net"
	"sync"
)

// ReadFrom sends all that r has until its end, and returns how many bytes that were; io.Copy calls it. Where that is
// faster the bytes stay in the kernel, also if r is an io.LimitedReader: of an *os.File that is a regular file, from 256
// KiB on, on Linux, macOS, FreeBSD and DragonFly (sendfile), and of another connection of the hub, on Linux (splice). All
// else is copied with a buffer, which is not held while a connection has nothing to read.
//
// Sending an *os.File whose contents are not in memory blocks the hub's thread until the disk has brought them, 1 MiB at
// a time; so does reading one. A File never blocks the hub, at the price of a copy.
//
// It ends early as r's Read and Write do; bytes that were read then, and not written, are lost, as with io.Copy. A Write of
// another greenlet may come between two pieces. Parks. Safe from any goroutine, if r is.
func (c *streamConn) ReadFrom(r io.Reader) (int64, error) {
	if !c.fd.hub.here() {
		o, err := c.outside("write")
		if err != nil {
			return 0, err
		}
		return io.Copy(o, r)
	}
	from, left := r, int64(unlimited)
	limited, ok := r.(*io.LimitedReader)
	if ok {
		from, left = limited.R, limited.N
	}
	n, done, err := c.readInKernel(from, left)
	if limited != nil {
		limited.N -= n
	}
	if done || err != nil {
		return n, err
	}
	m, err := copyThrough(c, r)
	return n + m, err
}

const unlimited = 1<<63 - 1

// readInKernel sends what r has, no more than limit bytes, without bringing it here, where that can be done; done tells
// that nothing is left, or that it has failed for good.
func (c *streamConn) readInKernel(r io.Reader, limit int64) (n int64, done bool, err error) {
	if limit <= 0 {
		return 0, true, nil
	}
	if c.hasPackets() { // which the kernel would make larger than copySize, and so than many a reader's buffer
		return 0, false, nil
	}
	if from := streamOf(r); from != nil {
		return c.splice(from, limit)
	}
	if file, ok := r.(regularFile); ok {
		return c.sendFile(file, limit)
	}
	return 0, false, nil
}

// streamOf returns a connection of this package as what it is, nil for all else: also for a type that embeds one, whose own
// Read or Write must not be passed over.
func streamOf(v any) *streamConn {
	switch c := v.(type) {
	case *streamConn:
		return c
	case *TCPConn:
		return &c.streamConn
	case *UnixConn:
		return &c.streamConn
	}
	return nil
}

// hasPackets reports whether the bounds of messages are kept.
func (c *streamConn) hasPackets() bool { return c.network() == "unixpacket" }

// WriteTo writes all that comes, until its end, to w, and returns how many bytes that were; io.Copy calls it. If w is a
// connection it is w's ReadFrom; else it takes a buffer only when there is something to copy. Parks. Safe from any
// goroutine, if w is.
func (c *streamConn) WriteTo(w io.Writer) (int64, error) {
	if !c.fd.hub.here() {
		o, err := c.outside("read")
		if err != nil {
			return 0, err
		}
		return io.Copy(w, o)
	}
	if to := streamOf(w); to != nil {
		return to.ReadFrom(c)
	}
	if to, ok := w.(io.ReaderFrom); ok {
		return to.ReadFrom(struct{ io.Reader }{c})
	}
	return copyThrough(w, c)
}

// copyThrough copies with a buffer that is not held while a connection has nothing to read.
func copyThrough(w io.Writer, r io.Reader) (written int64, err error) {
	limited, _ := r.(*io.LimitedReader)
	from := r
	if limited != nil {
		from = limited.R
	}
	idle := streamOf(from)
	for {
		if idle != nil && (limited == nil || limited.N > 0) {
			if err := idle.waitQuiet(); err != nil {
				return written, err
			}
		}
		n, end, err := copySome(w, r, copySize)
		written += n
		if end || err != nil {
			return written, err
		}
	}
}

// copySize is a size at which a read and a write still go without telling Go's scheduler, see rawLimit.
const copySize = 32 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// copySome copies what one Read brings, no more than limit bytes.
func copySome(w io.Writer, r io.Reader, limit int64) (written int64, end bool, err error) {
	b := copyBuffers.Get().(*[copySize]byte)
	defer copyBuffers.Put(b) // also if we are killed meanwhile
	n, rerr := r.Read(b[:min(limit, copySize)])
	if n > 0 {
		m, werr := w.Write(b[:n])
		switch written = int64(m); {
		case werr != nil:
			return written, true, werr
		case m < n:
			return written, true, io.ErrShortWrite
		}
	}
	if rerr == io.EOF {
		return written, true, nil
	}
	return written, rerr != nil, rerr
}

// waitQuiet waits if it is known already that a Read would have to: so no system call is spent on the question.
func (c *conn) waitQuiet() error {
	f := &c.fd
	if !f.hub.here() {
		return nil
	}
	for !f.r.ready && !f.hup && f.check(&f.r) == nil {
		if err := f.wait(&f.r, readable, toRead); err != nil {
			return c.readFailed(err)
		}
	}
	return nil
}

var (
	_ io.ReaderFrom = (*TCPConn)(nil)
	_ io.WriterTo   = (*TCPConn)(nil)
	_ io.ReaderFrom = (*UnixConn)(nil)
	_ net.Conn      = (*UnixConn)(nil)
)
