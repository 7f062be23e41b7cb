package greenlet

import (
	"runtime"

	"greenloop/runtime/coro"
)

// A source is what all generators are, whatever the types of their values: a coroutine that runs as a part of the one that
// resumes it.
type source struct {
	own      coro.Coroutine
	local    *local // from its start, which binds it to the thread, to its end
	state    phase
	closing  bool
	ignored  bool            // it yielded while it was closing
	consumer *coro.Coroutine // while it executes: who resumed it and goes on at its next yield
	at       *coro.Coroutine // while it is suspended: who called Yield; own, or another generator that runs as a part of it
	seat     link            // among what is ended when its consumer's task or goroutine leaves
	body     func() error    // until it starts
	err      error           // how it ended
	failure  *PanicError     // its panic, until the consumer has seen it
	goexit   bool            // it ended by runtime.Goexit, and the consumer has not seen it
	doomed   bool            // as part of a task that is killed
}

// phase is where a generator stands.
type phase uint8

const (
	fresh phase = iota
	yielded
	executing
	ended
)

// begin binds s, which is fresh, to the calling thread and makes it ready to be resumed.
func (s *source) begin() {
	l := enter()
	ring := &l.loose
	if c := l.base(); c == l.th.Main() && l.trees[c] == nil {
		l.hold() // for as long as there are generators, see settle
	} else {
		ring = &l.here().tree.top().open
	}
	l.generators++
	ring.add(&s.seat, s)
	s.local = l
	s.own.Init(l.th, s)
	s.at = &s.own
}

// resume runs s, which is fresh or suspended, until it yields or ends, and lets the caller see how it ended: its
// panic or Goexit goes on there.
func (s *source) resume() {
	if s.state == fresh {
		s.begin()
	}
	s.consumer, s.state = s.local.th.Current(), executing
	s.at.Switch()
	if s.state == ended {
		s.settle()
	}
}

// mustBeHere panics on another thread than the one on which s was started.
func (s *source) mustBeHere(call string) {
	if l := s.local; l != nil && !l.th.Here() {
		l.misplaced(call)
	}
}

// mustExecute panics unless the caller is the body of s, or a generator that runs as a part of it.
func (s *source) mustExecute() {
	s.mustBeHere("Yield")
	if s.local != nil && s.state == executing {
		for c := s.local.th.Current(); ; {
			r, ok := c.Runner().(*source)
			if r == s {
				return
			}
			if !ok {
				break
			}
			c = r.consumer
		}
	}
	panic("greenlet: Yield outside the body of its generator; only the body, and the generators that run inside it, may yield its values")
}

// pause gives control back to the consumer until the next resume. While s is closing it does not return.
func (s *source) pause() {
	if s.closing {
		s.ignored = true
		runtime.Goexit()
	}
	to := s.consumer
	s.at, s.consumer, s.state = s.local.th.Current(), nil, yielded
	to.Switch()
	if s.closing {
		runtime.Goexit()
	}
}

// Run calls the body.
func (s *source) Run() {
	body := s.body
	s.body = nil
	s.err = body()
}

// Finished keeps how s ended for its consumer, which goes on.
func (s *source) Finished(exit *coro.Exit) *coro.Coroutine {
	s.state = ended
	s.seat.remove()
	s.local.generators--
	switch {
	case exit == nil:
	case exit.Panic != nil:
		s.failure = s.local.panicked(exit)
		s.err = s.failure
	case !s.closing || exit.Doomed:
		s.goexit, s.doomed, s.err = true, exit.Doomed, ErrExit
	case s.ignored:
		s.err = ErrIgnored
	}
	to := s.consumer
	s.consumer = nil
	return to
}

// settle shows the end of s to its consumer, and makes the goroutine as it was before its first generator.
func (s *source) settle() {
	l := s.local
	s.local = nil // one that has ended may be asked anywhere
	if c := l.th.Current(); c == l.th.Main() && l.generators == 0 && l.trees[c] == nil {
		if err := l.release(); err != nil {
			internalError(err.Error())
		}
	}
	if p := s.failure; p != nil {
		s.failure = nil
		p.raise()
	}
	if s.goexit {
		s.goexit = false
		if s.doomed {
			l.die()
		}
		runtime.Goexit()
	}
}

// close ends s and returns the error of Close.
func (s *source) close() error {
	s.mustBeHere("Close")
	switch s.state {
	case executing:
		return ErrExecuting
	case fresh:
		s.state, s.body = ended, nil
	case yielded:
		s.closing = true
		s.resume()
		if s.ignored {
			return ErrIgnored
		}
	}
	return nil
}

// end implements ender: the task or goroutine that started s leaves. Whoever else asks s then learns from Err that it did not
// come to its end.
func (s *source) end(*flow) bool {
	if s.close() == ErrExecuting { //nolint:errorlint // ours, as it is
		return false
	}
	if s.err == nil {
		s.err = ErrExit
	}
	return true
}
