package multiprocessing

import (
	"encoding/binary"

	"greenloop/gevent"
)

// A managerMail sends messages over a connection, for those who must not wait: they are collected, and a greenlet sends
// all that have come with one system call.
type managerMail struct {
	c       *Connection
	limit   int
	pending []byte // messages, each behind its length
	spare   []byte
	start   int // of the message that is being written
	filled  gevent.Event
	emptied gevent.Event
	carrier *gevent.Greenlet
	sending bool
	dead    bool
	broken  func() // called if the connection takes nothing any more
}

// maxPending is from where on who makes answers or requests has to wait.
const maxPending = 1 << 20

func newManagerMail(c *Connection, limit int, broken func()) *managerMail {
	m := &managerMail{c: c, limit: limit, broken: broken}
	m.carrier = gevent.SpawnNamed("manager's mail", m.carry)
	return m
}

// open begins a message, whose bytes are appended to m.pending.
func (m *managerMail) open() {
	m.start = len(m.pending)
	m.pending = append(m.pending, 0, 0, 0, 0)
}

// fits reports whether the message that was begun is not too long. If it is, it is taken back.
func (m *managerMail) fits() bool {
	if len(m.pending)-m.start-4 <= m.limit {
		return true
	}
	m.pending = m.pending[:m.start]
	return false
}

// post ends the message: it will be sent, unless the connection is broken. Does not park.
func (m *managerMail) post() {
	if m.dead {
		m.pending = m.pending[:0]
		return
	}
	binary.BigEndian.PutUint32(m.pending[m.start:], uint32(len(m.pending)-m.start-4))
	m.filled.Set()
}

// carry is the greenlet that sends.
func (m *managerMail) carry() error {
	defer func() { // also if it is killed
		m.dead = true
		m.emptied.Set()
	}()
	for {
		for len(m.pending) == 0 {
			m.filled.Clear()
			if err := m.filled.Wait(); err != nil {
				return err
			}
		}
		batch := m.pending
		m.pending = m.spare[:0]
		m.sending = true
		m.emptied.Set()
		if err := m.c.post(batch, nil, nil); err != nil {
			m.broken() // the reader of the connection need not see it
			return nil
		}
		m.sending = false
		m.emptied.Set()
		m.spare = nil
		if cap(batch) <= maxKept {
			m.spare = batch
		}
	}
}

// await waits until not too much is pending. Parks.
func (m *managerMail) await() error {
	for len(m.pending) > maxPending && !m.dead {
		m.emptied.Clear()
		if err := m.emptied.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// flush waits until all is sent, or cannot be. Parks.
func (m *managerMail) flush() error {
	for (len(m.pending) > 0 || m.sending) && !m.dead {
		m.emptied.Clear()
		if err := m.emptied.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// hurry sends what is pending at once, if the system takes it and nobody sends.
func (m *managerMail) hurry() {
	if !m.dead && !m.sending && m.c.tryPost(m.pending) {
		m.pending = m.pending[:0]
		m.emptied.Set()
	}
}

// end stops sending. Does not park.
func (m *managerMail) end() {
	m.dead, m.pending = true, nil
	m.carrier.KillAsync()
}
