package gevent

import (
	"net"
	"os"
	"syscall"
	"time"

	"greenloop/sched"
)

// This file is what sockets that carry datagrams have in common: each call carries one, whole; none is mixed with another.

// ListenPacket opens a socket for datagrams on a local address as net.ListenPacket does, with a ListenConfig's
// defaults. Networks are "udp", "udp4" and "udp6", for which the result is a *UDPConn, and "unixgram", for which it is
// a *UnixgramConn. Without a host, or with an unspecified one, "udp" takes both IPv4 and IPv6 where one socket can.
// Parks only to look up a name. Hub thread only.
func ListenPacket(network, address string) (net.PacketConn, error) {
	return new(ListenConfig).listenPacket(current("ListenPacket"), network, address)
}

// ListenPacket is ListenPacket with this configuration, of which ReusePort (for UDP) and Control count. Parks only to look
// up a name. Hub thread only.
func (c *ListenConfig) ListenPacket(network, address string) (net.PacketConn, error) {
	return c.listenPacket(current("ListenConfig.ListenPacket"), network, address)
}

func (c *ListenConfig) listenPacket(h *Hub, network, address string) (net.PacketConn, error) {
	if network == "unixgram" {
		return asPacketConn(c.listenUnixgram(h, address))
	}
	return asPacketConn(c.listenUDP(h, network, address))
}

// asPacketConn keeps a nil pointer from becoming a net.PacketConn that is not nil.
func asPacketConn[C net.PacketConn](c C, err error) (net.PacketConn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// needsPoller refuses what this hub cannot do.
func (h *Hub) needsPoller(op, network string) error {
	if h.poll == nil {
		return &net.OpError{Op: op, Net: network, Err: errNoPoller}
	}
	return nil
}

// toReceive is what a greenlet waits for, see toRead.
var (
	toReceive sched.Reason = sched.Why("receive")
	toSend    sched.Reason = sched.Why("send")
)

// receive calls once, which receives what is there, until it succeeds, waiting in between. It spends of the budget
// before it takes anything: a kill that ends it there loses no datagram. A datagram that fills a part of the buffer, or
// none of it, says nothing about the next: only EAGAIN does.
func (f *fd) receive(call string, once func(sysfd int) syscall.Errno) error {
	f.hub.sched.Spend()
	for {
		if err := f.check(&f.r); err != nil {
			return err
		}
		if f.r.ready {
			switch errno := once(int(f.sysfd)); errno {
			case 0:
				return nil
			case syscall.EINTR:
				continue
			case syscall.EAGAIN:
				f.r.ready = false
			default:
				return os.NewSyscallError(call, errno)
			}
		}
		if err := f.wait(&f.r, readable, toReceive); err != nil {
			return err
		}
	}
}

// send calls once, which sends, until it succeeds, waiting in between.
func (f *fd) send(call string, once func(sysfd int) syscall.Errno) error {
	f.hub.sched.Spend()
	for {
		if err := f.check(&f.w); err != nil {
			return err
		}
		switch errno := once(int(f.sysfd)); errno {
		case 0:
			return nil
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			f.w.ready = false
		default:
			return os.NewSyscallError(call, errno)
		}
		if err := f.wait(&f.w, writable, toSend); err != nil {
			return err
		}
	}
}

// pause is a part, of the duration d, of a wait for room at a receiver of whom the system does not tell when there is
// some. All of it ends at the deadline given, if not before.
func (f *fd) pause(d, deadline time.Duration) error {
	if at := f.w.deadline.Load(); at != 0 {
		deadline = min(deadline, time.Duration(at))
	}
	end := f.hub.sched.After(d)
	f.hub.waiting++
	defer f.waited()
	err := f.w.waiters.WaitUntil(f.hub.sched, toSend, min(end, deadline))
	if err != nil && !(err == sched.ErrTimeout && end <= f.hub.sched.Now()) {
		return f.waitFailed(err, deadline)
	}
	return nil
}
