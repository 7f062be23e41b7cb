package multiprocessing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"greenloop/gevent"
)

// An outbox is the message that is being sent. Every step leaves it in order, as with an inbox.
type outbox struct {
	head, body []byte // what is still to be sent
	rights     []byte // that go with the next byte
	begun      bool   // some of it was sent
	parcel     *parcel
	err        error
	rest       []byte           // of a message that was begun and whose sender is gone
	finisher   *gevent.Greenlet // sends it
}

// A parcel is what goes with a message, and has gone if some of the message has.
type parcel struct {
	files []*os.File
	gone  bool
}

func (out *outbox) left() bool { return len(out.head)+len(out.body) > 0 }

// buffers are for messages as they are made: room for what stands before one, and its bytes or their beginning.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// maxKept is the largest buffer that is kept for the next message.
const maxKept = 64 << 10

// maxCopied is the longest message of bytes that is copied behind its length: up to there that is cheaper than two
// buffers in one system call.
const maxCopied = 16 << 10

func giveBuffer(b *[]byte) {
	if cap(*b) <= maxKept {
		buffers.Put(b)
	}
}

// address writes into the room at the beginning of b what stands before a message, and returns that with what is behind
// it.
func address(b []byte, size int64, handles int) []byte {
	at := maxHead
	if size <= maxShort {
		at -= 4
		binary.BigEndian.PutUint32(b[at:], uint32(size))
	} else {
		at -= 12
		binary.BigEndian.PutUint32(b[at:], longMark)
		binary.BigEndian.PutUint64(b[at+4:], uint64(size))
	}
	if handles > 0 {
		at -= 8
		binary.BigEndian.PutUint32(b[at:], handleMark)
		binary.BigEndian.PutUint32(b[at+4:], uint32(handles))
	}
	return b[at:]
}

// SendBytes sends b as one message, and waits as long as there is no room for it. It ends early with EPIPE when the
// other end is gone, or with an error thrown at the greenlet; then the message is not sent, or as a whole by others,
// see Connection. b may be used again at once. Parks. Hub thread only.
func (c *Connection) SendBytes(b []byte) error {
	buffer := buffers.Get().(*[]byte)
	defer giveBuffer(buffer)
	*buffer = (*buffer)[:maxHead]
	if len(b) > maxCopied {
		return c.post(address(*buffer, int64(len(b)), 0), b, nil)
	}
	*buffer = append(*buffer, b...)
	return c.post(address(*buffer, int64(len(b)), 0), nil, nil)
}

// SendBytesTimeout is SendBytes that waits no longer than d, and returns ErrTimeout then: the message is withdrawn, or,
// if some of it was sent, the rest follows. With a d of zero or less it waits for nothing. Parks. Hub thread only.
func (c *Connection) SendBytesTimeout(d time.Duration, b []byte) error {
	return within(d, func() error { return c.SendBytes(b) })
}

// post sends a message, with a parcel unless that is nil, when it is the greenlet's turn.
func (c *Connection) post(head, body []byte, p *parcel) error {
	if err := c.usable(c.sends); err != nil {
		return err
	}
	if p != nil && c.bare {
		return errBare
	}
	c.users++
	defer c.leave()
	if err := c.writing.Acquire(); err != nil {
		return err
	}
	defer c.writing.Release()
	out := &c.out
	if out.rest != nil {
		if err := c.finish(); err != nil {
			return err
		}
	}
	if p != nil {
		out.rights = rightsOf(p.files)
	}
	out.head, out.body, out.begun, out.err, out.parcel = head, body, false, nil, p
	return c.deliver()
}

// deliver sends what the outbox has. If it is interrupted half-way, the rest is kept, and a greenlet is started to send
// it.
func (c *Connection) deliver() error {
	out := &c.out
	defer c.endDelivery() // also if we are killed
	for out.left() {
		if err := c.raw.Write(c.push); err != nil {
			return plain(err)
		}
		if out.err != nil {
			return out.err
		}
	}
	return nil
}

func (c *Connection) endDelivery() {
	out := &c.out
	if out.left() && out.begun && !errors.Is(out.err, syscall.EPIPE) { // ENOMEM, too: else the next message would be cut in
		out.rest = append(bytes.Clone(out.head), out.body...)
		if out.finisher == nil || out.finisher.Ready() {
			out.finisher = gevent.SpawnNamed("rest of a message", c.finishLater)
		}
	}
	if out.parcel != nil {
		out.parcel.gone = out.begun
	}
	out.head, out.body, out.rights, out.parcel = nil, nil, nil, nil
}

// tryPost sends messages that stand behind their lengths, without waiting, and reports whether it has begun to. If it
// has, what there was no room for follows by itself.
func (c *Connection) tryPost(b []byte) (begun bool) {
	out := &c.out
	if c.usable(c.sends) != nil || c.writing.Locked() || out.rest != nil || !c.writing.TryAcquire() {
		return false
	}
	defer c.writing.Release()
	out.head, out.body, out.begun, out.err, out.parcel = b, nil, false, nil, nil
	defer c.endDelivery()
	_ = c.raw.Control(func(sysfd uintptr) { c.tryWrite(sysfd) })
	return out.begun
}

// finish sends the rest of a message whose sender was interrupted. It is called by who has the turn.
func (c *Connection) finish() error {
	out := &c.out
	out.head, out.rest, out.begun, out.err = out.rest, nil, true, nil
	return c.deliver()
}

func (c *Connection) finishLater() error {
	if err := c.writing.Acquire(); err != nil {
		return err
	}
	defer c.writing.Release()
	for c.out.rest != nil && !c.closed {
		if c.finish() == nil || c.out.rest == nil {
			return nil // whoever sends next is told that the other end is gone
		}
		if err := gevent.Sleep(finishPause); err != nil { // the system had no memory for it
			return err
		}
	}
	return nil
}

// finishPause is how long the rest of a message waits for the system to have memory again.
const finishPause = 10 * time.Millisecond

// tryWrite sends what there is room for, and reports false if that was not all and there is none any more.
func (c *Connection) tryWrite(sysfd uintptr) (done bool) {
	out := &c.out
	for sent := 0; out.left() && sent < maxOnce; {
		n, err := sysSend(int(sysfd), out.head, out.body[:min(len(out.body), maxOnce)], out.rights)
		switch {
		case err == syscall.EAGAIN:
			return false
		case err == syscall.EINTR:
			continue
		case err == syscall.ECONNRESET: // the other end was closed with something unread
			err = syscall.EPIPE
			fallthrough
		case err != nil:
			out.err = fmt.Errorf("mp: send: %w", err)
			return true
		}
		out.rights, out.begun = nil, true
		sent += n
		ofHead := min(n, len(out.head))
		out.head, out.body = out.head[ofHead:], out.body[n-ofHead:]
	}
	return true
}
