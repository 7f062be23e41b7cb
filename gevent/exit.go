package gevent

import (
	"os/exec"
	"time"

	"greenloop/sched"
)

// A processExit is how the end of a process is noticed: by a descriptor of the process in the hub's poller (Linux's
// pidfd), or else by a goroutine that waits for it. Both see that one process alone: no hub takes away what another one
// waits for.
type processExit struct {
	inner  *exec.Cmd
	over   bool // it has ended and is reaped
	err    error
	polled bool // else a goroutine waits
	pidfd  fd
	ended  sched.WaitQueue
}

var toExit sched.Reason = sched.Why("end of a process")

func (e *processExit) begin(h *Hub, inner *exec.Cmd) {
	e.inner = inner
	if h.poll != nil {
		if sysfd, ok := openPidfd(inner.Process); ok && h.register(&e.pidfd, sysfd) == nil {
			e.polled = true
			return
		}
	}
	release := h.Hold()
	go func() {
		defer release()
		err := inner.Wait()
		h.Post(func() {
			e.over, e.err = true, err
			e.ended.WakeAll()
		})
	}()
}

// wait parks the conductor until the process has ended, or the deadline, and reports whether it has. It may return
// early, with nothing to tell: nobody but the deadline can end the conductor's wait.
func (e *processExit) wait(h *Hub, deadline time.Duration) (over bool) {
	if !e.polled {
		_ = e.ended.WaitUntil(h.sched, toExit, deadline)
		return e.over
	}
	if pidfdExited(int(e.pidfd.sysfd)) {
		e.over, e.err = true, e.inner.Wait()
		_ = e.pidfd.close()
		return true
	}
	until := int64(0)
	if deadline != sched.Never {
		until = int64(deadline)
	}
	e.pidfd.r.deadline.Store(until)
	_ = e.pidfd.wait(&e.pidfd.r, readable, toExit)
	return false
}

// leave has the process reaped by somebody else, when the hub ends.
func (e *processExit) leave() {
	if e.polled && !e.over {
		_ = e.pidfd.close()
		go func() { _ = e.inner.Wait() }()
	}
}
