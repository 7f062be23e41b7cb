package multiprocessing

import (
	"slices"

	"greenloop/gevent"
)

// A managerCall is a request of a client, until it is answered: at once, or after it has waited in a line or in a
// greenlet of its own.
type managerCall struct {
	session  *managerSession
	number   uint64 // 0: nobody wants an answer
	settled  bool
	line     *callLine
	next     *managerCall // in the line
	previous *managerCall
	owner    uint64 // the client's greenlet
	depth    int    // how often a lock is to be acquired
	value    []byte // an item that is to be put
	leave    func() // it was withdrawn from the line
	stopped  bool   // it waits for a condition's lock without a notification
	worker   *gevent.Greenlet
}

// A callLine is those who wait for the same, first come, first served.
type callLine struct {
	first, last *managerCall
	n           int
}

// wait puts c into the line.
func (l *callLine) wait(c *managerCall) {
	if !c.session.keep(c) {
		return
	}
	l.add(c)
}

func (l *callLine) add(c *managerCall) {
	c.line, c.previous, c.next = l, l.last, nil
	if l.last != nil {
		l.last.next = c
	} else {
		l.first = c
	}
	l.last = c
	l.n++
}

// remove takes c out of the line that it is in, if it is in one.
func (c *managerCall) remove() {
	l := c.line
	if l == nil {
		return
	}
	if c.previous != nil {
		c.previous.next = c.next
	} else {
		l.first = c.next
	}
	if c.next != nil {
		c.next.previous = c.previous
	} else {
		l.last = c.previous
	}
	l.n--
	c.line, c.next, c.previous = nil, nil, nil
}

// take takes the first out of the line, nil if there is none.
func (l *callLine) take() *managerCall {
	c := l.first
	if c != nil {
		c.remove()
	}
	return c
}

// failAll ends all waits.
func (l *callLine) failAll(err error) {
	for c := l.take(); c != nil; c = l.take() {
		c.fail(err)
	}
}

// withdraw ends the call without an answer: nobody waits for it any more.
func (c *managerCall) withdraw() {
	c.settled = true
	c.remove()
	if c.leave != nil {
		c.leave()
	}
	if c.worker != nil {
		c.worker.KillAsync()
	}
}

// done answers with a result, which is appended by the functions.
func (c *managerCall) done(result ...func(b []byte) []byte) {
	if !c.settle() {
		return
	}
	m := c.session.mail
	c.begin(statusDone)
	for _, add := range result {
		m.pending = add(m.pending)
	}
	c.finish()
}

// list answers with what list appends, size bytes at least, unless that is too much: then no memory is needed for it.
func (c *managerCall) list(size int, list func(b []byte) []byte) {
	if size > c.session.mail.limit {
		c.fail(ErrTooLarge)
		return
	}
	c.done(list)
}

// bytes answers with v as the result.
func (c *managerCall) bytes(v []byte) {
	if c.settle() {
		c.begin(statusDone)
		c.session.mail.pending = append(c.session.mail.pending, v...)
		c.finish()
	}
}

// number answers with a number.
func (c *managerCall) count(n int) {
	if c.settle() {
		c.begin(statusDone)
		c.session.mail.pending = appendInt(c.session.mail.pending, n)
		c.finish()
	}
}

// flag answers yes or no.
func (c *managerCall) flag(yes bool) {
	n := 0
	if yes {
		n = 1
	}
	c.count(n)
}

// fail answers with an error.
func (c *managerCall) fail(err error) {
	if !c.settle() {
		return
	}
	c.failNow(err)
}

func (c *managerCall) failNow(err error) {
	if known := slices.Index(wireErrors, err); known >= 0 {
		c.begin(statusKnown + managerStatus(known))
		c.session.mail.post()
		return
	}
	c.begin(statusError)
	m := c.session.mail
	m.pending = append(m.pending, encodeError(err)...)
	c.finish()
}

func (c *managerCall) begin(s managerStatus) {
	m := c.session.mail
	m.open()
	m.pending = append(appendUint(m.pending, c.number), byte(s))
}

func (c *managerCall) finish() {
	if !c.session.mail.fits() {
		c.failNow(ErrTooLarge)
		return
	}
	c.session.mail.post()
}

// settle reports whether an answer is wanted, for the first time.
func (c *managerCall) settle() bool {
	if c.settled {
		return false
	}
	c.settled = true
	delete(c.session.waiting, c.number)
	return c.number != 0
}

// hand remembers how to give back what the answer takes along, until the client confirms that it has arrived.
func (c *managerCall) hand(back, serve func()) {
	if c.number != 0 {
		c.session.taken[c.number] = loan{back, serve}
	}
}
