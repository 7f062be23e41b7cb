package gevent

import (
	"errors"
	"strconv"
	"time"

	"greenloop/sched"
)

// A WaitGroup counts what is under way and lets greenlets wait until nothing is. The zero value counts zero. It must not
// be copied.
type WaitGroup struct {
	home
	count   int
	waiters line
	observers
}

// groupReason is a WaitGroup as what somebody waits for.
type groupReason WaitGroup

func (w *groupReason) String() string { return "wait group of " + strconv.Itoa(w.count) }

// Add adds n, which may be negative, to the counter. When that becomes zero all that wait are woken, in the order of
// their calls; their waits succeed, even if Add comes again before they run. A counter below zero panics. Hub thread
// only.
func (w *WaitGroup) Add(n int) {
	w.at("WaitGroup.Add")
	w.change(n)
}

// Done takes one from the counter. Hub thread only.
func (w *WaitGroup) Done() {
	w.at("WaitGroup.Done")
	w.change(-1)
}

func (w *WaitGroup) change(n int) {
	if w.count+n < 0 {
		panic("gevent: a WaitGroup below zero; call Done once for each that was added")
	}
	w.count += n
	if w.count == 0 {
		w.waiters.giveAll()
		w.tell()
	}
}

// Go spawns a greenlet that calls fn and is counted until it has ended, in whatever way. Hub thread only.
func (w *WaitGroup) Go(fn func() error) *Greenlet {
	h := w.at("WaitGroup.Go")
	mustHave(fn)
	w.count++
	g := Spawn(fn)
	g.task.OnDone(func() {
		if w.count > 0 {
			w.change(-1)
			return
		}
		// A panic here, in the loop, or in what is told of it, would hit somebody else.
		h.sched.Post(func() { // runs also if the hub ends
			h.onError(g, errors.New("gevent: WaitGroup.Done was called for what Go counts, which does that itself"), nil)
		})
	})
	return g
}

// Wait waits until the counter is zero. The error is one that was thrown at the greenlet; how the greenlets of Go ended,
// they tell. Parks. Hub thread only.
func (w *WaitGroup) Wait() error {
	h := w.at("WaitGroup.Wait")
	h.atOnce()
	if w.Ready() {
		return nil
	}
	return w.waiters.take(h, (*groupReason)(w), sched.Never)
}

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (w *WaitGroup) WaitTimeout(d time.Duration) error {
	h := w.at("WaitGroup.WaitTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(w.Ready)
	}
	if w.Ready() {
		return nil
	}
	return w.waiters.take(h, (*groupReason)(w), h.sched.After(d))
}

// Count returns the counter. Hub thread only.
func (w *WaitGroup) Count() int { return w.count }

// Ready reports whether the counter is zero. Hub thread only.
func (w *WaitGroup) Ready() bool { return w.count == 0 }

func (w *WaitGroup) observe(o *observer) {
	w.at("Wait")
	w.add(o)
	if w.Ready() {
		w.tell()
	}
}

func (w *WaitGroup) ignore(o *observer) { w.remove(o) }
