package sched

import (
	"sync"
	"sync/atomic"
)

// mailbox is the one door into the scheduler for other goroutines.
type mailbox struct {
	mu    sync.Mutex
	fns   []func()
	shut  bool
	full  atomic.Bool  // fns is not empty; read by the loop without the lock
	pulse pulse        // tells whether the loop is about to wait, or waits, in the poller
	holds atomic.Int64 // see Hold
}

// Post hands fn to the scheduler, which runs it in a task of its own, so that it may wait, in the order of the posts.
// It never blocks for longer than another Post takes. It wakes the scheduler if that waits, once for all posts that
// come before it has woken up. It reports false, and fn will not run, once the scheduler is closed. Otherwise fn does run:
// if Run ends before its turn, it runs while the others are killed, up to its first wait, or in the next Run, or in
// Close. Safe from any goroutine.
func (s *Scheduler) Post(fn func()) bool {
	if fn == nil {
		panic("sched: Post of a nil function")
	}
	m := &s.mail
	m.mu.Lock()
	if m.shut {
		m.mu.Unlock()
		return false
	}
	m.fns = append(m.fns, fn)
	first := !m.full.Swap(true)
	m.mu.Unlock()
	if first {
		s.nudge()
	}
	return true
}

// posted is the body of a post's task.
type posted func()

func (p posted) Run() { p() }

// nudge makes the loop look at what has changed outside. The loop announces its sleep before it looks a last
// time, and we change things before we ask whether it sleeps: one of the two always sees the other.
func (s *Scheduler) nudge() {
	if s.mail.pulse.asleep() {
		s.poller.Wake()
	}
	if s.wakeup != nil {
		s.wakeup()
	}
}

// takePosts spawns a task for each function posted. While the scheduler is closing such a function still runs, for a
// deferred function may wait for what it brings; but its first wait ends it. Then posts are taken only when nothing else
// is ready: or Run would not end as long as somebody posts.
func (s *Scheduler) takePosts() {
	m := &s.mail
	if !m.full.Load() || s.closing && !m.shut && s.runq.n > 0 {
		return
	}
	m.mu.Lock()
	fns := m.fns
	m.fns = nil
	m.full.Store(false)
	m.mu.Unlock()
	closing := s.closing
	s.closing = false
	defer func() {
		s.closing = closing
		if len(fns) > 0 { // a hook called Goexit
			m.mu.Lock()
			m.fns = append(fns, m.fns...)
			m.full.Store(true)
			m.mu.Unlock()
		}
	}()
	for len(fns) > 0 {
		fn := fns[0]
		fns = fns[1:]
		s.posts++
		s.Start(&Task{killing: closing}, "post", posted(fn))
	}
}

// Hold tells the scheduler that somebody outside may still post, so that a state in which all tasks wait is not taken for
// a deadlock. It ends with the first call of release, which is safe from any goroutine, as Hold is.
func (s *Scheduler) Hold() (release func()) {
	s.mail.holds.Add(1)
	var once sync.Once
	return func() {
		once.Do(func() {
			if s.mail.holds.Add(-1) == 0 {
				s.nudge()
			}
		})
	}
}
