package coro

import (
	"fmt"
	"iter"
)

// A slot holds exactly one suspended goroutine; a swap exchanges the caller with it.
// It is an iter.Pull taken for its switch alone: next and yield of one Pull must alternate, which turn
// keeps track of, but nothing demands that the same goroutine calls them.
type slot struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	turn  bool // the next swap goes through yield

	retire bool // the worker that owns it is to end; kept here, where there is room
}

func (s *slot) swap() {
	if s.turn {
		s.turn = false
		s.yield(struct{}{})
	} else {
		s.turn = true
		s.next()
	}
}

// A Runner is what a coroutine executes. Both methods are called on the coroutine's own stack.
type Runner interface {
	// Run is the body. It may return, panic, or end by runtime.Goexit: none of them reaches another coroutine.
	Run()
	// Finished is called once the body has ended, with nil if it returned, and names the coroutine that runs next:
	// one that is unstarted or suspended, never the finished one. It must return normally.
	Finished(*Exit) *Coroutine
}

// State is where a coroutine stands in its life.
type State uint8

// The states of a coroutine, in the order in which it goes through them (Running and Suspended alternate).
const (
	Unstarted State = iota
	Running
	Suspended
	Done
)

func (s State) String() string {
	return [...]string{"unstarted", "running", "suspended", "done"}[s]
}

// A Coroutine is a flow of control with a stack of its own. Embed it and call Init; it must not be copied.
// Until its first switch it owns neither a goroutine nor a stack.
type Coroutine struct {
	thread *Thread
	at     *slot  // the slot in which it is suspended; nil if unstarted or done, stale while it runs
	runner Runner // nil for the thread's main coroutine, and when it is done
}

// Init makes c an unstarted coroutine of th that will execute r. It may be called on any goroutine, before c is used.
func (c *Coroutine) Init(th *Thread, r Runner) {
	if th == nil || r == nil {
		panic("coro: Init needs a Thread and a Runner")
	}
	*c = Coroutine{thread: th, runner: r}
}

// Thread returns the thread to which c belongs, nil before Init.
func (c *Coroutine) Thread() *Thread { return c.thread }

// Runner returns what c executes: nil before Init, for a thread's main coroutine, and when c is done. A layer above
// recognises its own coroutines by it, so that it needs no map from them to what it keeps of them. Call it on c's thread.
func (c *Coroutine) Runner() Runner { return c.runner }

// State tells where c stands in its life. Call it on c's thread.
func (c *Coroutine) State() State {
	switch {
	case c.done():
		return Done
	case c.thread != nil && c.thread.current == c:
		return Running
	case c.at != nil:
		return Suspended
	default:
		return Unstarted
	}
}

func (c *Coroutine) done() bool {
	return c.runner == nil && c.thread != nil && c != &c.thread.main
}

// Discard ends c, which must be unstarted: its body will never run. Call it on c's thread.
func (c *Coroutine) Discard() {
	if st := c.State(); st != Unstarted {
		panic("coro: Discard of a " + st.String() + " coroutine; only an unstarted one can be discarded")
	}
	c.runner = nil
}

// Switch suspends the current coroutine of c's thread and runs c: from its beginning at the first switch,
// from where it suspended itself later. It returns when somebody switches back; switching to oneself returns at once.
// It costs one runtime.coroswitch.
//
// Call it on c's thread only. Switching to a coroutine that is done, or from another thread, panics and changes nothing.
func (c *Coroutine) Switch() {
	th, s := c.thread, c.at
	if s == nil || quickSelf() != th.id.Load() || th.current == c {
		if s = c.admit(); s == nil {
			return
		}
	}
	a := th.current
	a.at = s
	th.current = c
	// slot.swap by hand: after a switch the processor's return predictor is wrong on every level of the call
	// chain, and one level less measured 54 ns instead of 60 in a ring of two.
	if s.turn {
		s.turn = false
		s.yield(struct{}{})
	} else {
		s.turn = true
		s.next()
	}
	if th.current != a || perGoroutine {
		th.settle(a)
	}
	// a.at is left as it is: to clear it here, instead of comparing th.current above, measured 43.8 ns instead of 42.1.
}

// Depart and Arrive are Switch in two halves, for a scheduler that wants to make the switch itself, one level of calls
// less: Depart returns the one function that, called at once, suspends the current coroutine and runs c; Arrive comes
// right after it, on the coroutine that was suspended. All that holds for Switch holds for the two, but c must not be running.
func (c *Coroutine) Depart() (next func() (struct{}, bool), yield func(struct{}) bool) {
	th, s := c.thread, c.at
	if s == nil || quickSelf() != th.id.Load() || th.current == c {
		if s = c.admit(); s == nil {
			panic("coro: Depart to the coroutine that is running; call Switch, which allows it")
		}
	}
	th.current.at = s
	th.current = c
	if s.turn {
		s.turn = false
		return nil, s.yield
	}
	s.turn = true
	return s.next, nil
}

