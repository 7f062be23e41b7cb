package multiprocessing

// A managedCondition is a condition in the manager, with its lock.
type managedCondition struct {
	managedLock
	waiting callLine
}

const kindOfCondition = "condition"

func init() {
	managedKinds[kindOfCondition] = func(*fieldReader) managedObject {
		d := &managedCondition{managedLock: managedLock{again: true}}
		d.alarm = d.notify // who has died may have been about to do that
		return d
	}
}

func (d *managedCondition) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opConditionWait:
		if owner := args.uint(); args.done() {
			c.owner = owner
			d.wait(c)
		}
	case opConditionStop:
		if number := args.uint(); args.done() {
			c.settled = true
			if waiter := c.session.waiting[number]; waiter != nil && waiter.line == &d.waiting {
				waiter.stopped = true
				d.regain(waiter)
			}
		}
	case opConditionUndo:
		if owner, widowed := args.uint(), args.flag(); args.done() {
			c.settled = true
			if d.heldBy(c.session, owner) {
				d.widowed = d.widowed || widowed
				d.free()
			}
		}
	case opConditionNotify:
		if owner, n := args.uint(), args.uint(); args.done() {
			if !d.heldBy(c.session, owner) {
				c.fail(ErrNotHeld)
				return
			}
			for ; n > 0 && d.waiting.first != nil; n-- {
				d.notify()
			}
			c.done()
		}
	case opConditionPassOn:
		if owner, widowed := args.uint(), args.flag(); args.done() {
			c.settled = true
			switch {
			case !widowed:
				d.notify()
			case d.heldBy(c.session, owner):
				d.widowed = true
			}
		}
	default:
		d.managedLock.do(c, op, args)
	}
}

// wait gives the lock up, however often it was acquired, until there is a notification.
func (d *managedCondition) wait(c *managerCall) {
	if !d.heldBy(c.session, c.owner) {
		c.fail(ErrNotHeld)
		return
	}
	if c.session.keep(c) {
		c.depth = d.depth
		d.waiting.add(c)
		d.free()
	}
}

// notify has the first one go on, if there is one. If that is gone before it has got the lock, it is the next one.
func (d *managedCondition) notify() {
	if c := d.waiting.first; c != nil {
		c.leave = d.notify
		d.regain(c)
	}
}

// regain has one that waited wait for the lock.
func (d *managedCondition) regain(c *managerCall) {
	c.remove()
	if d.depth == 0 {
		d.grant(c)
		return
	}
	d.line.add(c)
}

func (d *managedCondition) dropped() {
	d.managedLock.dropped()
	d.waiting.failAll(ErrNoObject)
}
