package gevent

import "slices"

// A Link is a function that is to be called when a greenlet has ended.
type Link struct {
	of       *Greenlet
	observer observer
	caller   Greenlet // calls the function
	begun    bool
	wanted   func(*Greenlet) bool // does the way in which it ended matter to us
}

// Link has fn called with the greenlet once it has ended, in whatever way, also if it has already. Each link is called
// once, in a greenlet of its own, so that it may wait; they begin in the order of the calls of Link, after all that is
// ready. One that panics is reported as any greenlet is, and holds up nobody. A Result's value is at hand in a function
// that was made where the Result is known. Hub thread only.
func (g *Greenlet) Link(fn func(*Greenlet)) *Link {
	return g.link("Link", fn, func(*Greenlet) bool { return true })
}

// LinkValue is Link for a greenlet that has succeeded. Having been killed is success. Hub thread only.
func (g *Greenlet) LinkValue(fn func(*Greenlet)) *Link {
	return g.link("LinkValue", fn, func(g *Greenlet) bool { return g.failed() == nil })
}

// LinkError is Link for a greenlet that has failed. Hub thread only.
func (g *Greenlet) LinkError(fn func(*Greenlet)) *Link {
	return g.link("LinkError", fn, func(g *Greenlet) bool { return g.failed() != nil })
}

func (g *Greenlet) link(call string, fn func(*Greenlet), wanted func(*Greenlet) bool) *Link {
	h := current(call)
	g.mustBeOurs(call)
	if fn == nil {
		panic("gevent: " + call + " of a nil function")
	}
	l := &Link{of: g, wanted: wanted}
	l.observer.notify = l.ended
	l.caller.hub = h
	l.caller.fn = func() error {
		l.begun = true
		fn(g)
		return nil
	}
	l.caller.inherit(h) // from whoever makes the link: the greenlet that has ended has nothing any more
	if !g.Ready() {
		e := extraOf(&g.task)
		e.links = append(e.links, l)
	}
	g.observe(&l.observer)
	return l
}

// ended spawns the greenlet that calls the function.
func (l *Link) ended() {
	if l.wanted(l.of) {
		l.caller.hub.sched.Start(&l.caller.task, "link", &l.caller)
	}
}

// Unlink makes sure that the function is not called, unless the call has begun; so one link can undo another that is due
// after it. Hub thread only.
func (l *Link) Unlink() {
	l.of.ignore(&l.observer)
	if e := lookExtra(&l.of.task); e != nil {
		e.links = slices.DeleteFunc(e.links, func(o *Link) bool { return o == l })
	}
	if !l.begun && l.caller.task.Scheduler() != nil {
		l.caller.KillAsync()
	}
}

// UnlinkAll undoes all links of a greenlet that has not ended. Hub thread only.
func (g *Greenlet) UnlinkAll() {
	if e := lookExtra(&g.task); e != nil {
		for _, l := range e.links {
			g.ignore(&l.observer)
		}
		e.links = nil
	}
}

// HasLinks reports whether there are links that wait for the greenlet's end. Hub thread only.
func (g *Greenlet) HasLinks() bool {
	e := lookExtra(&g.task)
	return e != nil && len(e.links) > 0
}
