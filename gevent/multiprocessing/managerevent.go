package multiprocessing

// A managedEvent is an event in the manager.
type managedEvent struct {
	set  bool
	line callLine
}

const kindOfEvent = "event"

func init() {
	managedKinds[kindOfEvent] = func(*fieldReader) managedObject { return &managedEvent{} }
}

func (e *managedEvent) do(c *managerCall, op managerOp, args *fieldReader) {
	if !args.done() {
		return
	}
	switch op {
	case opEventSet:
		e.set = true
		for waiter := e.line.take(); waiter != nil; waiter = e.line.take() {
			waiter.done()
		}
		c.done()
	case opEventClear:
		e.set = false
		c.done()
	case opEventIsSet:
		c.flag(e.set)
	case opEventWait:
		if e.set {
			c.done()
		} else {
			e.line.wait(c)
		}
	}
}

func (e *managedEvent) dropped() { e.line.failAll(ErrNoObject) }
