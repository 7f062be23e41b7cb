package sched

// forgotten is the body of a task that Go made.
type forgotten func()

func (f forgotten) Run() { f() }

// taskPool keeps tasks that nobody has a handle of, to be used again.
type taskPool struct {
	free  []*Task
	fresh *Task // has ended last: its coroutine is about to, on the way out of Finished
}

// Pools that hold more than this after a burst give the rest to the garbage collector.
const maxPooled = 1024

func (p *taskPool) put(t *Task) {
	if p.fresh != nil && len(p.free) < maxPooled {
		p.free = append(p.free, p.fresh)
	}
	p.fresh = t
}

func (p *taskPool) take() *Task {
	n := len(p.free)
	if n == 0 {
		return new(Task)
	}
	t := p.free[n-1]
	p.free[n-1] = nil
	p.free = p.free[:n-1]
	*t = Task{wait: t.wait} // a Ticket of its former life stays worthless
	return t
}

// Go is Spawn for a task that nobody will join or kill, as with a go statement: in the steady state it allocates nothing.
// The *Task that Current returns in it, and that hooks see, is used again for another one after its end: do not keep
// it. A panic of fn is told to Config.OnPanic. Hub thread only.
func (s *Scheduler) Go(fn func()) {
	if fn == nil {
		panic("sched: Go of a nil function")
	}
	s.Start(s.pool.take(), "", forgotten(fn))
}

// takeRare returns a rare that a task which has ended has left, if there is one: so that a Join, which needs one, allocates
// nothing. s is nil for a task that was not spawned yet.
func (s *Scheduler) takeRare() *rare {
	if s == nil || len(s.rares) == 0 {
		return new(rare)
	}
	last := len(s.rares) - 1
	r := s.rares[last]
	s.rares = s.rares[:last]
	return r
}

// dropRare takes its rare from t, which is done, unless what is in it can be asked for later, or it is large.
func (s *Scheduler) dropRare(t *Task) {
	r := t.rare
	if r.site != 0 || cap(r.onDone) > 8 || len(s.rares) == maxPooled {
		return
	}
	t.rare = nil
	clear(r.onDone)
	*r = rare{onDone: r.onDone[:0]}
	s.rares = append(s.rares, r)
}
