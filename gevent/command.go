package gevent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"greenloop/sched"
)

// An ExitError is what a command ended with that did not succeed: it exited with another status than 0, or by a signal.
type ExitError = exec.ExitError

// ErrWaitDelay is returned for a command that succeeded, but whose output something else held open for longer than its
// WaitDelay.
var ErrWaitDelay = exec.ErrWaitDelay

// A Cmd is a program to be run, or one that runs, in a process of its own: package os/exec's Cmd for greenlets. Set its
// fields, then call Run or Start. It must not be copied or used twice.
//
// Only the greenlet that waits for it waits. Three promises go beyond os/exec: its end is noticed and its process
// reaped whether or not somebody calls Wait, which any number of greenlets may, again and again; the output that
// StdoutPipe brings is not cut off by Wait; and who is killed, timed out or canceled inside Run leaves no process
// behind.
//
// Several hubs do not see each other's processes. When a hub ends, a process that was started and not waited for lives
// on, without its pipes; it is still reaped. Starting one blocks the hub's thread until the new program is loaded
// (about a millisecond), and no other goroutine of the process can start one at that time (syscall.ForkLock); it never
// runs any Go code of ours. As long as a process runs, the hub takes no state for a deadlock.
//
// Where hubs have no poller (Windows, a Poller of one's own) package os/exec copies, on goroutines: there, what is read
// and written must be safe for that, pipes are refused, and only WaitDelay bounds how long others hold on to the
// output.
type Cmd struct {
	Path string   // of the program
	Args []string // its name, then its arguments
	Env  []string // nil: that of this process
	Dir  string   // "": that of this process

	// Stdin is what the program reads: from /dev/null if it is nil, straight from an *os.File or a *File, else from a
	// pipe into which a greenlet copies. That greenlet is killed when the process has ended, even inside a Read.
	Stdin io.Reader
	// Stdout and Stderr are where the program writes to: to /dev/null if nil, straight to an *os.File or a *File, else
	// to a pipe from which a greenlet copies. If they are equal, it is one pipe, and what comes keeps its order.
	Stdout, Stderr io.Writer

	ExtraFiles  []*os.File           // descriptors 3 and up of the program, which gets no other ones
	SysProcAttr *syscall.SysProcAttr // for the system

	// Process is set by Start. Its Signal and Kill may be called from any goroutine, its Wait and Release must not.
	Process *os.Process
	// ProcessState is set once the process has ended.
	ProcessState *os.ProcessState
	// Err is why the program was not found, if so; Start returns it.
	Err error

	// Cancel is called, in a task of its own, when the context of CommandContext is done; it kills the process unless
	// it is set to something else, such as a function that asks the program to end. What it returns, other than
	// os.ErrProcessDone, is part of the error of Wait.
	Cancel func() error
	// WaitDelay, if not 0, is how long after the end of the context the process may live, and how long after its own
	// end others may hold on to its output. Then the process is killed, and the pipes are closed with what is in them
	// read. If it is 0, the process may live until Cancel has ended it, and others may hold on to its output for ever,
	// except after a kill, a timeout or the end of the context.
	WaitDelay time.Duration

	home
	ctx        context.Context
	inner      *exec.Cmd // starts the process, no more, where hubs have a poller
	started    bool
	exit       processExit
	conductor  *sched.Task
	copies     copies
	owned      bool          // inside Run: the process must not outlive that
	aborted    bool          // nobody wants it any more: no patience
	cancelled  bool          // by the context
	cancelErr  error         // of Cancel
	cutAt      time.Duration // after the end of the context: how long to be patient
	uncancel   func() bool
	done       bool
	err        error
	waiters    sched.WaitQueue
	watchers   observers
	stderrHead *outputHead
}

// Command returns a command that runs the program name with the arguments. The program is looked for as by
// exec.LookPath; if it is not found, Start says so. Safe from any goroutine.
func Command(name string, arg ...string) *Cmd {
	inner := exec.Command(name, arg...)
	return &Cmd{Path: inner.Path, Args: inner.Args, Err: inner.Err, inner: inner, cutAt: sched.Never}
}

// CommandContext is Command for a process that is killed, or what Cancel does, when ctx is done. The error of Wait is
// then also that of ctx. Safe from any goroutine.
func CommandContext(ctx context.Context, name string, arg ...string) *Cmd {
	if ctx == nil {
		panic("gevent: CommandContext of a nil context")
	}
	c := Command(name, arg...)
	c.ctx = ctx
	c.Cancel = func() error { return c.Process.Kill() }
	return c
}

// Run starts the command and waits until it has ended and its output is copied. The error is as that of Start and Wait.
// If the wait is ended by an error thrown at the greenlet or of its scope, or by a kill, the process is killed first, and
// waited for. Parks. Hub thread only.
func (c *Cmd) Run() error { return c.run(c.at("Cmd.Run"), sched.Never) }

