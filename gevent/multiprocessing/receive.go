package multiprocessing

import (
	"bytes"
	"time"
)

// RecvBytes waits for a message and returns it. It ends early with io.EOF when the other end is gone,
// io.ErrUnexpectedEOF if that was in the middle of a message, ErrTooLarge, or an error thrown at the greenlet.
// Descriptors that came with the message are closed: see RecvFile. Parks. Hub thread only.
func (c *Connection) RecvBytes() ([]byte, error) {
	m, err := c.take(nil)
	if err != nil {
		return nil, err
	}
	defer c.done(m)
	return m.own(), nil
}

// RecvBytesTimeout is RecvBytes that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it
// takes what has come. No message is cut: the next call goes on where this one was. Parks. Hub thread only.
func (c *Connection) RecvBytesTimeout(d time.Duration) (b []byte, err error) {
	err = within(d, func() (err error) {
		b, err = c.RecvBytes()
		return err
	})
	return b, err
}

// RecvInto is RecvBytes into b, and returns the length of the message. If that is more than b has, it is a
// *BufferTooShortError, which has the message. Parks. Hub thread only.
func (c *Connection) RecvInto(b []byte) (int, error) {
	m, err := c.take(b)
	if err != nil {
		return 0, err
	}
	defer c.done(m)
	if len(m.bytes) > len(b) {
		return 0, &BufferTooShortError{m.own()}
	}
	return copy(b, m.bytes), nil // onto itself, if it is there already
}

// A message is one that was received, until it is done.
type message struct {
	bytes []byte
	lent  bool  // the bytes are the block's
	files []int // whoever takes one sets it to -1
}

func (m *message) own() []byte {
	if m.lent {
		return bytes.Clone(m.bytes[:len(m.bytes):len(m.bytes)])
	}
	return m.bytes
}

// take waits for the turn to receive, and for a message, which may be in the memory that is offered. If there is an
// error the turn is over.
func (c *Connection) take(offered []byte) (m message, err error) {
	if err := c.usable(c.receives); err != nil {
		return message{}, err
	}
	c.users++
	taken := false
	defer func() { // also if we are killed
		if !taken {
			c.users--
		}
	}()
	if err := c.reading.Acquire(); err != nil {
		return message{}, err
	}
	defer func() {
		if !taken {
			c.in.keep()
			c.reading.Release()
		}
	}()
	m, err = c.next(offered)
	taken = err == nil
	return m, err
}

// done ends the turn that take began.
func (c *Connection) done(m message) {
	closeFiles(m.files)
	c.in.putBack()
	c.reading.Release()
	c.users--
}
