package multiprocessing

// A managedLock is a Lock or an RLock in the manager. Whoever holds it is a greenlet of a session.
type managedLock struct {
	again   bool // the holder may acquire it again
	session *managerSession
	owner   uint64
	depth   int // how often it was acquired
	line    callLine
	widowed bool   // a holder has died, and nobody was told who could do something about it
	alarm   func() // unless nil, called when the lock is free after that, and nobody waits for it
}

const (
	kindOfLock  = "lock"
	kindOfRLock = "rlock"
)

func init() {
	managedKinds[kindOfLock] = func(*fieldReader) managedObject { return &managedLock{} }
	managedKinds[kindOfRLock] = func(*fieldReader) managedObject { return &managedLock{again: true} }
}

func (l *managedLock) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opLockAcquire:
		if owner, try := args.uint(), args.flag(); args.done() {
			c.owner = owner
			l.acquire(c, try)
		}
	case opLockRelease:
		if owner := args.uint(); args.done() {
			if !l.heldBy(c.session, owner) {
				c.fail(ErrNotHeld)
				return
			}
			l.release()
			c.done()
		}
	case opLockUndo:
		if owner, widowed := args.uint(), args.flag(); args.done() {
			c.settled = true
			if l.heldBy(c.session, owner) {
				l.widowed = l.widowed || widowed
				l.release()
			}
		}
	case opLockLocked:
		if args.done() {
			c.flag(l.depth > 0)
		}
	}
}

// heldBy reports whether a client may release the lock: of one that may be acquired again, the greenlet that holds it.
func (l *managedLock) heldBy(s *managerSession, owner uint64) bool {
	return l.depth > 0 && l.session == s && (!l.again || l.owner == owner)
}

func (l *managedLock) acquire(c *managerCall, try bool) {
	switch {
	case l.depth == 0:
		l.grant(c)
	case l.again && l.heldBy(c.session, c.owner):
		l.depth++
		c.flag(true)
	case try:
		c.flag(false)
	default:
		l.line.wait(c)
	}
}

func (l *managedLock) grant(c *managerCall) {
	l.session, l.owner, l.depth = c.session, c.owner, max(c.depth, 1)
	c.session.held[l] = struct{}{}
	if l.widowed {
		l.widowed = false
		c.fail(ErrHolderDied)
		return
	}
	c.flag(!c.stopped)
}

func (l *managedLock) release() {
	if l.depth--; l.depth == 0 {
		l.free()
	}
}

// free hands the lock over, or leaves it to whoever comes next.
func (l *managedLock) free() {
	l.depth = 0
	delete(l.session.held, l)
	l.session = nil
	if next := l.line.take(); next != nil {
		l.grant(next)
	} else if l.widowed && l.alarm != nil {
		l.alarm()
	}
}

// bereave is called when the session of the holder has ended.
func (l *managedLock) bereave() {
	l.widowed = true
	l.free()
}

func (l *managedLock) dropped() {
	if l.session != nil {
		delete(l.session.held, l)
	}
	l.line.failAll(ErrNoObject)
}
