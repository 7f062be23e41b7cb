package gevent

import (
	"net"
	"os"
	"syscall"
	"time"
)

// An attempt is a socket of a race that is to be connected. Until it is, what the poller tells of it comes here.
type attempt struct {
	race  *race
	conn  *TCPConn
	place int           // how many began before it
	until time.Duration // when it is given up, though the race goes on
}

// attempt begins to connect to an address.
func (r *race) attempt(to *net.TCPAddr, place int) (*attempt, error) {
	sysfd, started, err := connect(r.local, to, r.control(to))
	if err != nil {
		return nil, err
	}
	c, err := openTCPConn(r.hub, sysfd, to)
	if err != nil {
		return nil, err
	}
	a := &attempt{race: r, conn: c, place: place}
	c.fd.r.ready, c.fd.w.ready = !started, !started
	c.fd.watcher.Owner = a
	return a, nil
}

// control returns what is to be done to a socket before it is connected, nil if that is nothing.
func (r *race) control(to *net.TCPAddr) func(sysfd int) error {
	fn := r.dialer.Control
	if fn == nil {
		return nil
	}
	network := "tcp6"
	if isIPv4(to) {
		network = "tcp4"
	}
	return func(sysfd int) error { return fn(network, to.String(), rawSocket(sysfd)) }
}

// event takes note of what the poller reports, and has the dialler look.
func (a *attempt) event(m mode) {
	a.conn.fd.event(m)
	a.race.land()
}

// settled reports whether it is known what becomes of the attempt.
func (a *attempt) settled() bool {
	return a.conn.fd.w.ready || a.until <= a.race.hub.sched.Now()
}

// settle makes the attempt's socket a connection, or tells why it is none.
func (a *attempt) settle() error {
	c := a.conn
	f := &c.fd
	if !f.w.ready {
		return errTimeUp
	}
	if err := connected(int(f.sysfd)); err != nil {
		return err
	}
	c.local = localAddr(int(f.sysfd))
	if a.isItself() {
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	tune(int(f.sysfd), keepAlive(a.race.dialer.KeepAlive, a.race.dialer.KeepAliveConfig))
	f.watcher.Owner = f
	f.r.ready = true // and hup stays: the peer may have sent and closed already
	return nil
}

// isItself reports whether the connection is to itself: nobody listens there, but the kernel chose that very port for our
// end, and TCP lets an end connect to itself. Who has asked for the port has asked for that.
func (a *attempt) isItself() bool {
	if l := a.race.local; l != nil && l.Port != 0 {
		return false
	}
	local, ok := a.conn.local.(*net.TCPAddr)
	to := a.conn.remote.(*net.TCPAddr)
	return ok && local.Port == to.Port && local.IP.Equal(to.IP)
}