// Arrive ends what Depart began, on the coroutine that called it.
func (c *Coroutine) Arrive() {
	if c.thread.current != c || perGoroutine {
		c.thread.settle(c)
	}
}

// admit is the slow path of Switch. It returns the slot to swap on, nil if c is running already.
func (c *Coroutine) admit() *slot {
	th := c.thread
	switch {
	case th == nil:
		panic("coro: Switch to a coroutine that was never initialised; call Init first")
	case self() != th.id.Load():
		panic("coro: Switch from another OS thread than the coroutine's own; a coroutine runs only on the thread " +
			"whose Enter made its Thread: hand work to that thread instead of switching to it")
	case c.done():
		panic("coro: Switch to a coroutine that is done; check State before switching")
	case th.current == c:
		return nil
	}
	if c.at == nil {
		th.seat(c)
	}
	return c.at
}

// settle is called by coroutine a when it came out of a swap that may not have been meant for it: when a goroutine
// ends, Go resumes whoever sits in its slot. It passes control on until a is the one who should run.
func (th *Thread) settle(a *Coroutine) {
	for th.current != a {
		a.at = th.current.at
		a.at.swap()
	}
	if perGoroutine {
		th.id.Store(self())
	}
}

// A worker is a goroutine that runs bodies, one after the other, and owns the slot that its iter.Pull brought.
// Making one costs microseconds and a switch tens of nanoseconds: that is why finished ones are kept. There is one for
// each suspended coroutine, so it is small: four words.
type worker struct {
	slot slot
	job  *Coroutine // runs, or starts once th.current says so; nil while idle
}

// An idler is a worker without a job, and the slot in which it sits.
type idler struct {
	w  *worker
	at *slot
}

// seat finds a worker for c and makes c look suspended, so that starting it is a switch like any other.
func (th *Thread) seat(c *Coroutine) {
	if n := len(th.idle); n > 0 {
		free := th.idle[n-1]
		th.idle[n-1] = idler{}
		th.idle = th.idle[:n-1]
		free.w.job, c.at = c, free.at
		return
	}
	if th.hire == nil {
		th.hire, th.dismiss = iter.Pull(hiring)
	}
	w, _ := th.hire()
	w.job, c.at = c, &w.slot
}

// hiring makes workers, when one is needed: here and nowhere else, since Go ties an iter.Pull to the thread and the lock
// depth of the goroutine that makes it. It does so on a stack of its own, for an allocation can take more of it than a
// small coroutine's stack has left: this keeps one parked coroutine in 20 from having its stack doubled.
func hiring(yield func(*worker) bool) {
	for {
		w := new(worker)
		w.slot.next, _ = iter.Pull(w.run)
		if !yield(w) {
			return
		}
	}
}

// run is the whole life of a worker's goroutine.
func (w *worker) run(yield func(struct{}) bool) {
	th := w.job.thread
	w.slot.yield = yield
	returned := false
	ending := false
	defer func() {
		switch {
		case ending: // Finished did not return normally: there is nobody left to whom that could be passed on
			internalError(fmt.Sprint("Finished must return normally, but ended with: ", recover()))
		case !returned:
			th.exited(w)
		}
	}()
	for {
		c := w.job
		th.live++
		if perGoroutine {
			th.id.Store(self())
		}
		exit := c.call()
		th.panicked = nil
		ending = true
		next := th.finish(w, exit)
		ending = false
		if next.at == nil {
			// Unstarted: this goroutine takes it over, no switch at all.
			w.job = next
			th.current = next
			continue
		}
		if len(th.idle) >= maxIdle || !th.rest(w) {
			returned = true
			return // whoever sits in our slot is resumed and passes on to th.current
		}
	}
}

// finish ends w's job and returns who runs next.
func (th *Thread) finish(w *worker, exit *Exit) *Coroutine {
	c := w.job
	th.live--
	next := c.runner.Finished(exit)
	if th.onEnd != nil {
		th.onEnd(c)
	}
	c.at, c.runner, w.job = nil, nil, nil
	if next == nil || next.done() || next.thread != th {
		internalError("Finished must name a coroutine of the same thread that is not done")
	}
	if next.at != nil {
		th.current = next
	}
	return next
}

// rest keeps w among the idle until it has a job; it reports false when it is told to retire instead.
func (th *Thread) rest(w *worker) bool {
	i, at := len(th.idle), th.current.at
	th.idle = append(th.idle, idler{w, at}) // a stack: its place stays the same until it is taken
	for {
		at.swap()
		if w.slot.retire {
			return false
		}
		if w.job != nil && th.current == w.job {
			return true
		}
		at = th.current.at
		if w.job == nil {
			th.idle[i].at = at
		}
	}
}