// RunTimeout is Run that waits no longer than d: then the process is killed, and it returns ErrTimeout, even if a
// process that it started holds on to the output. What was written until then is in Stdout and Stderr. Parks. Hub
// thread only.
func (c *Cmd) RunTimeout(d time.Duration) error {
	h := c.at("Cmd.RunTimeout")
	return c.run(h, h.sched.After(d))
}

func (c *Cmd) run(h *Hub, deadline time.Duration) error {
	c.owned = true
	if err := c.start(h); err != nil {
		return err
	}
	defer c.abort(h) // unless it is over; also if we are killed
	return c.waitUntil(h, deadline)
}

// Output is Run that returns what the program wrote to its standard output. Unless Stderr is set, the beginning of what
// it wrote there is in the Stderr field of an ExitError. Parks. Hub thread only.
func (c *Cmd) Output() ([]byte, error) { return c.output(c.at("Cmd.Output"), sched.Never) }

// OutputTimeout is Output that waits no longer than d: then the process is killed, and it returns what was written until
// then and ErrTimeout. Parks. Hub thread only.
func (c *Cmd) OutputTimeout(d time.Duration) ([]byte, error) {
	h := c.at("Cmd.OutputTimeout")
	return c.output(h, h.sched.After(d))
}

func (c *Cmd) output(h *Hub, deadline time.Duration) ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("gevent: Stdout already set")
	}
	var out bytes.Buffer
	c.Stdout = &out
	if c.Stderr == nil {
		c.stderrHead = new(outputHead)
		c.Stderr = c.stderrHead
	}
	err := c.run(h, deadline)
	return out.Bytes(), err
}

// CombinedOutput is Run that returns what the program wrote to its standard output and standard error, in that order in
// which it did. Parks. Hub thread only.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	return c.combined(c.at("Cmd.CombinedOutput"), sched.Never)
}

// CombinedOutputTimeout is CombinedOutput that waits no longer than d, as OutputTimeout does. Parks. Hub thread only.
func (c *Cmd) CombinedOutputTimeout(d time.Duration) ([]byte, error) {
	h := c.at("Cmd.CombinedOutputTimeout")
	return c.combined(h, h.sched.After(d))
}

func (c *Cmd) combined(h *Hub, deadline time.Duration) ([]byte, error) {
	if c.Stdout != nil || c.Stderr != nil {
		return nil, errors.New("gevent: Stdout or Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.run(h, deadline)
	return out.Bytes(), err
}

// Wait waits until the process has ended and its output is copied. It returns nil if the program succeeded, an
// *ExitError if not, else what went wrong with copying, or ErrWaitDelay; after the end of the context an error that is
// also that of the context. To each greenlet that waits, again and again, it says the same. It ends early with an error
// thrown at the greenlet; the process lives on then. Parks. Hub thread only.
func (c *Cmd) Wait() error { return c.waitUntil(c.at("Cmd.Wait"), sched.Never) }

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then, while the process lives on. With a d of
// zero or less it still lets all run that is ready. Parks. Hub thread only.
func (c *Cmd) WaitTimeout(d time.Duration) error {
	h := c.at("Cmd.WaitTimeout")
	if d <= 0 && !c.done {
		h.sched.Yield()
	}
	return c.waitUntil(h, h.sched.After(d))
}

// TryWait reports whether the command is over, and if so what Wait returns. Hub thread only.
func (c *Cmd) TryWait() (over bool, err error) {
	c.at("Cmd.TryWait")
	if !c.done {
		return false, nil
	}
	return true, c.err
}

func (c *Cmd) waitUntil(h *Hub, deadline time.Duration) error {
	if !c.started {
		return errors.New("gevent: command not started")
	}
	for !c.done { // somebody else may make us ready
		if err := c.waiters.WaitUntil(h.sched, (*exitOf)(c), deadline); err != nil {
			return err
		}
	}
	return c.err
}

// ExitCode returns the status with which the process exited, or -N if signal N ended it, and whether it has ended. Hub
// thread only.
func (c *Cmd) ExitCode() (code int, ended bool) {
	if c.ProcessState == nil {
		return 0, false
	}
	return exitCode(c.ProcessState), true
}

// Pid returns the number of the process, 0 before Start. Safe from any goroutine after Start.
func (c *Cmd) Pid() int {
	if c.Process == nil {
		return 0
	}
	return c.Process.Pid
}

// String returns the command for people, not for a shell. Safe from any goroutine.
func (c *Cmd) String() string { return (&exec.Cmd{Path: c.Path, Args: c.Args}).String() }

// Ready reports whether the command is over, so that Wait would return at once. Hub thread only.
func (c *Cmd) Ready() bool { return c.done }

func (c *Cmd) observe(o *observer) {
	c.watchers.add(o)
	if c.done {
		c.watchers.tell()
	}
}

func (c *Cmd) ignore(o *observer) { c.watchers.remove(o) }
