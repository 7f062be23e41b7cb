package gevent

// A home is the hub to which a primitive belongs: that of the greenlet that uses it first. Embedded, it lets zero values be
// used, and finds a use from another thread, which would be a data race and a wake-up that never comes.
type home struct{ hub *Hub }

// at returns the hub, which must be the calling thread's own; call names the method for the report if it is not. Nearby is
// inlined, one call less than Here; where it has no answer settle finds the same one.
func (o *home) at(call string) *Hub {
	if h := o.hub; h != nil && h.thread.Nearby() && !h.closed.Load() { // the next hub may run on that thread
		return h
	}
	return o.settle(call)
}

// settle makes the calling thread's hub the home, if there is none or it has ended: a primitive in a global variable outlives
// its hub, and nobody waits for it then.
func (o *home) settle(call string) *Hub {
	h := current(call)
	if o.hub == h {
		return h
	}
	if o.hub != nil && !o.hub.closed.Load() {
		panic("gevent: " + call + " of a primitive that belongs to another hub; hand the work to that hub with its Post, or use the " +
			"Shared form of the primitive, which is safe between threads")
	}
	o.hub = h
	return h
}
