package multiprocessing

import (
	"math"
	"net"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A Connection carries messages of bytes between two greenlets of any processes: whole messages, in order, of any
// length, which may be zero. Pipe and Duplex put typed values on top of it.
//
// Several greenlets may send and receive at the same time: they take turns, first come, first served. What interrupts
// one of them (a kill, a timeout, an error thrown at it) never damages the stream. A message of which nothing was
// received stays for the next one, one that was received in part is kept until the next call, which goes on with it. A
// message of which nothing was sent is withdrawn; one that was sent in part is sent to its end, by whoever sends next
// or by a greenlet of the connection's own, though the sender was told an error.
//
// A Connection is a gevent.Waitable, ready when a message, or its beginning, or the end has come: see Wait. It belongs
// to the hub on which it was made and is closed when that ends, unless it was moved to another process: see Target. All
// its methods are for the hub's thread.
//
// The other end is gone when all processes that have it have closed it or have ended, in whatever way. Then receiving
// ends with io.EOF after the last message, or with io.ErrUnexpectedEOF if that was cut off, and sending with EPIPE.
type Connection struct {
	waitable // tells of the descriptor only, see Ready

	conn             socket
	bare             bool // no descriptors travel: it is TCP, or the other end is not trusted
	raw              syscall.RawConn
	receives, sends  bool
	closed, moved    bool
	leaving          bool // a greenlet is moving it
	users            int  // greenlets that are sending or receiving
	reading, writing gevent.Lock
	in               inbox
	out              outbox
	pull, push       func(sysfd uintptr) (done bool) // tryRead, which spins, and tryWrite, made once
	spinner          spinner
	sleeps           bool        // it does not spin: others have use for the CPU
	sysfd            uintptr     // while it spins
	again            func() bool // tryRead of that, made once
}

// waitable is what gevent.Wait takes. By this name, so that the embedded field is not exported.
type waitable = gevent.Waitable

// NewConnections returns two connections that are connected to each other, both for sending and receiving. The error is
// that of the system, such as EMFILE, or errors.ErrUnsupported. Hub thread only.
func NewConnections() (*Connection, *Connection, error) {
	if supported {
		hubOf("a new pipe")
	}
	a, b, err := gevent.SocketPair()
	if err != nil {
		return nil, nil, err
	}
	one, err := newConnection(a)
	if err != nil {
		return nil, nil, err
	}
	other, err := newConnection(b)
	if err != nil {
		return nil, nil, err
	}
	return one, other, nil
}

// A socket is what a Connection stands on: a connection of package gevent over a Unix domain socket or TCP.
type socket interface {
	net.Conn
	Readable() gevent.Readiness
	WaitRead() error
	SyscallConn() (syscall.RawConn, error)
	File() (*os.File, error)
}

// asSocket returns conn as a socket. What is none is closed.
func asSocket(conn net.Conn) (socket, error) {
	switch c := conn.(type) {
	case *gevent.UnixConn:
		return c, nil
	case *gevent.TCPConn:
		return c, nil
	}
	conn.Close()
	return nil, errWrongKind
}

func newConnection(conn socket) (*Connection, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Connection{waitable: conn.Readable(), conn: conn, raw: raw, receives: true, sends: true}
	_, c.bare = conn.(*gevent.TCPConn)
	c.in.limit, c.in.size = math.MaxInt, unknown
	c.bind()
	return c, nil
}

// bind makes the functions that are called with the descriptor.
func (c *Connection) bind() {
	c.push = c.tryWrite
	c.again = func() bool { return c.tryRead(c.sysfd) }
	c.pull = func(sysfd uintptr) bool {
		if c.tryRead(sysfd) {
			return true
		}
		c.sysfd = sysfd
		if c.sleeps {
			return false
		}
		return c.spinner.spin(gevent.GetHub(), c.again)
	}
}

// oneWay returns two connections of which a receives what b sends.
func oneWay() (a, b *Connection, err error) {
	a, b, err = NewConnections()
	if err != nil {
		return nil, nil, err
	}
	a.sends, b.receives = false, false
	return a, b, nil
}

// SetLimit sets how many bytes a message may have that is received here: a longer one is ErrTooLarge, and the last.
// Close the connection then: the sender is not told before. There is no limit at first. Hub thread only.
func (c *Connection) SetLimit(bytes int64) { c.in.limit = min(max(bytes, 0), math.MaxInt) }

// Close closes this end. A second one returns ErrClosed; while another greenlet uses the connection it does nothing and
// returns ErrLocked. What was sent can still be received, except for the rest of a message whose sender was
// interrupted. Does not park. Hub thread only.
func (c *Connection) Close() error {
	if err := c.usable(true); err != nil {
		return err
	}
	if c.users > 0 {
		return ErrLocked
	}
	c.closed = true
	return c.end()
}

// sever closes the connection even if greenlets use it, whose waits end. None of them may be receiving.
func (c *Connection) sever() {
	if !c.closed {
		c.closed = true
		_ = c.end()
	}
}

func (c *Connection) end() error {
	c.in.discard()
	return c.conn.Close()
}

// usable returns why the connection cannot be used, for a direction that it has or has not.
func (c *Connection) usable(has bool) error {
	switch {
	case c.moved:
		return ErrMoved
	case c.closed:
		return ErrClosed
	case c.leaving:
		return ErrLocked
	case !has:
		return ErrOneWay
	}
	return nil
}

// Ready reports whether receiving would find something at once: a message or its beginning, or the end. It may take the
// hub a turn to notice; Poll is exact. It is also true for what is closed. Hub thread only.
func (c *Connection) Ready() bool { return c.closed || c.moved || c.in.has() || c.waitable.Ready() }

// Err returns why nothing can be done with the connection any more, nil if it is open. Hub thread only.
func (c *Connection) Err() error {
	if c.leaving {
		return nil
	}
	return c.usable(true)
}

// Poll waits until receiving would find a message, its beginning or the end of the stream, for no longer than d, and
// reports whether it would. With a d of zero or less it only asks. The error is that of the connection, or one thrown
// at the greenlet. Parks. Hub thread only.
func (c *Connection) Poll(d time.Duration) (bool, error) {
	if err := c.usable(c.receives); err != nil {
		return false, err
	}
	if c.in.has() {
		return true, nil
	}
	if d <= 0 {
		there := false
		err := c.raw.Control(func(sysfd uintptr) { there = sysReadable(int(sysfd)) })
		return there, plain(err)
	}
	c.users++
	defer c.leave()
	err := within(d, c.conn.WaitRead)
	if err == gevent.ErrTimeout { // that very value: else it is a scope's
		return false, nil
	}
	return err == nil, plain(err)
}

func (c *Connection) leave() { c.users-- }

// within calls fn, whose waits end with ErrTimeout when d has passed.
func within(d time.Duration, fn func() error) error {
	t := gevent.NewTimeout(d)
	err := t.Do(fn)
	if t.Is(err) {
		return gevent.ErrTimeout
	}
	return err
}
