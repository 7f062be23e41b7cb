package gevent

import (
	"net"
	"net/netip"
)

// A Message is one datagram of ReadBatch or WriteBatch. Its shape is that of golang.org/x/net/ipv4.Message, with an address
// that needs no allocation.
type Message struct {
	// Buffers are what the datagram's bytes are received into, one after the other, or taken from.
	Buffers [][]byte
	// OOB is for control data, which most do without; nil then.
	OOB []byte
	// Addr is where the datagram came from, or goes to. It is not looked at by WriteBatch if the connection was dialled.
	Addr netip.AddrPort
	// N is how many bytes were received, or sent, and NN how many of control data.
	N, NN int
	// Flags are those of the system for a datagram that was received, such as MSG_TRUNC for one that was cut off.
	Flags int
}

// ReadBatch receives as many datagrams as have come, up to len(ms), waiting for the first. It returns how many that
// were, and ends early as Read does. On Linux they take one system call, elsewhere one each; on another goroutine than
// the hub's it receives one at a time. Parks. Safe from any goroutine.
func (c *UDPConn) ReadBatch(ms []Message) (n int, err error) {
	switch {
	case len(ms) == 0:
		return 0, nil
	case !c.fd.hub.here():
		return c.readBatchOutside(&ms[0])
	}
	return c.readBatch(ms)
}

// WriteBatch sends all of ms, in order. It waits as Write does. The error is that of the first that was not sent, and n how
// many came before it. On Linux they take one system call, elsewhere one each. Parks. Safe from any goroutine.
func (c *UDPConn) WriteBatch(ms []Message) (n int, err error) {
	if !c.fd.hub.here() {
		return c.writeBatchOutside(ms)
	}
	for n < len(ms) && err == nil {
		var some int
		some, err = c.writeBatch(ms[n:])
		n += some
	}
	return n, err
}

// aim returns the number of the zone of where m goes.
func (c *UDPConn) aim(m *Message) (scope uint32, err error) {
	if c.remote != nil {
		return 0, nil
	}
	return c.target(m.Addr)
}

func (m *Message) size() (n int) {
	for _, b := range m.Buffers {
		n += len(b)
	}
	return n
}

// single returns one buffer for the message, and whether it is another one than the only one of its own.
func (m *Message) single() (b []byte, other bool) {
	if len(m.Buffers) == 1 {
		return m.Buffers[0], false
	}
	return make([]byte, m.size()), true
}

func (c *UDPConn) readBatchOutside(m *Message) (int, error) {
	o, err := c.outsideUDP("read")
	if err != nil {
		return 0, err
	}
	b, other := m.single()
	m.N, m.NN, m.Flags, m.Addr, err = o.ReadMsgUDPAddrPort(b, m.OOB)
	if err != nil {
		return 0, err
	}
	m.Addr = unmapped(m.Addr)
	if other {
		rest := b[:m.N]
		for _, to := range m.Buffers {
			rest = rest[copy(to, rest):]
		}
	}
	return 1, nil
}

func (c *UDPConn) writeBatchOutside(ms []Message) (int, error) {
	o, err := c.outsideUDP("write")
	if err != nil {
		return 0, err
	}
	for i := range ms {
		m := &ms[i]
		b, other := m.single()
		if other {
			b = b[:0]
			for _, from := range m.Buffers {
				b = append(b, from...)
			}
		}
		switch peer, connected := c.remote.(*net.UDPAddr); {
		case connected && len(m.OOB) == 0:
			m.N, err = o.Write(b)
		case connected: // package net does not know of a socket that was adopted, as this one was, that it is connected
			m.N, m.NN, err = o.WriteMsgUDPAddrPort(b, m.OOB, peer.AddrPort())
		default:
			m.N, m.NN, err = o.WriteMsgUDPAddrPort(b, m.OOB, m.Addr)
		}
		if err != nil {
			return i, err
		}
	}
	return len(ms), nil
}

// failBatch is the error of the first of ms.
func (c *UDPConn) failBatch(ms []Message, err error) error {
	if c.remote != nil {
		return c.fail("write", err)
	}
	return c.failTo(ms[0].Addr, err)
}

var (
	_ net.PacketConn = (*UDPConn)(nil)
	_ net.Conn       = (*UDPConn)(nil)
	_ net.PacketConn = (*UnixgramConn)(nil)
	_ net.Conn       = (*UnixgramConn)(nil)
)
