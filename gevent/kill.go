package gevent

import "time"

// Kill ends the greenlet and waits until it has ended. It ends as by runtime.Goexit, inside the call that it waits in:
// its deferred functions run, and may wait; recover does not see it. If it has not started, its function never runs.
// Killing the current greenlet does not return; killing one that has ended does nothing. A second kill ends what a deferred
// function waits for. The error is that of the wait, as with Join. Parks. Hub thread only.
func (g *Greenlet) Kill() error { return g.KillWith(nil) }

// KillAsync is Kill that does not wait: the greenlet ends when its turn comes. Hub thread only.
func (g *Greenlet) KillAsync() { g.KillWithAsync(nil) }

// KillTimeout is Kill that waits no longer than d, and returns ErrTimeout if the greenlet goes on longer, in a deferred
// function that waits; with a d of zero or less it still lets all run that is ready. Parks. Hub thread only.
func (g *Greenlet) KillTimeout(d time.Duration) error {
	g.KillWithAsync(nil)
	return g.JoinTimeout(d)
}

// KillWith is Kill with an error of one's own, which Err and Get report instead of ErrExit; nil stands for that. It
// counts as a failure, unless it is or wraps ErrExit. The last kill before the end counts. Parks. Hub thread only.
func (g *Greenlet) KillWith(err error) error {
	g.KillWithAsync(err)
	return g.Join()
}

// KillWithAsync is KillWith that does not wait. Hub thread only.
func (g *Greenlet) KillWithAsync(err error) {
	g.mustBeSpawned("Kill")
	if g.hub.here() && !g.Ready() { // elsewhere Kill says what is wrong
		g.err = err // if its function returns nevertheless, that overwrites it
	}
	g.hub.sched.Kill(&g.task)
}

// Throw ends the wait of the greenlet with err: the call that it waits in returns it, or its next wait if it does not
// wait now. A greenlet that has not started ends with it. It does not switch: the greenlet sees the error when its turn
// comes. Hub thread only.
func (g *Greenlet) Throw(err error) {
	g.mustBeSpawned("Throw")
	g.hub.sched.Throw(&g.task, err)
}

// KillAll kills all of gs, then waits until they have ended: each gets its kill before any deferred function that waits
// can hold up the others. The current greenlet comes last. The error is that of the wait, as with Join. Parks. Hub
// thread only.
func KillAll(gs ...*Greenlet) error { return KillAllWith(nil, gs...) }

// KillAllWith is KillAll with an error of one's own, see KillWith. Parks. Hub thread only.
func KillAllWith(err error, gs ...*Greenlet) error {
	return current("KillAll").killAll(err, gs, (*Greenlet).Join)
}

// KillAllTimeout is KillAll that waits no longer than d in all, and returns ErrTimeout if some of them go on longer.
// Parks. Hub thread only.
func KillAllTimeout(d time.Duration, gs ...*Greenlet) error {
	h := current("KillAllTimeout")
	deadline := h.sched.After(d)
	return h.killAll(nil, gs, func(g *Greenlet) error { return g.JoinTimeout(deadline - h.sched.Now()) })
}

func (h *Hub) killAll(err error, gs []*Greenlet, join func(*Greenlet) error) error {
	self := Current()
	suicide := false
	for _, g := range gs {
		if g == self {
			suicide = true
			continue
		}
		g.KillWithAsync(err)
	}
	for _, g := range gs {
		if g != self {
			if err := join(g); err != nil {
				return err
			}
		}
	}
	if suicide {
		self.KillWithAsync(err)
	}
	return nil
}
