//go:build unix

package netpoll

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var (
	_ backend = (*poll)(nil)
	_ rearmer = (*poll)(nil)
)

// errAlwaysReady is for fds that poll(2) calls ready whatever their state, and that epoll refuses.
var errAlwaysReady = fmt.Errorf("files and directories are always ready, and not watched: %w", unix.EPERM)

// poll is the reference, on every Unix: poll(2), slow with many fds and plain to see through. It knows levels only, so a mode that was
// reported is no longer asked for until Arm.
type poll struct {
	*registry
	pipe   waker
	fds    []unix.PollFd // [0] the pipe's; [1+index] a watcher's, with a negative fd while nothing is asked of it
	slots  []pollSlot    // [1+index], beside fds
	cursor int           // where the next scan begins, so that a small batch starves no one
}

type pollSlot struct {
	fd    int32
	armed Mode  // what has not been reported since it was last armed
	token token // valid while registered
}

func openPoll(r *registry) (backend, error) {
	pipe, err := openWakePipe()
	if err != nil {
		return nil, err
	}
	return &poll{
		registry: r,
		pipe:     pipe,
		fds:      []unix.PollFd{{Fd: int32(pipe.fd()), Events: unix.POLLIN}},
		slots:    make([]pollSlot, 1),
		cursor:   1,
	}, nil
}

// add asks about fd itself, since poll(2) has no call that would.
func (p *poll) add(fd int, t token) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if kind := st.Mode & unix.S_IFMT; kind == unix.S_IFREG || kind == unix.S_IFDIR {
		return errAlwaysReady
	}
	i := int(t.index()) + 1
	for len(p.fds) <= i {
		p.fds = append(p.fds, unix.PollFd{Fd: -1})
		p.slots = append(p.slots, pollSlot{})
	}
	p.slots[i] = pollSlot{fd: int32(fd), token: t}
	p.arm(t, everyMode)
	return nil
}

func (p *poll) remove(_ int, t token) error {
	i := t.index() + 1
	fd := p.slots[i].fd
	p.slots[i], p.fds[i] = pollSlot{}, unix.PollFd{Fd: -1}
	// As the kernel does in the other backends: tell the owner that closed it too early.
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return os.NewSyscallError("fcntl", err)
}

func (p *poll) arm(t token, m Mode) {
	i := int(t.index()) + 1
	p.ask(i, p.slots[i].armed|m&everyMode)
}

// ask sets what is asked of a slot. With nothing to ask the fd must go too: poll(2) reports errors and hang-ups unasked, each time.
func (p *poll) ask(i int, armed Mode) {
	s := &p.slots[i]
	s.armed = armed
	p.fds[i] = unix.PollFd{Fd: -1}
	if armed == 0 {
		return
	}
	p.fds[i].Fd = s.fd
	if armed&Readable != 0 {
		p.fds[i].Events |= unix.POLLIN
	}
	if armed&Writable != 0 {
		p.fds[i].Events |= unix.POLLOUT
	}
	if armed&Hangup != 0 {
		p.fds[i].Events |= pollHalfClosed
	}
}

func (p *poll) wait(timeout time.Duration) error {
	n, err := unix.Poll(p.fds, milliseconds(timeout))
	if err == unix.EINTR {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("poll", err)
	}
	if p.fds[0].Revents != 0 {
		n--
		if err := p.pipe.drain(); err != nil {
			return err
		}
		p.report(wakeToken, 0)
	}
	for range len(p.fds) - 1 {
		if n == 0 || len(p.batch) == p.room() {
			break
		}
		if p.cursor >= len(p.fds) {
			p.cursor = 1
		}
		if ready := p.mode(p.cursor); ready != 0 {
			n--
			p.ask(p.cursor, p.slots[p.cursor].armed&^ready)
			p.report(p.slots[p.cursor].token, ready)
		}
		p.cursor++
	}
	return nil
}

// mode translates what the kernel returned for a slot.
func (p *poll) mode(i int) Mode {
	got := p.fds[i].Revents
	if got&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0 {
		return everyMode
	}
	var m Mode
	if got&unix.POLLIN != 0 {
		m |= Readable
	}
	if got&unix.POLLOUT != 0 {
		m |= Writable
	}
	if got&pollHalfClosed != 0 {
		m |= Readable | Hangup
	}
	return m
}

func (p *poll) wake() error  { return p.pipe.signal() }
func (p *poll) close() error { return p.pipe.close() }
func (p *poll) fd() int      { return -1 }
func (p *poll) name() string { return "poll" }
