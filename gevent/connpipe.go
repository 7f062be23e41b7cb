package gevent

import (
	"io"
	"net"
	"os"
	"time"

	"greenloop/sched"
)

// ConnPipe returns the two ends of a connection in memory, as net.Pipe does: what is written to one is read from the
// other, with no buffer between, so that a Write waits until Reads have taken all of it. Both have deadlines, and Close,
// after which the calls at that end fail with an error that is net.ErrClosed, Reads at the other end return io.EOF and
// Writes there fail with io.ErrClosedPipe.
//
// Each end is for greenlets of any hub, whom its calls park, and for other goroutines, which they block. Like the Shared
// primitives it belongs to no hub, so nobody closes it but its users, and a greenlet that waits there keeps its hub from
// reporting a deadlock. Safe from any goroutine.
func ConnPipe() (net.Conn, net.Conn) {
	there, back := new(hose), new(hose)
	return &pipeEnd{in: back, out: there}, &pipeEnd{in: there, out: back}
}

// A pipeEnd is one end of a ConnPipe.
type pipeEnd struct{ in, out *hose }

// Read reads from what is being written at the other end, waiting until something is. It ends early with io.EOF when the
// other end is closed, an os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, or with an error thrown
// at the greenlet. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (p *pipeEnd) Read(b []byte) (int, error) {
	n, err := p.in.read(b)
	if err != nil && err != io.EOF {
		err = p.fail("read", err)
	}
	return n, err
}

// Write waits until all of b has been read at the other end. It ends early, with the number of bytes that were read, as
// Read does; the deadline is the write deadline, and the error when the other end is closed io.ErrClosedPipe. Writes do
// not mix. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (p *pipeEnd) Write(b []byte) (int, error) {
	n, err := p.out.write(b)
	if err != nil {
		err = p.fail("write", err)
	}
	return n, err
}

// Close closes this end. Does not park. Safe from any goroutine.
func (p *pipeEnd) Close() error {
	if !p.in.close(&p.in.reading) {
		return p.fail("close", net.ErrClosed)
	}
	p.out.close(&p.out.writing)
	return nil
}

func (p *pipeEnd) SetDeadline(t time.Time) error {
	if err := p.SetReadDeadline(t); err != nil {
		return err
	}
	return p.SetWriteDeadline(t)
}

func (p *pipeEnd) SetReadDeadline(t time.Time) error { return p.setDeadline(p.in, &p.in.reading, t) }

func (p *pipeEnd) SetWriteDeadline(t time.Time) error { return p.setDeadline(p.out, &p.out.writing, t) }

func (p *pipeEnd) setDeadline(o *hose, m *mouth, t time.Time) error {
	if !o.setDeadline(m, t) {
		return p.fail("set", net.ErrClosed)
	}
	return nil
}

func (p *pipeEnd) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipeEnd) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "pipe", Addr: pipeAddr{}, Err: err}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// A hose is one direction of a ConnPipe.
type hose struct {
	room             room
	reading, writing mouth
	turns            lineup // writers, while another one writes
	busy             bool   // one writes
	offered          []byte // what it has written, and nobody has read yet; only while it waits
}

// A mouth is one end of a hose, with those who wait there.
type mouth struct {
	lineup
	closed   bool
	deadline clockTime
	moved    uint64 // how often the deadline has been
}

// A clockTime is a deadline: on the clock of the hub where it was set for those of that hub, whose clock may be a virtual
// one, and on the wall for all others.
type clockTime struct {
	hub  *Hub
	then time.Duration
	wall time.Time // zero for none
}

func newClockTime(t time.Time) clockTime {
	c := clockTime{wall: t}
	if h := lookup(); h != nil && !t.IsZero() {
		c.hub, c.then = h, h.sched.After(time.Until(t))
	}
	return c
}

// left returns how long it is until then, for the caller's thread.
func (c clockTime) left() time.Duration {
	switch h := lookup(); {
	case c.wall.IsZero():
		return sched.Never
	case h != nil && h == c.hub:
		return c.then - h.sched.Now()
	default:
		return time.Until(c.wall)
	}
}

func (o *hose) read(b []byte) (n int, err error) {
	err = o.wait(&o.reading, &o.reading.lineup, toRead, func(ended error) (bool, error) {
		switch {
		case ended != nil:
			return true, ended
		case len(b) == 0:
			return true, nil
		case len(o.offered) > 0:
			n = copy(b, o.offered)
			if o.offered = o.offered[n:]; len(o.offered) == 0 {
				o.room.wake(&o.writing.lineup)
			} else {
				o.room.wake(&o.reading.lineup)
			}
			return true, nil
		case o.writing.closed:
			return true, io.EOF
		}
		return false, nil
	})
	return n, err
}

func (o *hose) write(b []byte) (n int, err error) {
	if err := o.wait(&o.writing, &o.turns, toTakeTurns, func(ended error) (bool, error) {
		switch {
		case ended != nil:
			return true, ended
		case o.reading.closed:
			return true, io.ErrClosedPipe
		case len(b) == 0:
			return true, nil
		case o.busy:
			return false, nil
		}
		o.busy, o.offered = true, b
		o.room.wake(&o.reading.lineup)
		return true, nil
	}); err != nil || len(b) == 0 {
		return 0, err
	}
	defer func() { n = len(b) - o.endTurn() }() // also if we are killed meanwhile
	return 0, o.wait(&o.writing, &o.writing.lineup, toWrite, func(ended error) (bool, error) {
		switch {
		case len(o.offered) == 0:
			return true, nil
		case ended != nil:
			return true, ended
		case o.reading.closed:
			return true, io.ErrClosedPipe
		}
		return false, nil
	})
}

// endTurn ends the turn of the one that writes, and returns how much nobody has read.
func (o *hose) endTurn() (left int) {
	o.room.lock()
	defer o.room.unlock()
	left = len(o.offered)
	o.offered, o.busy = nil, false
	o.room.wake(&o.turns)
	return left
}

// wait calls try, under the lock, until that says that it is over, and waits in l in between. try is given the error with
// which all ends at a mouth that is closed, or whose deadline has passed.
func (o *hose) wait(m *mouth, l *lineup, why sched.Reason, try func(ended error) (bool, error)) (err error) {
	for over := false; !over; {
		o.room.lock()
		left, at := m.deadline.left(), m.moved
		o.room.unlock()
		if err := o.room.wait(l, within(left), why, func() bool {
			over, err = try(m.ended())
			return over || m.moved != at // to begin anew, with the time that is left now
		}); err != nil {
			return err
		}
	}
	return err
}

func (m *mouth) ended() error {
	switch {
	case m.closed:
		return net.ErrClosed
	case m.deadline.left() <= 0:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// setDeadline reports false if the mouth is closed.
func (o *hose) setDeadline(m *mouth, t time.Time) bool {
	c := newClockTime(t)
	o.room.lock()
	defer o.room.unlock()
	if m.closed {
		return false
	}
	m.deadline = c
	m.moved++
	o.wakeAll()
	return true
}

// close reports false if the mouth is closed already.
func (o *hose) close(m *mouth) bool {
	o.room.lock()
	defer o.room.unlock()
	if m.closed {
		return false
	}
	m.closed = true
	o.wakeAll()
	return true
}

func (o *hose) wakeAll() {
	for _, l := range []*lineup{&o.reading.lineup, &o.writing.lineup, &o.turns} {
		o.room.wakeAll(l)
	}
}
