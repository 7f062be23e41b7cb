package gevent

import (
	"errors"
	"iter"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"greenloop/sched"
)

// Signals collects signals of the process for greenlets, from Notify until Stop. Several at once, on one hub or on
// several, each get every signal that they asked for. It must not be copied.
//
// A signal that comes while nobody waits is kept for the next Wait; the same one again, while it is kept, adds nothing.
// The order of different signals that come in one moment is not defined, as in the kernel.
type Signals struct {
	home
	incoming  []chan os.Signal // from package os/signal to the relay: one for each signal, or one could crowd out another
	handler   func(os.Signal)
	pending   []os.Signal // each once, the oldest first
	waiters   sched.WaitQueue
	handed    map[*sched.Task]os.Signal // to those who were woken and have not run yet
	observers observers
	release   func() // ends the hold on the hub while there are observers
	stopped   bool
}

// everySignal is what those get who ask for all.
var everySignal = func() (all []os.Signal) {
	for n := range 64 {
		all = append(all, syscall.Signal(n+1))
	}
	return all
}()

// Notify begins to collect the signals, all that there are if none is named, as os/signal.Notify does: their default
// effect is off until Stop. Collecting is no reason for a hub to go on: a state in which all greenlets wait, and none
// of them for a signal, is a deadlock as ever. Hub thread only.
func Notify(signals ...os.Signal) *Signals { return current("Notify").notify(nil, signals) }

func (h *Hub) notify(handler func(os.Signal), signals []os.Signal) *Signals {
	if len(signals) == 0 {
		signals = everySignal
	}
	s := &Signals{home: home{h}, handler: handler}
	for i, sig := range signals {
		if !slices.Contains(signals[:i], sig) {
			s.incoming = append(s.incoming, make(chan os.Signal, 1))
			signal.Notify(s.incoming[len(s.incoming)-1], sig)
		}
	}
	if h.signals == nil {
		h.signals = startRelay(h)
	}
	h.signals.add(s)
	return s
}

// WaitSignal waits until the process gets one of the signals, whose default effect is off meanwhile, and returns it.
// Its error is one thrown at the greenlet. Who waits again and again uses Notify, which misses none in between. Parks.
// Hub thread only.
func WaitSignal(signals ...os.Signal) (os.Signal, error) {
	s := current("WaitSignal").notify(nil, signals)
	defer s.Stop()
	return s.Wait()
}

// OnSignal has fn called for each of the signals that comes, in a new greenlet each time, until cancel is called. A
// panic of fn goes to the hub's error handler. It is no reason for a hub to go on, see Notify. Hub thread only, like
// cancel, which may be called twice.
func OnSignal(fn func(os.Signal), signals ...os.Signal) (cancel func()) {
	if fn == nil {
		panic("gevent: OnSignal of a nil function")
	}
	return current("OnSignal").notify(fn, signals).Stop
}

// Wait waits for a signal and returns it, the oldest first. Those who wait are served in the order of their calls. It
// ends early with os.ErrClosed on Stop, or with an error thrown at the greenlet; then no signal is lost. As long as
// somebody waits, the hub takes no state for a deadlock. Parks. Hub thread only.
func (s *Signals) Wait() (os.Signal, error) { return s.waitUntil(s.at("Signals.Wait"), sched.Never) }

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then. With a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (s *Signals) WaitTimeout(d time.Duration) (os.Signal, error) {
	h := s.at("Signals.WaitTimeout")
	if d <= 0 && !s.Ready() {
		h.sched.Yield()
	}
	return s.waitUntil(h, h.sched.After(d))
}

// TryWait returns a signal that has come already, and whether there was one. Hub thread only.
func (s *Signals) TryWait() (os.Signal, bool) {
	s.at("Signals.TryWait")
	if len(s.pending) == 0 {
		return nil, false
	}
	sig := s.pending[0]
	s.pending = slices.Delete(s.pending, 0, 1)
	return sig, true
}

func (s *Signals) waitUntil(h *Hub, deadline time.Duration) (os.Signal, error) {
	if sig, ok := s.TryWait(); ok {
		h.sched.Spend()
		return sig, nil
	}
	defer h.sched.Hold()() // it may come at any time: waiting for it is no deadlock
	me := h.sched.Current()
	for !s.stopped {
		if err := s.waiters.WaitUntil(h.sched, sched.Why("signal"), deadline); err != nil {
			return nil, err
		}
		if sig, ok := s.handed[me]; ok { // else somebody else has made us ready
			delete(s.handed, me)
			return sig, nil
		}
	}
	return nil, os.ErrClosed
}

// All yields one signal after the other, until Stop. An error thrown at the greenlet is yielded, with no signal, as the
// last thing. Parks. Hub thread only.
func (s *Signals) All() iter.Seq2[os.Signal, error] {
	return func(yield func(os.Signal, error) bool) {
		for {
			sig, err := s.Wait()
			if s.stopped && errors.Is(err, os.ErrClosed) || !yield(sig, err) || err != nil {
				return
			}
		}
	}
}

// Stop ends the collecting: signals that nobody else in the process asked for have their default effect again. What
// came and was not waited for is dropped; who waits gets os.ErrClosed. It may be called twice. Hub thread only.
func (s *Signals) Stop() {
	if s.stopped || s.hub.closed.Load() { // a hub that ends stops all of its own
		return
	}
	h := s.at("Signals.Stop")
	h.signals.remove(s)
	s.end()
}

func (s *Signals) end() {
	for _, c := range s.incoming {
		signal.Stop(c)
	}
	s.stopped, s.pending = true, nil
	s.waiters.WakeAll()
	s.tell()
}

// deliver takes a signal that has come. Who waits gets it in hand, so that nobody who comes meanwhile can take it.
func (s *Signals) deliver(sig os.Signal) {
	first := s.waiters.First()
	switch {
	case s.stopped:
	case s.handler != nil:
		new(Greenlet).start(s.hub, "signal handler", func() error { s.handler(sig); return nil })
	case first != nil:
		if s.handed == nil {
			s.handed = make(map[*sched.Task]os.Signal)
		}
		s.handed[first] = sig
		s.waiters.Wake()
	case !slices.Contains(s.pending, sig):
		s.pending = append(s.pending, sig)
		s.tell()
	}
}

// Ready reports whether Wait would return at once. Hub thread only.
func (s *Signals) Ready() bool { return len(s.pending) > 0 || s.stopped }

func (s *Signals) observe(o *observer) {
	if s.observers.empty() {
		s.release = s.hub.sched.Hold()
	}
	s.observers.add(o)
	if s.Ready() {
		s.tell()
	}
}

func (s *Signals) ignore(o *observer) {
	s.observers.remove(o)
	s.unhold()
}

func (s *Signals) tell() {
	s.observers.tell()
	s.unhold()
}

func (s *Signals) unhold() {
	if s.release != nil && s.observers.empty() {
		s.release()
		s.release = nil
	}
}
