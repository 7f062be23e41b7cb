package multiprocessing

import "greenloop/gevent"

// A managerAsk is a call as the client sees it.
type managerAsk struct {
	object uint64
	op     managerOp
	args   func(b []byte) []byte // appends them; nil for none

	// confirm says that the answer hands something over, which the manager keeps until it is confirmed.
	confirm bool

	// undo, unless nil, gives back what the answer has brought to a caller that is gone.
	undo func(l *managerLink, number uint64, r *managerReply)

	// link is the one over which the request went.
	link *managerLink

	// stop, unless nil, is called when the caller is interrupted, who waits for the answer all the same. stopped is what
	// has interrupted it. stopping is called with the answer then; of one that was killed nobody else sees that.
	stop     func(l *managerLink, number uint64)
	stopping func(l *managerLink, r *managerReply, killed bool)
	stopped  error
}

// do sends the request and waits for the answer. Whoever is interrupted gets nothing: the request is withdrawn, and what
// its answer brings goes back. Parks.
func (p *managerPlace) do(ask *managerAsk) ([]byte, error) {
	l, err := p.client().connected()
	if err != nil {
		return nil, err
	}
	if err := l.mail.await(); err != nil { // callers that give up must not fill the memory
		return nil, err
	}
	if l.over { // it has ended meanwhile
		return nil, lostManager(errNotThere)
	}
	l.last++
	ask.link = l
	number, r := l.last, &managerReply{ask: ask}
	m := l.mail
	m.open()
	m.pending = append(appendUint(appendUint(m.pending, number), ask.object), byte(ask.op))
	if ask.args != nil {
		m.pending = ask.args(m.pending)
	}
	if !m.fits() {
		return nil, ErrTooLarge
	}
	m.post()
	l.replies[number] = r
	defer func() { // also if we are killed
		if !r.taken {
			l.abandon(number, r)
		}
	}()
	if err := l.await(ask, number, r); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	if ask.confirm && r.status == statusDone {
		l.note(0, opConfirm, func(b []byte) []byte { return appendUint(b, number) })
		m.hurry() // what follows may be the end of this process
	}
	return r.result, r.status.error(r.result)
}

// await waits for the answer. If that ends early it may still have to wait for what the ask begins then. Parks.
func (l *managerLink) await(ask *managerAsk, number uint64, r *managerReply) (err error) {
	defer func() { // also if we are killed
		if r.taken || ask.stop == nil {
			return
		}
		killed := err == nil
		if !r.told.IsSet() {
			ask.stop(l, number)
		}
		if e := gevent.Shield(r.told.Wait); e != nil {
			err = e
			return
		}
		r.taken, ask.stopped = true, err
		err = nil
		ask.stopping(l, r, killed)
	}()
	err = r.told.Wait()
	r.taken = err == nil
	return err
}

// error returns what the status says.
func (s managerStatus) error(result []byte) error {
	switch known := int(s) - int(statusKnown); {
	case s == statusDone:
		return nil
	case known >= 0 && known < len(wireErrors):
		return wireErrors[known]
	case s == statusError:
		return decodeError(result)
	}
	return errBadRequest
}

// abandon is for a call whose caller is gone.
func (l *managerLink) abandon(number uint64, r *managerReply) {
	switch {
	case l.over:
	case r.told.IsSet():
		l.reject(number, r)
	default:
		r.gone = true
		l.note(0, opCancel, func(b []byte) []byte { return appendUint(b, number) })
	}
}

// rejectItem is the undo of what has to be confirmed.
func rejectItem(l *managerLink, number uint64, r *managerReply) {
	if r.status == statusDone {
		l.note(0, opReject, func(b []byte) []byte { return appendUint(b, number) })
	}
}

// callerID tells the greenlets of a client apart.
func callerID() uint64 {
	if g := gevent.Current(); g != nil {
		return g.ID()
	}
	return 0
}
