package gevent

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"greenloop/sched"
)

// Wait waits until all of objs are ready, and returns them in the order in which they became so; those that are ready
// already come first, in the order of the arguments. Greenlets are ready when they have ended, events when they are
// set, and so on. What is given twice comes back twice. The error is one thrown at the caller; what was ready before is
// returned with it. Nothing is taken from what was waited for, and nothing of the wait is left with it. Parks. Hub
// thread only.
func Wait(objs ...Waitable) ([]Waitable, error) { return Until{}.Wait(objs...) }

// WaitTimeout is Wait that waits no longer than d; it returns what was ready in time with ErrTimeout then. With a d of
// zero or less it still lets all run that is ready. Parks. Hub thread only.
func WaitTimeout(d time.Duration, objs ...Waitable) ([]Waitable, error) {
	return upTo(d).Wait(objs...)
}

// WaitCount is Wait that is content with the first n. Parks. Hub thread only.
func WaitCount(n int, objs ...Waitable) ([]Waitable, error) { return Until{Count: n}.Wait(objs...) }

// IWait is Wait for a loop: it gives each of objs when it is ready, in that order, and waits only when none is. An
// error thrown at the caller comes last, with no object. The body of the loop may wait, too; leaving it ends the
// observation. Nothing begins before the loop does; a second loop begins anew. Parks. Hub thread only.
func IWait(objs ...Waitable) iter.Seq2[Waitable, error] { return Until{}.IWait(objs...) }

// IWaitTimeout is IWait that waits no longer than d in all, and gives ErrTimeout last then. Parks. Hub thread only.
func IWaitTimeout(d time.Duration, objs ...Waitable) iter.Seq2[Waitable, error] {
	return upTo(d).IWait(objs...)
}

// Until says when a wait for several things is over before all of them are ready. Its zero value waits for all:
//
//	ready, err := gevent.Until{Count: 1, Timeout: time.Second}.Wait(a, b, c)
type Until struct {
	Count      int           // so many are enough; 0: all
	Timeout    time.Duration // not longer than this, ErrTimeout then; 0: for ever; below zero: only what one Yield brings
	FirstError bool          // the first that ended with an error is enough, and that error is returned; a kill is none
}

func upTo(d time.Duration) Until {
	if d <= 0 {
		d = -1
	}
	return Until{Timeout: d}
}

// Wait is the function Wait with the limits of u. Parks. Hub thread only.
func (u Until) Wait(objs ...Waitable) ([]Waitable, error) {
	var ready []Waitable
	for obj, err := range u.IWait(objs...) {
		if obj != nil {
			ready = append(ready, obj)
		}
		if err != nil {
			return ready, err
		}
	}
	return ready, nil
}

// IWait is the function IWait with the limits of u. With FirstError the last object may come with its error. Parks. Hub
// thread only.
func (u Until) IWait(objs ...Waitable) iter.Seq2[Waitable, error] {
	if u.Count < 0 {
		panic("gevent: Until with a negative Count; 0 means all")
	}
	return func(yield func(Waitable, error) bool) {
		w := u.waiting(current("Wait"), objs)
		defer w.end() // also if one of objs cannot be waited for, which panics
		w.begin()
		n := len(objs)
		if u.Count > 0 {
			n = min(n, u.Count)
		}
		for range n {
			obj, err := w.next()
			if err == nil && u.FirstError {
				err = failure(obj)
			}
			if !yield(obj, err) || err != nil {
				return
			}
		}
	}
}

// failure returns the error with which obj ended, if it is a thing that can. A kill is none.
func failure(obj Waitable) error {
	if e, ok := obj.(interface{ Err() error }); ok {
		if err := e.Err(); !errors.Is(err, ErrExit) {
			return err
		}
	}
	return nil
}

// A waiting is one wait for several things.
type waiting struct {
	hub       *Hub
	objs      []Waitable
	observers []observer // of those objects that were not ready at once
	ready     []int      // objects in the order in which they became ready, as far as they were not taken
	done      []bool     // became ready
	deadline  time.Duration
	brief     bool            // one Yield is all the patience
	caller    sched.WaitQueue // whoever called Wait, while none is ready
}

func (u Until) waiting(h *Hub, objs []Waitable) *waiting {
	w := &waiting{
		hub: h, objs: objs, observers: make([]observer, len(objs)), done: make([]bool, len(objs)),
		deadline: sched.Never, brief: u.Timeout < 0,
	}
	if u.Timeout != 0 {
		w.deadline = h.sched.After(u.Timeout)
	}
	return w
}

func (w *waiting) begin() {
	w.hub.sched.Spend()
	for i, obj := range w.objs {
		if obj == nil {
			panic("gevent: Wait for a nil Waitable")
		}
		if obj.Ready() {
			w.became(i)
		}
	}
	for i, obj := range w.objs {
		if !w.done[i] {
			w.observers[i].notify = func() { w.became(i) }
			obj.observe(&w.observers[i])
		}
	}
}

func (w *waiting) became(i int) {
	w.done[i] = true
	w.ready = append(w.ready, i)
	w.caller.Wake()
}

func (w *waiting) next() (Waitable, error) {
	if len(w.ready) == 0 && w.brief {
		w.brief = false
		w.hub.sched.Yield()
	}
	for len(w.ready) == 0 {
		if err := w.caller.WaitUntil(w.hub.sched, w, w.deadline); err != nil {
			return nil, err
		}
	}
	i := w.ready[0]
	w.ready = w.ready[1:]
	return w.objs[i], nil
}

func (w *waiting) end() {
	for i, obj := range w.objs {
		if !w.done[i] && w.observers[i].notify != nil {
			obj.ignore(&w.observers[i])
		}
	}
}

// String says what the caller waits for.
func (w *waiting) String() string { return fmt.Sprintf("one of %d things", len(w.objs)) }

// Holders returns the greenlets that are waited for.
func (w *waiting) Holders() (tasks []*sched.Task) {
	for i, obj := range w.objs {
		if g, ok := obj.(interface{ awaited() *sched.Task }); ok && !w.done[i] {
			tasks = append(tasks, g.awaited())
		}
	}
	return tasks
}

func (g *Greenlet) awaited() *sched.Task { return &g.task }
