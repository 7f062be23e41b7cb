//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// A sysName is an IP address and a port as the system reads and writes them.
type sysName struct {
	four unix.SockaddrInet4
	six  unix.SockaddrInet6
	used unix.Sockaddr // one of these two to send to, or what was received
}

// set stores an address. An IPv6 socket takes one of IPv4 as a mapped one.
func (s *sysName) set(a netip.AddrPort, six bool, scope uint32) {
	if six {
		s.six = unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: scope}
		s.used = &s.six
	} else {
		s.four = unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().Unmap().As4()}
		s.used = &s.four
	}
}

// addrPort returns the address that was received; the zero AddrPort if there was none.
func (s *sysName) addrPort() (a netip.AddrPort, scope uint32) {
	switch sa := s.used.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), 0
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)), sa.ZoneId
	}
	return a, 0
}

// receive receives a datagram and the address that it came from.
func (s *sysName) receive(fd int, b []byte) (int, syscall.Errno) {
	n, from, err := unix.Recvfrom(fd, b, 0)
	if err != nil {
		return 0, asErrno(err)
	}
	s.used = from
	return n, 0
}

// send sends a datagram to the address.
func (s *sysName) send(fd int, b []byte) syscall.Errno { return asErrno(unix.Sendto(fd, b, 0, s.used)) }

// sysSend sends a datagram where the socket is connected to.
func sysSend(fd int, b []byte) syscall.Errno {
	_, err := unix.SendmsgN(fd, b, nil, nil, 0)
	return asErrno(err)
}

// batch is nothing: these systems carry one datagram a call.
//
//lint:ignore U1000 see UDPConn
type batch struct{}

func (c *UDPConn) readBatch(ms []Message) (n int, err error) {
	err = c.fd.receive("recvmsg", func(sysfd int) syscall.Errno {
		for n < len(ms) {
			m := &ms[n]
			var from unix.Sockaddr
			var err error
			m.N, m.NN, m.Flags, from, err = unix.RecvmsgBuffers(sysfd, m.Buffers, m.OOB, 0)
			if err != nil {
				if n > 0 { // the next call tells it, if it is still so
					return 0
				}
				return asErrno(err)
			}
			m.Addr = c.sender(&sysName{used: from})
			n++
		}
		return 0
	})
	return n, c.failed("read", err)
}

// writeBatch sends the first of ms.
func (c *UDPConn) writeBatch(ms []Message) (int, error) {
	m := &ms[0]
	scope, err := c.aim(m)
	if err == nil {
		err = c.fd.send("sendmsg", func(sysfd int) syscall.Errno {
			var to unix.Sockaddr
			if c.remote == nil {
				c.name.set(m.Addr, c.six, scope)
				to = c.name.used
			}
			var err error
			m.N, err = unix.SendmsgBuffers(sysfd, m.Buffers, m.OOB, to, 0)
			m.NN = len(m.OOB)
			return asErrno(err)
		})
	}
	if err != nil {
		return 0, c.failBatch(ms, err)
	}
	return 1, nil
}
