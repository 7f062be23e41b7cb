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
	ignored  bool // it yielded while it was closing
	returned bool // the body has
	uncaught bool // it has ended because of what was thrown, which is in err
	raise    bool // it has ended by a panic, which is in err, and the consumer has not seen it
	goexit   bool // it has ended by runtime.Goexit, and the consumer has not seen it
	doomed   bool // it ends as part of a task that is killed
	shut     bool // closing, doomed, or upTo is set: a Yield has to look whether it may

	consumer *coro.Coroutine  // while it executes: who resumed it and goes on at its next yield
	at       *coro.Coroutine  // while it is suspended: who called Yield; own, or another generator that runs as a part of it
	seat     link             // among what is ended when its consumer's task or goroutine leaves
	outer    outer            // of which it is a part
	thrown   error            // what Throw has sent, until it arrives
	err      error            // how it ended
	grip     *grip            // nil once it is watched, and when it has ended
	cleanup  *runtime.Cleanup // set when it is watched
	upTo     *coro.Coroutine  // it ends as a part of that one, which is being ended, whatever else it was about; see quit
}

// An outer is the Yielder that knows the types.
type outer interface {
	run() error // the body
	drop()      // it will not run
}

// A grip is the part of a Generator by which the source knows it: the source is not to keep its own handle, see collect.go.
type grip struct{ source *source }

// phase is where a generator stands.
type phase uint8

const (
	fresh phase = iota
	yielded
	executing
	ended
)

// attend ends what is abandoned. It comes before the look at what state s is in: deferred functions that run here may
// use s, too.
func (s *source) attend(call string) {
	s.mustBeHere(call)
	switch s.state {
	case fresh:
		Collect()
	case yielded:
		s.local.attend()
	}
}

// begin binds s, which is fresh, to the calling thread and makes it ready to be resumed. It is held by g.
func (s *source) begin(g *grip) {
	l := enter()
	t := l.ground()
	if t == &l.loose {
		l.hold() // for as long as there are generators, see settle
	}
	l.generators++
	s.grip = g
	t.enroll(&s.seat, s)
	s.local = l
	s.own.Init(l.th, s)
	s.at, s.state = &s.own, yielded
}

// resume runs s, which is suspended, until it yields or ends, and lets the caller see how it ended: its
// panic or Goexit goes on there.
func (s *source) resume() {
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

// pause gives control back to the consumer until the next resume.
func (s *source) pause() {
	to := s.consumer
	s.at, s.consumer, s.state = s.local.th.Current(), nil, yielded
	to.Switch()
}

// refuse ends the body, or the generator inside it, that yields through s, if that may not be: s is being closed, or
// whoever asked s is itself about to end, and would go on with what it gets.
func (s *source) refuse() {
	for r := s.local.th.Current().Runner().(*source); ; r = r.consumer.Runner().(*source) {
		if r.doomed || r.upTo != nil && !r.within(r.upTo, s) {
			runtime.Goexit()
		}
		if r == s {
			break
		}
	}
	if s.closing {
		s.ignored = true
		s.local.quit(&s.own)
	}
}

// within reports whether c is among those that s runs as a part of up to, and with, last.
func (s *source) within(c *coro.Coroutine, last *source) bool {
	for ; &s.own != c; s = s.consumer.Runner().(*source) {
		if s == last {
			return false
		}
	}
	return true
}

// unwind ends the body if it was resumed to be closed, or to receive an error, which nobody there has caught.
func (s *source) unwind() {
	if s.closing {
		s.local.quit(&s.own)
	}
	if s.thrown != nil {
		s.uncaught, s.err, s.thrown = true, s.thrown, nil
		s.local.quit(&s.own)
	}
}

// quit ends the current coroutine as runtime.Goexit does, and all that it runs as a part of, up to c: also a generator
// that is being closed, or has not caught an error, whose own end would stop at its consumer.
func (l *local) quit(c *coro.Coroutine) {
	if s, ok := l.th.Current().Runner().(*source); ok && c != &s.own {
		s.upTo, s.shut = c, true
	}
	runtime.Goexit()
}

// Run calls the body.
func (s *source) Run() {
	s.err = s.outer.run()
	s.returned = true
}

// Finished keeps how s ended for its consumer, which goes on.
func (s *source) Finished(exit *coro.Exit) *coro.Coroutine {
	s.state = ended
	s.seat.remove()
	s.local.generators--
	if s.cleanup != nil {
		s.cleanup.Stop()
	}
	s.grip = nil
	if exit != nil {
		s.fail(exit)
	}
	to := s.consumer
	s.consumer = nil
	return to
}

// fail notes how the body has ended other than by returning. A panic in a deferred function that a Goexit runs does not
// take the place of that Goexit: whoever recovers from it ends all the same.
func (s *source) fail(exit *coro.Exit) {
	switch {
	case !exit.Goexit:
	case exit.Doomed || s.upTo != nil:
		s.goexit, s.err = true, ErrExit
	case s.ignored:
		s.err = ErrIgnored
	case s.closing:
		s.err = nil
	case s.uncaught:
	default:
		s.goexit, s.err = true, ErrExit
	}
	if exit.Panic != nil {
		s.raise, s.err = true, s.local.panicked(exit)
	}
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
	if s.raise {
		s.raise = false
		defer s.err.(*PanicError).raise()
	}
	if s.goexit {
		s.goexit = false
		if s.doomed {
			l.die()
		}
		if s.upTo != nil {
			l.quit(s.upTo)
		}
		runtime.Goexit()
	}
}

// dooms is told that c is about to end with its task.
func (l *local) dooms(c *coro.Coroutine) {
	if s, ok := c.Runner().(*source); ok {
		s.doomed, s.shut = true, true
	}
}

// close ends s and returns the error of Close.
func (s *source) close() error {
	s.mustBeHere("Close")
	switch s.state {
	case executing:
		return ErrExecuting
	case fresh:
		s.dismiss(nil)
	case yielded:
		s.closing, s.shut = true, true
		s.resume()
		if s.ignored {
			return ErrIgnored
		}
	}
	return nil
}

// dismiss ends s, which is fresh, with err.
func (s *source) dismiss(err error) {
	s.outer.drop()
	s.state, s.err = ended, err
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

// outlive is told that s could not be ended when the tree t was: it executes, and if that is in another task it now
// ends with that.
func (s *source) outlive(t *tree) {
	if heir := s.local.treeOf(below(s.consumer)); heir != t {
		heir.enroll(&s.seat, s)
	}
}

// age implements ender: s has lived through a garbage collection.
func (s *source) age() {
	if s.grip == nil {
		return
	}
	cleanup := runtime.AddCleanup(s.grip, abandoned.tell, abandoned{s.local, s})
	s.cleanup, s.grip = &cleanup, nil
}

// abandon implements ender.
func (s *source) abandon() bool {
	return s.state == yielded && s.end(nil)
}
