package debug

import (
	"expvar"
	"time"

	"greenloop/gevent"
)

// glance is how long a goroutine that reads the published variable waits for figures of this moment.
const glance = 10 * time.Millisecond

// Publish makes the figures of the hubs a variable of package expvar, an array with one object for each hub, as /vars shows
// them. Reading it, on any goroutine, never parks and waits 10 ms at the most, as package expvar holds a lock then: for
// that long a goroutine waits for a hub's thread, and a greenlet of another hub not at all. What comes later is what
// the next reader gets; at_unix_ns tells of when the figures are. Like expvar.Publish it panics if the
// name is in use. Safe from any goroutine.
func (h *Handler) Publish(name string) {
	for _, v := range h.views {
		v.renew()
	}
	expvar.Publish(name, expvar.Func(func() any {
		all := make([]figures, len(h.views))
		for i, v := range h.views {
			all[i] = v.glance()
		}
		return all
	}))
}

// glance returns the latest figures that are to be had without a wait.
func (v *view) glance() figures {
	if gevent.GetHub() == v.hub {
		return v.figures()
	}
	done, err := v.renew()
	if done != nil && gevent.GetHub() == nil {
		late := time.NewTimer(glance)
		defer late.Stop()
		select {
		case <-done:
		case <-late.C:
		}
	}
	f := figures{Hub: v.number, Error: "not known yet"}
	if known := v.latest.Load(); known != nil {
		f = *known
	}
	if err != nil {
		f.Error = err.Error()
	}
	return f
}

// renew asks the hub for its figures, unless that was done and not answered yet: then done is nil.
func (v *view) renew() (done chan struct{}, err error) {
	if !v.pending.CompareAndSwap(false, true) {
		return nil, nil
	}
	done = make(chan struct{})
	if !v.hub.Post(func() {
		f := v.figures()
		v.latest.Store(&f)
		v.pending.Store(false)
		close(done)
	}) {
		v.pending.Store(false)
		return nil, errEnded
	}
	return done, nil
}

func varsPage(q *request) (*answer, error) {
	f, err := ask(q.Context(), q.view, q.handler.patience, q.view.figures)
	return &answer{kind: jsonKind, write: func() ([]byte, error) { return asJSON(f) }}, err
}
