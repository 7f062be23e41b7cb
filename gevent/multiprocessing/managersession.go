package multiprocessing

import (
	"maps"
	"slices"

	"greenloop/gevent"
)

// A managerSession is one connection of a client to the manager. What the client holds is given back when it ends.
type managerSession struct {
	server   *managerServer
	c        *Connection
	mail     *managerMail
	greenlet *gevent.Greenlet
	waiting  map[uint64]*managerCall
	taken    map[uint64]loan // what has been answered and not confirmed
	held     map[*managedLock]struct{}
	begun    bool // its greenlet has
	broken   bool // the client does not speak our language
}

// A loan is how to give back what an answer has taken along, and how to serve those who wait for it.
type loan struct{ back, serve func() }

// maxWaiting is how many calls of one client may wait at the same time. It is less in tests.
var maxWaiting = 1 << 16

// serve is the session's greenlet.
func (s *managerSession) serve() error {
	s.begun = true
	defer s.end()
	s.mail.open()
	s.mail.pending = append(appendUint(s.mail.pending, 0), byte(noteHello))
	s.mail.pending = appendUint(s.mail.pending, s.server.limit)
	s.mail.post()
	for !s.broken && !s.mail.dead {
		m, err := s.c.take(nil)
		if err != nil {
			return nil
		}
		s.handle(&fieldReader{rest: m.bytes})
		s.c.done(m)
		if err := s.mail.await(); err != nil {
			return nil
		}
	}
	return nil
}

// handle begins what a request asks for. It does not park.
func (s *managerSession) handle(args *fieldReader) {
	number, object, op := args.uint(), args.uint(), managerOp(args.byte())
	if args.bad || number != 0 && s.waiting[number] != nil {
		s.broken = true
		return
	}
	c := &managerCall{session: s, number: number}
	switch entry := s.server.objects[object]; {
	case object == 0:
		s.server.do(c, op, args)
	case entry == nil:
		c.fail(ErrNoObject)
	default:
		entry.object.do(c, op, args)
	}
	switch {
	case c.settled || c.kept():
	case object != 0:
		c.fail(ErrObjectKind)
	default:
		c.fail(errBadRequest)
	}
}

// kept reports whether the call is answered later.
func (c *managerCall) kept() bool { return c.number != 0 && c.session.waiting[c.number] == c }

// keep lets c wait, and reports whether it may.
func (s *managerSession) keep(c *managerCall) bool {
	if c.number == 0 || len(s.waiting) >= maxWaiting {
		c.fail(ErrTooMany)
		return false
	}
	s.waiting[c.number] = c
	return true
}

// cancel is for a caller that is gone.
func (s *managerSession) cancel(number uint64) {
	if c := s.waiting[number]; c != nil {
		delete(s.waiting, number)
		c.withdraw()
		c.begin(statusNothing)
		s.mail.post()
	}
}

// giveBack returns what the answer of that number took.
func (s *managerSession) giveBack(number uint64) {
	if taken, there := s.taken[number]; there {
		delete(s.taken, number)
		taken.back()
		taken.serve()
	}
}

// end gives all back that the client has, and closes the connection. It does not park: another kill must not keep it from
// its end.
func (s *managerSession) end() {
	delete(s.server.sessions, s)
	s.mail.end()
	waiting := s.waiting
	s.waiting = nil
	for _, c := range waiting {
		c.withdraw()
	}
	numbers := slices.Sorted(maps.Keys(s.taken))
	for _, number := range slices.Backward(numbers) { // each goes to the front
		s.taken[number].back()
	}
	for _, number := range numbers { // only now, or the last would be served first
		s.taken[number].serve()
	}
	for l := range s.held {
		l.bereave()
	}
	s.c.sever()
}
