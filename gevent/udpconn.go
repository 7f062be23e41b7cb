package gevent

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// A UDPConn is a UDP socket, as a net.PacketConn, and, where it was dialled, as a net.Conn. In a greenlet its calls
// park that greenlet alone; on any other goroutine they block that goroutine, as those of package net do, and never the
// hub. Several greenlets may read and write at the same time: each datagram goes to one of them, whole. It belongs to
// the hub that made it, and is closed when that ends.
//
// A datagram without bytes is one all the same: n is 0 then, and the error nil. One that does not fit into the buffer
// is cut off. What nobody reads in time the system drops. An ECONNREFUSED tells of an earlier datagram that nobody was
// there to take; the connection is as usable as before. For broadcast (allowed), multicast and other options there are
// SyscallConn, which golang.org/x/net takes, and ListenConfig.Control.
type UDPConn struct {
	conn
	six  bool    // an IPv6 socket: addresses of IPv4 are mapped
	name sysName // scratch of one system call. Hub thread only
	zone zone    // Hub thread only
	//lint:ignore U1000 only Linux has it
	batch *batch // scratch of ReadBatch and WriteBatch; nil before the first
}

// ListenUDP is ListenPacket for UDP: network is "udp", "udp4" or "udp6". Parks only to look up a name. Hub thread only.
func ListenUDP(network, address string) (*UDPConn, error) {
	return new(ListenConfig).listenUDP(current("ListenUDP"), network, address)
}

// DialUDP is Dial for UDP: network is "udp", "udp4" or "udp6". Parks only to look up a name. Hub thread only.
func DialUDP(network, address string) (*UDPConn, error) {
	h := current("DialUDP")
	if err := h.canUDP("dial", network); err != nil {
		return nil, err
	}
	c, err := new(Dialer).dial(context.Background(), h, network, address, Never)
	if err != nil {
		return nil, err
	}
	return c.(*UDPConn), nil
}

// dialUDP returns a socket that is connected to an address, of several that a host has the first that can be dialled from
// LocalAddr. But for the look-up, nothing waits.
func (d *Dialer) dialUDP(a *asker, network, address string) (net.Conn, error) {
	local, ok := d.LocalAddr.(*net.UDPAddr)
	if d.LocalAddr != nil && !ok {
		return nil, mismatched(d.LocalAddr)
	}
	addrs, err := d.resolver(a.hub).resolveUDP(a, network, address)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(addrs, func(to *net.UDPAddr) bool {
		return local == nil || canDialFrom((*net.TCPAddr)(local), (*net.TCPAddr)(to))
	})
	if at < 0 {
		return nil, &net.AddrError{Err: noSuitableAddress, Addr: local.String()}
	}
	to := (*net.UDPAddr)(thisHost("tcp"+network[len("udp"):], (*net.TCPAddr)(addrs[at])))
	var c *UDPConn
	sysfd, err := connectUDP(to, local, d.control(network, to))
	if err == nil {
		c, err = openUDP(a.hub, sysfd, udpPeer(sysfd))
	}
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Source: d.LocalAddr, Addr: to, Err: err}
	}
	return c, nil
}

func (c *ListenConfig) listenUDP(h *Hub, network, address string) (*UDPConn, error) {
	if err := h.canUDP("listen", network); err != nil {
		return nil, err
	}
	end, err := resolve(h, network, address, Never)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	a := net.UDPAddrFromAddrPort(end)
	sysfd, err := bindUDP(network, a, func(sysfd int, network string) error {
		if c.ReusePort {
			if err := setReusePort(sysfd); err != nil {
				return err
			}
		}
		return c.control(sysfd, network, a.String())
	})
	var u *UDPConn
	if err == nil {
		u, err = openUDP(h, sysfd, nil)
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: err}
	}
	return u, nil
}

func (h *Hub) canUDP(op, network string) error {
	switch network {
	case "udp", "udp4", "udp6":
		return h.needsPoller(op, network)
	}
	return &net.OpError{Op: op, Net: network, Err: net.UnknownNetworkError(network)}
}

