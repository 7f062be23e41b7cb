package gevent

import (
	"os"
	"reflect"
	"slices"
	"sync"
)

// A relay is the one goroutine of a hub that brings it the signals of the process, from the first Notify until the hub
// ends. Each Signals has channels of its own, so that package os/signal alone keeps the account of who wants which
// signal.
type relay struct {
	mu      sync.Mutex
	all     []*Signals
	changed chan struct{} // with room for one: all is another list now; closed at the end
}

func startRelay(h *Hub) *relay {
	r := &relay{changed: make(chan struct{}, 1)}
	go r.run(h)
	return r
}

func (r *relay) run(h *Hub) {
	for {
		owners, cases := r.cases()
		i, v, ok := reflect.Select(cases) // the number of channels is not known before
		switch {
		case i > 0:
			s, sig := owners[i], v.Interface().(os.Signal)
			h.Post(func() { s.deliver(sig) }) // a hub that has ended needs no signals
		case !ok:
			return
		}
	}
}

// cases returns what the relay waits for, and of each case whose it is; nil is the relay itself.
func (r *relay) cases() (owners []*Signals, cases []reflect.SelectCase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	owners = []*Signals{nil}
	cases = []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.changed)}}
	for _, s := range r.all {
		for _, c := range s.incoming {
			owners = append(owners, s)
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
		}
	}
	return owners, cases
}

func (r *relay) add(s *Signals) {
	r.mu.Lock()
	r.all = append(r.all, s)
	r.mu.Unlock()
	r.nudge()
}

func (r *relay) remove(s *Signals) {
	r.mu.Lock()
	r.all = slices.DeleteFunc(r.all, func(other *Signals) bool { return other == s })
	r.mu.Unlock()
	r.nudge()
}

func (r *relay) nudge() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// end stops all that are left, when the hub ends; no greenlet is there any more. nil is a relay that was never needed.
func (r *relay) end() {
	if r == nil {
		return
	}
	for _, s := range r.all {
		s.end()
	}
	close(r.changed)
}
