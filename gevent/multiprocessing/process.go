package multiprocessing

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A Process is a target that runs, will run or has run in a process of its own. Target.Process makes it. It is a
// gevent.Waitable, ready when it has ended. It belongs to the hub that has started it, and all its methods are for that
// hub's thread.
//
// When the main function of that hub returns, its daemonic processes are terminated, and the others are waited for. Only
// then are the hub's connections closed: close your ends of pipes before the main function returns, or a child that waits
// for such an end waits for ever.
type Process struct {
	waitable // its end

	target   string
	encode   func(*transfer) ([]byte, error)
	identity string // "1:2" for the second child of the first child
	name     string
	daemon   bool
	children atomic.Int64 // made so far; of the current process only

	hub      *gevent.Hub // that has started it
	state    state
	exit     exit
	ended    gevent.Event
	lifeline *os.File // at its other end the child sees that we are there
	closed   bool
}

type state int

const (
	fresh state = iota
	starting
	started
	current // it is ourselves
)

// newProcess returns a process that is not started, the next child of the current one.
func newProcess(target string, encode func(*transfer) ([]byte, error)) *Process {
	n := self.children.Add(1)
	p := &Process{target: target, encode: encode, identity: fmt.Sprint(n)}
	if self.identity != "" {
		p.identity = self.identity + ":" + p.identity
	}
	p.name = "Process-" + p.identity
	p.waitable = &p.ended
	return p
}

// Start starts the process. Its error says why there is none then: ErrNoMain, ErrDaemon, ErrStarted, that of the
// system, that of the encoding of the arguments, ErrLocked or ErrMoved for a handle in them; or it was thrown at the
// greenlet. Then the handles are ours still, and Start may be called again. Otherwise they are moved to the child. The
// thread is blocked until the program is loaded, about a millisecond. Parks. Hub thread only.
func (p *Process) Start() error {
	switch {
	case p.closed:
		return ErrClosed
	case p.state == current:
		return errSelf
	case p.state != fresh:
		return ErrStarted
	case !supported:
		return fmt.Errorf("mp: processes: %w", errors.ErrUnsupported)
	case !mainCalled.Load():
		return ErrNoMain
	case self.daemon:
		return ErrDaemon
	}
	hubOf("the start of a process")
	l := &launch{process: p}
	if err := l.prepare(); err != nil {
		return err
	}
	p.ended.Clear() // from now on it belongs to this hub
	p.state = starting
	defer func() { // also if we are killed
		l.forsaken = true
		if !l.launched {
			p.state = fresh
			l.with.settle(false)
		}
	}()
	keeper := gevent.SpawnNamed(p.name, l.keep)
	if _, err := gevent.WaitCount(1, keeper, &l.over); err != nil && !l.launched {
		return err
	}
	if !l.launched && l.err == nil {
		return errHubEnds
	}
	return l.err
}

// Join waits until the process has ended, however it did; how, ExitCode and Err tell. Its error is ErrNotStarted,
// ErrClosed, or one thrown at the greenlet; the process lives on then. Parks. Hub thread only.
func (p *Process) Join() error {
	if err := p.usable(); err != nil {
		return err
	}
	return p.ended.Wait()
}

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (p *Process) JoinTimeout(d time.Duration) error {
	if err := p.usable(); err != nil {
		return err
	}
	p.look()
	return p.ended.WaitTimeout(d)
}

