package multiprocessing

// A managedSemaphore is a semaphore in the manager.
type managedSemaphore struct {
	free int
	line callLine
}

const kindOfSemaphore = "semaphore"

func init() {
	managedKinds[kindOfSemaphore] = func(args *fieldReader) managedObject { return &managedSemaphore{free: args.int()} }
}

func (s *managedSemaphore) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opSemaphoreAcquire:
		try := args.flag()
		switch {
		case !args.done():
		case s.free > 0:
			s.free--
			s.grant(c)
		case try:
			c.flag(false)
		default:
			s.line.wait(c)
		}
	case opSemaphoreRelease:
		if n := args.int(); args.done() && n > 0 {
			s.release(n)
			c.done()
		}
	case opSemaphoreValue:
		if args.done() {
			c.count(s.free)
		}
	}
}

// grant gives a permit away, which comes back if nobody is there to take it.
func (s *managedSemaphore) grant(c *managerCall) {
	c.hand(func() { s.free++ }, s.serve)
	c.flag(true)
}

func (s *managedSemaphore) release(n int) {
	s.free += n
	s.serve()
}

func (s *managedSemaphore) serve() {
	for s.free > 0 && s.line.first != nil {
		s.free--
		s.grant(s.line.take())
	}
}

func (s *managedSemaphore) dropped() { s.line.failAll(ErrNoObject) }
