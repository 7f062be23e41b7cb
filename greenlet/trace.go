package greenlet

// An Event says how a greenlet was resumed.
type Event uint8

// The events of a Tracer.
const (
	EventSwitch Event = iota // with a value: by Switch, or because a child has ended
	EventThrow               // with an error, a panic or a kill
)

func (e Event) String() string {
	if e == EventThrow {
		return "throw"
	}
	return "switch"
}

// A Tracer is told of each time that control goes from one greenlet to another: from is the one that gave it up, which may have
// ended by that, to is the one that has it now, and on whose stack the Tracer runs, before its Switch returns or its function
// starts. A switch to oneself is told, too. Generators run as a part of their consumer, and tasks are a scheduler's: neither is told.
//
// It may switch; the Switch that it interrupts then still returns what it was sent. It is not told of what happens until it
// returns. If it panics, it is removed, and the panic goes on in the greenlet to, in place of what was sent; but the
// kill of a task goes on after it.
type Tracer func(e Event, from, to *Greenlet)

// SetTrace makes fn the tracer of the calling thread, nil none, and returns the one that there was, which fn may call in
// turn. On a goroutine that has no greenlets yet it makes the main one, as New does. A tracer does not outlive Leave, or the end
// of Run, on the goroutine's own thread.
func SetTrace(fn Tracer) (previous Tracer) {
	l := enter()
	l.here()
	previous, l.tracer = l.tracer, fn
	return previous
}

// GetTrace returns the tracer of the calling thread, nil if there is none.
func GetTrace() Tracer {
	if l := lookup(); l != nil {
		return l.tracer
	}
	return nil
}

// leaving notes for the tracer that from gives up control, and sends m.
func (l *local) leaving(from *Greenlet, m *message) {
	l.origin, l.event = from, EventSwitch
	if m.err != nil || m.panic != nil || m.kill {
		l.event = EventThrow
	}
}

// trace calls the tracer in to, which has just got control.
func (l *local) trace(to *Greenlet) {
	if l.tracing {
		return
	}
	fn, e, from := l.tracer, l.event, l.origin
	l.tracing, l.origin = true, nil
	returned := false
	defer func() {
		l.tracing = false
		if !returned {
			l.tracer = nil
		}
	}()
	fn(e, from, to)
	returned = true
}
