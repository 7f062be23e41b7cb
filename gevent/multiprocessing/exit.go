package multiprocessing

import (
	"os/exec"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// An exit is how the end of a process is noticed: by its descriptor in the hub's poller (Linux's pidfd), or else by a
// goroutine that waits for it. The process is reaped by whoever sees it first.
type exit struct {
	cmd    *exec.Cmd
	over   bool // it has ended and is reaped
	pidfd  int  // -1: a goroutine waits
	told   gevent.SharedEvent
	reaped atomic.Bool // by the goroutine
}

func (e *exit) begin(cmd *exec.Cmd) {
	e.cmd, e.pidfd = cmd, -1
	if sysfd, ok := openPidfd(cmd.Process); ok {
		if w, err := gevent.WatchFd(sysfd); err == nil {
			_ = w.Close()
			e.pidfd = sysfd
			return
		}
		_ = sysClose(sysfd)
	}
	go e.reap()
}

func (e *exit) reap() {
	_ = e.cmd.Wait() // the state says it all
	e.reaped.Store(true)
	e.told.Set()
}

// wait waits until the process may have ended, for no longer than d.
func (e *exit) wait(d time.Duration) (err error) {
	if e.pidfd >= 0 {
		err = gevent.WaitReadTimeout(e.pidfd, d)
	} else {
		err = e.told.WaitTimeout(d)
	}
	e.look()
	return err
}

// linger is wait while the hub is ending, when goroutines cannot reach it any more.
func (e *exit) linger(d time.Duration) error {
	if e.pidfd >= 0 {
		return e.wait(d)
	}
	for pause := time.Millisecond; !e.look(); pause = min(2*pause, 16*time.Millisecond) {
		if d -= pause; d <= 0 {
			return gevent.ErrTimeout
		}
		_ = gevent.Sleep(pause)
	}
	return nil
}

// look asks the system whether the process has ended, and reaps it.
func (e *exit) look() bool {
	switch {
	case e.over:
	case e.pidfd < 0:
		e.over = e.reaped.Load()
	case pidfdExited(e.pidfd):
		_ = e.cmd.Wait() // the state says it all
		e.over = true
	}
	return e.over
}

// end closes what nobody waits at any more. If the process is not over, a goroutine reaps it.
func (e *exit) end() {
	if e.pidfd >= 0 {
		_ = sysClose(e.pidfd)
		e.pidfd = -1
		if !e.over {
			go e.reap()
		}
	}
}
