package multiprocessing

import (
	"fmt"
	"net"
	"time"

	"greenloop/gevent"
)

// A workplace is where one worker works: there is always one, or one on its way.
type workplace struct {
	master    *Master
	number    int
	listeners []net.Listener
	own       []net.Listener // those among them that go with the workplace
	closing   gevent.Event   // the workplace is taken away
	changed   gevent.Event   // current has changed
	hiring    gevent.Lock    // held while a worker is started for this workplace
	current   *staffer       // ready, as far as we know; nil while there is none
	failures  int            // workers in a row that died young
	delay     time.Duration  // before the next one is started
}

// youth is as long as a worker serves; tests have it longer.
var youth = time.Second

// Workers that die are replaced at once; of those that die young, one after the other, the next ones are started later
// and later.
const (
	firstDelay = 50 * time.Millisecond
	lastDelay  = 10 * time.Second
)

// fails counts a worker that has died, and returns how long the next one has to wait.
func (s *workplace) fails(old bool) time.Duration {
	if old {
		s.failures = 0
	}
	s.failures++
	s.delay = 0
	if s.failures > 1 {
		s.delay = min(firstDelay<<min(s.failures-2, 10), lastDelay)
	}
	return s.delay
}

// over reports whether the workplace needs no worker any more.
func (s *workplace) over() bool { return s.closing.IsSet() || s.master.stopping.IsSet() }

// wait waits for one of what is in objs, or for a change of the workplace, for no longer than d.
func (s *workplace) wait(d time.Duration, objs ...gevent.Waitable) error {
	u := gevent.Until{Count: 1}
	if d != gevent.Never {
		u.Timeout = d
	}
	_, err := u.Wait(append(objs, &s.closing, &s.master.stopping)...)
	if err == gevent.ErrTimeout { // that very value: else it is a scope's
		return nil
	}
	return err
}

// keep keeps a worker in the workplace.
func (s *workplace) keep() error {
	for !s.over() {
		s.changed.Clear()
		var err error
		switch cur := s.current; {
		case cur != nil && !cur.life.Ready():
			err = s.wait(gevent.Never, cur.life, &s.changed)
		case s.delay > 0:
			d := s.delay
			s.current, s.delay = nil, 0
			err = s.wait(d, &s.changed)
		default:
			s.current = nil
			err = s.fill()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill puts a worker into the workplace, if there is none and one can be had.
func (s *workplace) fill() error {
	if err := s.hiring.Acquire(); err != nil {
		return err
	}
	defer s.hiring.Release()
	if s.current != nil { // somebody was faster
		return nil
	}
	st, err := s.hire(false)
	if st != nil {
		s.current = st
	}
	if err == errNotHired { // live has told why
		return nil
	}
	return err
}

// replace puts a new worker into the workplace, and has the old one finish, if there is one.
func (s *workplace) replace() error {
	old, err := s.swap()
	if err != nil || old == nil {
		return err
	}
	old.dismiss()
	return old.life.Join()
}

func (s *workplace) swap() (old *staffer, err error) {
	if err := s.hiring.Acquire(); err != nil {
		return nil, err
	}
	defer s.hiring.Release()
	st, err := s.hire(true)
	if err != nil {
		return nil, err
	}
	old, s.current = s.current, st
	s.changed.Set()
	return old, nil
}

// hire starts a worker and waits until it is ready.
func (s *workplace) hire(trial bool) (*staffer, error) {
	if s.over() {
		return nil, ErrStopped
	}
	st := &staffer{workplace: s, trial: trial}
	st.life = gevent.SpawnNamed("worker process", st.live)
	s.master.staff = append(s.master.staff, st)
	hired := false
	defer func() { // also if we are killed
		if !hired {
			st.dismiss()
		}
	}()
	if err := s.wait(gevent.Never, &st.ready, st.life); err != nil {
		return nil, err
	}
	switch {
	case s.over():
		return nil, ErrStopped
	case st.ready.IsSet():
		hired = true
		return st, nil
	case trial && st.failure != nil:
		return nil, fmt.Errorf("mp: the new worker %d has not become ready: %w", s.number, st.failure)
	}
	return nil, errNotHired
}