// openUDP makes sysfd a connection. If it fails sysfd is closed.
func openUDP(h *Hub, sysfd int, remote net.Addr) (*UDPConn, error) {
	c := &UDPConn{conn: conn{local: udpLocal(sysfd), remote: remote}, six: isSix(sysfd)}
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// Read receives one datagram, waiting for it, and drops the address that it came from. It ends early with an
// os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, an error thrown at the greenlet, or what the
// system has to tell of an earlier Write. Parks. Safe from any goroutine.
func (c *UDPConn) Read(b []byte) (int, error) {
	switch {
	case !c.fd.hub.here():
		return c.readOutside(b)
	case len(b) == 0: // as package net does, which takes nothing then
		return 0, c.failed("read", c.fd.check(&c.fd.r))
	}
	n, _, err := c.receive(b)
	return n, c.failed("read", err)
}

// ReadFrom is Read that returns the address, a *net.UDPAddr, that the datagram came from. Parks. Safe from any goroutine.
func (c *UDPConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// ReadFromUDPAddrPort is ReadFrom that allocates nothing in a greenlet on Linux. An address of IPv4 is returned as
// such, also by a socket for both. Parks. Safe from any goroutine.
func (c *UDPConn) ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error) {
	if !c.fd.hub.here() {
		o, err := c.outsideUDP("read")
		if err != nil {
			return 0, from, err
		}
		n, from, err = o.ReadFromUDPAddrPort(b)
		return n, unmapped(from), err
	}
	n, from, err = c.receive(b)
	return n, from, c.failed("read", err)
}

// receive is what reading is in a greenlet.
func (c *UDPConn) receive(b []byte) (n int, from netip.AddrPort, err error) {
	err = c.fd.receive("recvfrom", func(sysfd int) (errno syscall.Errno) {
		n, errno = c.name.receive(sysfd, b)
		return errno
	})
	if err == nil {
		from = c.sender(&c.name)
	}
	return n, from, err
}

// sender returns the address that was received.
func (c *UDPConn) sender(n *sysName) netip.AddrPort {
	from, scope := n.addrPort()
	if scope != 0 {
		from = netip.AddrPortFrom(from.Addr().WithZone(c.zone.nameOf(scope)), from.Port())
	}
	return unmapped(from)
}

// Write sends b as one datagram to the address that was dialled. It waits while the system has no room for it, and ends
// early as Read does; the deadline is the write deadline. Parks. Safe from any goroutine.
func (c *UDPConn) Write(b []byte) (int, error) {
	if !c.fd.hub.here() {
		return c.writeOutside(b)
	}
	err := c.fd.send("write", func(sysfd int) syscall.Errno { return sysSend(sysfd, b) })
	return sent(b, err), c.failed("write", err)
}

// WriteTo sends b as one datagram to an address, a *net.UDPAddr. It waits as Write does. A connection that was dialled
// refuses it with net.ErrWriteToConnected. Parks. Safe from any goroutine.
func (c *UDPConn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok || a == nil {
		return 0, &net.OpError{Op: "write", Net: c.network(), Source: c.local, Addr: to, Err: syscall.EINVAL}
	}
	at := a.AddrPort()
	switch { // this host, as package net takes it
	case c.six && (len(a.IP) == 0 || a.IP.Equal(net.IPv4zero)):
		at = netip.AddrPortFrom(netip.IPv6Unspecified(), at.Port())
	case len(a.IP) == 0:
		at = netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())
	}
	return c.WriteToUDPAddrPort(b, at)
}

// WriteToUDPAddrPort is WriteTo that allocates nothing in a greenlet. Parks. Safe from any goroutine.
func (c *UDPConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if c.remote != nil {
		return 0, c.failTo(to, net.ErrWriteToConnected)
	}
	if !c.fd.hub.here() {
		o, err := c.outsideUDP("write")
		if err != nil {
			return 0, err
		}
		return o.WriteToUDPAddrPort(b, to)
	}
	scope, err := c.target(to)
	if err == nil {
		err = c.fd.send("sendto", func(sysfd int) syscall.Errno {
			c.name.set(to, c.six, scope) // each time: another one may have sent meanwhile
			return c.name.send(sysfd, b)
		})
	}
	if err != nil {
		return 0, c.failTo(to, err)
	}
	return len(b), nil
}

// target checks an address to send to, and returns the number of its zone.
func (c *UDPConn) target(to netip.AddrPort) (scope uint32, err error) {
	switch a := to.Addr(); {
	case !a.IsValid():
		return 0, &net.AddrError{Err: "missing address"}
	case !c.six && !a.Unmap().Is4():
		return 0, &net.AddrError{Err: "non-IPv4 address", Addr: a.String()}
	case a.Zone() != "":
		return c.zone.idOf(a.Zone())
	}
	return 0, nil
}

func (c *UDPConn) failTo(to netip.AddrPort, err error) error {
	return &net.OpError{Op: "write", Net: c.network(), Source: c.local, Addr: net.UDPAddrFromAddrPort(to), Err: err}
}

func (c *UDPConn) outsideUDP(op string) (*net.UDPConn, error) {
	o, err := c.outside(op)
	if err != nil {
		return nil, err
	}
	return o.(*net.UDPConn), nil
}

// sent is what Write returns of a datagram: all or nothing.
func sent(b []byte, err error) int {
	if err != nil {
		return 0
	}
	return len(b)
}
