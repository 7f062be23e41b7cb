package gevent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"greenloop/sched"
)

// This file is a command's life from its start to its end, which a task of its own sees to: the conductor.

// exitOf is a command as the reason of those who wait for it.
type exitOf Cmd

func (c *exitOf) String() string { return "end of " + (*Cmd)(c).title() }

func (c *Cmd) title() string { return fmt.Sprintf("%s (process %d)", filepath.Base(c.Path), c.Pid()) }

// Start starts the command and does not wait. Its error says why there is no process then: the program was not found,
// or could not be executed, or the context is done. Hub thread only.
func (c *Cmd) Start() error { return c.start(c.at("Cmd.Start")) }

func (c *Cmd) start(h *Hub) (err error) {
	if c.started {
		return errors.New("gevent: command already started")
	}
	c.started = true
	defer func() {
		c.copies.closeTheirs()
		if err != nil {
			c.copies.closeOurs(true)
			c.done, c.err = true, err
		}
	}()
	switch {
	case c.Err != nil:
		return c.Err
	case c.Cancel != nil && c.ctx == nil:
		return errors.New("gevent: a command with Cancel set needs a context, make it with CommandContext")
	case c.ctx != nil && c.ctx.Err() != nil:
		return c.ctx.Err()
	}
	if c.inner == nil {
		c.inner, c.cutAt = new(exec.Cmd), sched.Never
	}
	in := c.inner
	in.Path, in.Args, in.Env, in.Dir, in.ExtraFiles, in.SysProcAttr = c.Path, c.Args, c.Env, c.Dir, c.ExtraFiles, c.SysProcAttr
	if err := c.connect(h); err != nil {
		return err
	}
	if err := in.Start(); err != nil {
		return err
	}
	c.Process = in.Process
	c.exit.begin(h, in)
	if c.ctx != nil { // first: while the hub ends the conductor is over at once, and takes this back
		c.uncancel = context.AfterFunc(c.ctx, func() { h.Post(c.cancel) })
	}
	c.conductor = h.sched.Spawn(c.title(), c.conduct)
	c.conductor.OnDone(c.orphaned)
	c.copies.begin(h, c.conductor)
	return nil
}

// cancel is what happens when the context is done.
func (c *Cmd) cancel() {
	if c.done {
		return
	}
	c.cancelled = true
	if c.WaitDelay > 0 {
		c.cutAt = c.hub.sched.After(c.WaitDelay)
	}
	c.hub.sched.Ready(c.conductor)
	if c.Cancel != nil && c.ProcessState == nil {
		c.cancelErr = c.Cancel()
	}
}

// abort ends what nobody wants any more, and waits for the end, unless a kill ends that wait, too. A scope that is over
// would do so at once, hence the shield; but not for a process that may not be killed and lives as long as it likes.
func (c *Cmd) abort(h *Hub) {
	if c.done {
		return
	}
	c.aborted = true
	err := c.Process.Kill()
	h.sched.Ready(c.conductor)
	if err == nil || errors.Is(err, os.ErrProcessDone) {
		defer h.sched.Shield(h.sched.Shield(true))
	}
	for !c.done && c.waiters.Wait(h.sched, (*exitOf)(c)) == nil {
	}
}

// conduct waits for the end of the process, then for that of the copying, each as long as there is patience.
func (c *Cmd) conduct() {
	h := c.hub
	for !c.exit.over {
		if !c.exit.wait(h, c.cutAt) && c.cutAt <= h.sched.Now() {
			c.cutAt = sched.Never
			c.aborted = true
			_ = c.Process.Kill()
		}
	}
	c.ProcessState = c.inner.ProcessState
	c.copies.stopFeeding()
	patience := c.cutAt
	if patience == sched.Never && c.WaitDelay > 0 {
		patience = h.sched.After(c.WaitDelay)
	}
	for c.copies.running > 0 {
		if c.aborted || c.cancelled && c.WaitDelay == 0 || patience <= h.sched.Now() {
			c.copies.cut(h)
			break
		}
		_ = h.sched.ParkUntil(toCopy, patience) // only the deadline ends it: nobody else has the conductor
	}
	c.finish(c.outcome())
}

// outcome is what Wait returns.
func (c *Cmd) outcome() error {
	err := c.exit.err
	if exited := new(ExitError); c.stderrHead != nil && errors.As(err, &exited) {
		exited.Stderr = c.stderrHead.kept
	}
	switch {
	case c.cancelled && !errors.Is(c.cancelErr, os.ErrProcessDone):
		return errors.Join(c.ctx.Err(), c.cancelErr, err)
	case err != nil:
		return err
	case c.copies.err != nil:
		return c.copies.err
	case c.copies.wasCut && !c.aborted:
		return ErrWaitDelay
	}
	return nil
}

func (c *Cmd) finish(err error) {
	if c.uncancel != nil {
		c.uncancel()
	}
	c.copies.closeOurs(c.aborted)
	c.done, c.err = true, err
	c.waiters.WakeAll()
	c.watchers.tell()
}

// orphaned is called when the conductor is over. If it was not its own end, the hub is ending, and the process, which
// may live on, is reaped by a goroutine.
func (c *Cmd) orphaned() {
	if !c.done {
		if c.owned {
			_ = c.Process.Kill()
		}
		c.exit.leave()
		c.finish(ErrExit)
	}
}

// An outputHead keeps the beginning of what is written to it.
type outputHead struct{ kept []byte }

const maxHead = 32 << 10

func (w *outputHead) Write(b []byte) (int, error) {
	w.kept = append(w.kept, b[:min(len(b), maxHead-len(w.kept))]...)
	return len(b), nil
}

// exitCode is the status of a process, or -N if it ended by signal N.
func exitCode(p *os.ProcessState) int {
	if status, ok := p.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -int(status.Signal())
	}
	return p.ExitCode()
}