// JoinAll waits until all the processes have ended, and returns the first Err of theirs, in the order of the arguments;
// or the error of a Join, at once. Parks. Hub thread only.
func JoinAll(ps ...*Process) error {
	for _, p := range ps {
		if err := p.Join(); err != nil {
			return err
		}
	}
	for _, p := range ps {
		if err := p.Err(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (p *Process) usable() error {
	switch {
	case p.closed:
		return ErrClosed
	case p.state == current:
		return errSelf
	case p.state != started:
		return ErrNotStarted
	}
	return nil
}

// IsAlive reports whether the process runs. It asks the system. Hub thread only.
func (p *Process) IsAlive() bool {
	p.mustBeOpen("IsAlive")
	p.look()
	return p.state == current || p.state == started && !p.exit.over
}

// ExitCode returns the status with which the process exited, or -N if signal N ended it, and whether it has ended: 0
// for a target that returned nil, 1 for one that returned an error or panicked, n for an ExitStatus or os.Exit. It is 255
// if somebody else has reaped the process, see Err. It asks the system, and needs no Join. Hub thread only.
func (p *Process) ExitCode() (code int, ended bool) {
	p.mustBeOpen("ExitCode")
	p.look()
	if !p.exit.over {
		return 0, false
	}
	return exitCode(p.exit.cmd.ProcessState), true
}

// Err returns nil for a process that has not ended or that succeeded, a *gevent.ExitError for any other. If the program
// ignores SIGCHLD, or reaps all its children with a wait4 of its own, nobody knows how they have ended: the error says
// so then. It asks the system, as ExitCode does. Hub thread only.
func (p *Process) Err() error {
	p.mustBeOpen("Err")
	p.look()
	switch {
	case !p.exit.over:
		return nil
	case p.exit.cmd.ProcessState == nil:
		return errReaped
	case p.exit.cmd.ProcessState.Success():
		return nil
	}
	return &exec.ExitError{ProcessState: p.exit.cmd.ProcessState}
}

// Ready reports whether the process has ended. Hub thread only.
func (p *Process) Ready() bool {
	p.look()
	return p.ended.IsSet()
}

// Sentinel returns the process as what one can wait for, in Wait and in gevent.Wait: it is ready when it has ended. It
// panics before Start. Hub thread only.
func (p *Process) Sentinel() gevent.Waitable {
	if err := p.usable(); err != nil {
		panic("mp: Sentinel: " + err.Error())
	}
	return p
}

// Terminate asks the process to end, by SIGTERM. It does nothing to one that has ended. Hub thread only.
func (p *Process) Terminate() error { return p.signal(terminate) }

// Kill ends the process, by SIGKILL. It does nothing to one that has ended. Hub thread only.
func (p *Process) Kill() error { return p.signal((*os.Process).Kill) }

func (p *Process) signal(how func(*os.Process) error) error {
	if err := p.usable(); err != nil {
		return err
	}
	if err := how(p.exit.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// Close lets go of the process: all that asks for its state fails from then on, with ErrClosed or a panic. One that is
// alive is not closed, the error is ErrAlive. A second Close does nothing. Hub thread only.
func (p *Process) Close() error {
	switch {
	case p.closed:
		return nil
	case p.state == current:
		return errSelf
	case p.state == starting || p.IsAlive():
		return ErrAlive
	}
	p.closed = true
	return nil
}

func (p *Process) mustBeOpen(call string) {
	if p.closed {
		panic("mp: " + call + " of a Process that was closed")
	}
}

// PID returns the number of the process, 0 before Start. Hub thread only.
func (p *Process) PID() int {
	p.mustBeOpen("PID")
	switch {
	case p.state == current:
		return os.Getpid()
	case p.state == started:
		return p.exit.cmd.Process.Pid
	}
	return 0
}

// Name returns the name, Process-N for the Nth process made here, Process-N:M in turn for its children. Hub thread
// only.
func (p *Process) Name() string { return p.name }

// SetName sets the name, which the process itself sees only if it is set before Start. Hub thread only.
func (p *Process) SetName(name string) { p.name = name }

// Daemon reports whether the process is daemonic. Hub thread only.
func (p *Process) Daemon() bool { return p.daemon }

// SetDaemon makes the process daemonic, or not: a daemonic one ends with its parent, in whatever way that ends, and may
// not have children of its own. It panics after Start. Hub thread only.
func (p *Process) SetDaemon(on bool) {
	if p.state != fresh {
		panic("mp: SetDaemon of a process that was started")
	}
	p.daemon = on
}

// String returns name and number.
func (p *Process) String() string {
	if p.state == started {
		return fmt.Sprintf("%s (process %d)", p.name, p.exit.cmd.Process.Pid)
	}
	return p.name
}

// unknownExit is the exit code of a process that somebody else has reaped.
const unknownExit = 255

// exitCode is the status of a process, or -N if it ended by signal N.
func exitCode(s *os.ProcessState) int {
	if s == nil {
		return unknownExit
	}
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -int(status.Signal())
	}
	return s.ExitCode()
}
