package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"greenloop/bench/internal/loadresult"
	"greenloop/bench/internal/usage"
)

// greeted is how many connections wait for their first echo at a time: fewer
// than a listener's backlog, so that no connection request is dropped and
// repeated a second later.
const greeted = 128

// loop is the generator: its connections and the epoll instance they wait in.
type loop struct {
	plan  plan
	epfd  int
	conns []conn
	start time.Time

	messages int64
	latency  histogram
}

// connect makes all connections and has each answered once.
func connect(p plan) (*loop, error) {
	addrs, err := resolve(p.addr)
	if err != nil {
		return nil, err
	}
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	l := &loop{plan: p, epfd: epfd, start: time.Now()}
	l.conns = make([]conn, 0, p.conns)
	for len(l.conns) < p.conns {
		if err := l.connectSome(addrs, min(greeted, p.conns-len(l.conns))); err != nil {
			l.close()
			return nil, err
		}
	}
	return l, nil
}

// resolve reads the servers' addresses.
func resolve(list string) ([]*net.TCPAddr, error) {
	var addrs []*net.TCPAddr
	for one := range strings.SplitSeq(list, ",") {
		addr, err := net.ResolveTCPAddr("tcp4", one)
		if err != nil {
			return nil, err
		}
		addrs = append(addrs, addr)
	}
	return addrs, nil
}

// connectSome makes n more connections, to each address in turn.
func (l *loop) connectSome(addrs []*net.TCPAddr, n int) error {
	first := len(l.conns)
	for i := first; i < first+n; i++ {
		fd, err := dial(addrs[i%len(addrs)], i)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		l.conns = append(l.conns, newConn(l.plan, i, fd))
		if err := l.conns[i].greet(); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	for i := first; i < first+n; i++ {
		if err := l.conns[i].welcome(); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		// The event's data, called Fd here, is ours to choose: the index.
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET, Fd: int32(i)}
		if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, l.conns[i].fd, &event); err != nil {
			return fmt.Errorf("connection %d: epoll_ctl: %w", i, err)
		}
	}
	return nil
}

// measure runs the load: the warm-up, then what counts.
func (l *loop) measure(announce io.Writer) (loadresult.Result, error) {
	for i := range l.conns {
		if err := l.conns[i].begin(l.now()); err != nil {
			return loadresult.Result{}, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	if err := l.runUntil(l.now() + l.plan.warmup); err != nil {
		return loadresult.Result{}, err
	}
	if _, err := fmt.Fprintln(announce, loadresult.Measuring); err != nil {
		return loadresult.Result{}, err
	}
	l.messages, l.latency = 0, histogram{}
	before, err := l.used()
	if err != nil {
		return loadresult.Result{}, err
	}
	began := l.now()
	if err := l.runUntil(began + l.plan.duration); err != nil {
		return loadresult.Result{}, err
	}
	elapsed := l.now() - began
	after, err := l.used()
	if err != nil {
		return loadresult.Result{}, err
	}
	return loadresult.Result{
		Messages:   l.messages,
		Elapsed:    elapsed,
		PerSecond:  float64(l.messages) / elapsed.Seconds(),
		Latency:    l.latency.summary(),
		ClientCPU:  (after.client - before.client).Seconds() / elapsed.Seconds(),
		ServerCPU:  after.server - before.server,
		ServerUser: after.serverUser - before.serverUser,
	}, nil
}

// used is CPU time used so far.
type used struct{ client, server, serverUser time.Duration }

// used reads the clocks of both sides, next to each other and to the count of messages: one is divided by the other.
func (l *loop) used() (u used, err error) {
	self, err := usage.Self()
	if err != nil {
		return used{}, err
	}
	u.client = self.Total()
	if l.plan.pid == 0 {
		return u, nil
	}
	if u.serverUser, err = usage.ProcessUser(l.plan.pid); err != nil {
		return used{}, err
	}
	u.server, err = usage.Process(l.plan.pid)
	return u, err
}

func (l *loop) runUntil(end time.Duration) error {
	events := make([]unix.EpollEvent, 256)
	for left := end - l.now(); left > 0; left = end - l.now() {
		n, errno := rawEpollWait(l.epfd, events, left)
		if errno != 0 && errno != unix.EINTR {
			return fmt.Errorf("epoll_pwait: %w", errno)
		}
		for i := range n {
			if err := l.serve(&l.conns[events[i].Fd]); err != nil {
				return fmt.Errorf("connection %d: %w", events[i].Fd, err)
			}
		}
	}
	return nil
}

// serve goes on with one connection's batch, and begins the next when it is back.
func (l *loop) serve(c *conn) error {
	if c.sent < len(c.out) {
		if err := c.write(); err != nil {
			return err
		}
	}
	complete, err := c.read()
	if err != nil || !complete {
		return err
	}
	now := l.now()
	l.messages += int64(l.plan.pipeline)
	l.latency.record(now - c.sentAt)
	return c.begin(now)
}

// now is the time since the start, cheaper to read than the time of day.
func (l *loop) now() time.Duration { return time.Since(l.start) }

// close hangs up. Nothing is left to do about an error here.
func (l *loop) close() {
	for i := range l.conns {
		_ = unix.Close(l.conns[i].fd)
	}
	_ = unix.Close(l.epfd)
}
