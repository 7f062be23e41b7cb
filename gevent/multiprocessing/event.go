package multiprocessing

import (
	"runtime"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// An Event is a flag that greenlets of several processes wait for. It travels in the arguments of a process and in
// values that a Sender sends, and is shared then.
//
// It is no gevent.Waitable, as it costs something to watch another process: a greenlet that waits is one.
//
//	set := gevent.Spawn(event.Wait)
//	ready, err := mp.Wait(time.Second, set, conn)
type Event struct{ shared }

// An eventState is what is shared of an event.
type eventState struct {
	changes atomic.Uint64 // how often it was set or cleared: it is set if that is odd
}

// NewEvent returns an event that is not set. The error is that of the system, such as EMFILE, or errors.ErrUnsupported.
// Hub thread only.
func NewEvent() (*Event, error) {
	r, err := newRegion(eventKind, sizeOf[eventState](), 0)
	if err != nil {
		return nil, err
	}
	return &Event{shared{r}}, nil
}

// GobDecode opens the event that has come, for package gob.
func (e *Event) GobDecode(b []byte) error { return e.arrive(b, eventKind, 0) }

// Set sets the event and wakes all that wait for it; each of their waits succeeds, even if Clear comes before they run.
// Setting a set event does nothing. Does not park. Hub thread only.
func (e *Event) Set() error { return e.become(true) }

// Clear unsets the event: who waits from now on, waits for the next Set. Does not park. Hub thread only.
func (e *Event) Clear() error { return e.become(false) }

func (e *Event) become(set bool) error {
	r, err := e.open()
	if err != nil {
		return err
	}
	s := at[eventState](r, 0)
	r.enter()
	defer r.leave()
	if s.set() == set {
		return nil
	}
	if set {
		r.ring()
	}
	s.changes.Add(1)
	return nil
}

func (s *eventState) set() bool { return s.changes.Load()%2 == 1 }

// IsSet reports whether the event is set. Hub thread only.
func (e *Event) IsSet() bool {
	r := e.use(eventKind)
	defer runtime.KeepAlive(r)
	return at[eventState](r, 0).set()
}

// Wait waits until the event is set. The error was thrown at the greenlet. If the process that was to set it ends, that
// is not noticed: wait for its end, too, or use WaitTimeout. Parks. Hub thread only.
func (e *Event) Wait() error { return e.WaitTimeout(gevent.Never) }

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits for
// nothing. Parks. Hub thread only.
func (e *Event) WaitTimeout(d time.Duration) error {
	r, err := e.open()
	if err != nil {
		return err
	}
	s := at[eventState](r, 0)
	if err := r.await(d, &eventWish{s, s.changes.Load()}); err != nil {
		return err
	}
	r.leave()
	return nil
}

// An eventWish is that an event is set, or was since the wait began.
type eventWish struct {
	state *eventState
	began uint64
}

func (w *eventWish) granted() bool                      { return w.state.set() || w.state.changes.Load() != w.began }
func (w *eventWish) holders(list []identity) []identity { return list }
func (w *eventWish) fallen(identity)                    {}
func (w *eventWish) withdrawn()                         {}
