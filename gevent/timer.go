package gevent

import (
	"time"

	"greenloop/sched"
)

// A Timer calls a function in a greenlet of its own when its time has come. Make it with AfterFunc; it must not be
// copied.
type Timer struct {
	alarm sched.Timer
	hub   *Hub
	fn    func()
}

// AfterFunc returns a Timer that spawns a greenlet which calls fn once the duration d has passed, at the next chance if
// that is not above zero. Equal deadlines come in the order of the calls. A Timer that waits does not keep Run from
// ending when main returns; its function is not called then. Hub thread only.
func AfterFunc(d time.Duration, fn func()) *Timer {
	h := current("AfterFunc")
	if fn == nil {
		panic("gevent: AfterFunc of a nil function")
	}
	t := &Timer{hub: h, fn: fn}
	t.alarm.InitBody((*timerBody)(t)) // a method value would be an allocation more
	h.sched.StartTimer(&t.alarm, h.sched.After(d))
	return t
}

// timerBody is a Timer as the scheduler sees it.
type timerBody Timer

// Run is called in the loop.
func (t *timerBody) Run() {
	fn := t.fn
	g := new(Greenlet)
	g.start(t.hub, "", func() error {
		fn()
		return nil
	})
}

// Stop reports whether the Timer was waiting for its time; then fn will not be called. It does not wait for a call that
// has begun. Hub thread only.
func (t *Timer) Stop() bool {
	h := t.at("Timer.Stop")
	return h != nil && h.sched.StopTimer(&t.alarm)
}

// Reset makes the Timer wait for the duration d from now, and reports whether it was waiting; if not, fn will be called
// again. Hub thread only.
func (t *Timer) Reset(d time.Duration) bool {
	h := t.at("Timer.Reset")
	if h == nil {
		panic("gevent: Reset of a Timer whose hub has ended; call AfterFunc in the new one")
	}
	waiting := h.sched.StopTimer(&t.alarm)
	h.sched.StartTimer(&t.alarm, h.sched.After(d))
	return waiting
}

// at returns the Timer's hub, nil if that has ended, when nothing waits there any more.
func (t *Timer) at(call string) *Hub {
	switch h := t.hub; {
	case h == nil:
		panic("gevent: " + call + " of a Timer that was not made with AfterFunc")
	case (h.thread.Nearby() || h.thread.Here()) && !h.closed.Load():
		return h
	case h.closed.Load():
		return nil
	}
	panic("gevent: " + call + " on a thread that is not the Timer's; hand it to its hub with Hub.Post")
}
