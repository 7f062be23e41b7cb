package gevent

import (
	"errors"
	"fmt"
	"slices"

	"greenloop/sched"
)

// A Nursery is the scope of the greenlets that are spawned in it: Nurse makes one, and does not return before all of
// them have ended. It must not be copied.
type Nursery struct {
	members
	hub    *Hub
	parent *extra // of the task that runs the body
	scope  scope  // of the body: over once something has failed
	body   bool   // it runs
	closed bool
	errs   []error
	cause  *nurseryError // the first failure
	turns  slots         // see SetLimit
}

// A nurseryError ends the waits of a body because another part of its nursery has failed.
type nurseryError struct{ cause error }

func (e *nurseryError) Error() string { return "gevent: nursery ends: " + e.cause.Error() }
func (e *nurseryError) Unwrap() error { return e.cause }

// Nurse calls body and returns once it and all greenlets that it, or they, have spawned in the nursery have ended. The
// first of them that fails, by an error or a panic, ends the others: greenlets are killed, and every wait of the body
// returns an error that wraps the first one. Nurse returns all errors, joined in the order in which they came, or the
// only one as it is. To be killed, from inside or outside, is no error of a greenlet; KillWith makes it one.
//
// If the caller is killed, thrown at or timed out, or the body panics, all greenlets are killed, and end, before that
// goes on. What waits in their deferred functions is waited for; a second kill of the caller kills them again. Parks.
// Hub thread only.
func Nurse(body func(n *Nursery) error) error {
	if body == nil {
		panic("gevent: Nurse of a nil function")
	}
	h := current("Nurse")
	n := &Nursery{hub: h, parent: extraOf(h.task("Nurse")), scope: scope{deadline: Never}, body: true}
	n.home.hub = h
	n.left = func(m *member) {
		if err := m.g.failed(); err != nil && m.g.Ready() {
			n.fail(err)
		}
	}
	n.scope.enter(n.parent)
	defer n.reap()
	n.bodyEnded(body(n))
	n.wait()
	if len(n.errs) == 1 {
		return n.errs[0]
	}
	return errors.Join(n.errs...)
}

// Spawn is the function Spawn for a greenlet of the nursery. Any greenlet may call it, as long as the nursery is open:
// once something has failed, what is spawned is killed at once. After the end it panics. Hub thread only.
func (n *Nursery) Spawn(fn func() error) *Greenlet {
	g := new(Greenlet)
	n.startNow("Nursery.Spawn", g, fn)
	return g
}

// SetLimit lets no more than limit greenlets of the nursery run at a time; the others wait, in the order of the spawns,
// before they begin. Spawn does not wait. It must come before the first Spawn. Hub thread only.
func (n *Nursery) SetLimit(limit int) {
	n.at("Nursery.SetLimit")
	switch {
	case limit <= 0:
		panic("gevent: Nursery.SetLimit needs a limit above zero; without a call there is none")
	case n.came > 0:
		panic("gevent: Nursery.SetLimit after Spawn; call it first")
	}
	n.turns.size = limit
}

func (n *Nursery) start(call string, g *Greenlet, fn func() error) error {
	n.startNow(call, g, fn)
	return nil
}

func (n *Nursery) startNow(call string, g *Greenlet, fn func() error) bool {
	h := n.at(call)
	if n.closed {
		panic("gevent: " + call + " in a nursery that has ended; spawn before its Nurse returns, or in another one")
	}
	mustHave(fn)
	run := fn
	if n.turns.size > 0 {
		run = func() error {
			if err := n.turns.take(h, (*nurseryTurn)(n), sched.Never); err != nil {
				return err
			}
			defer n.turns.give()
			return fn()
		}
	}
	g.start(h, "", run)
	n.enter(g)
	return true
}

// fail notes an error and ends all others.
func (n *Nursery) fail(err error) {
	n.errs = append(n.errs, err)
	if n.cause != nil {
		return
	}
	n.cause = &nurseryError{err}
	n.killAll()
	n.scope.end(n.cause)
}

// killAll kills the members, and all that are still to come.
func (n *Nursery) killAll() {
	n.killing, n.killErr = n.killing+1, nil
	for _, m := range n.sorted() {
		m.kill(nil)
	}
}

// bodyEnded takes what the body has returned.
func (n *Nursery) bodyEnded(err error) {
	n.release()
	switch {
	case err == nil:
	case n.cause != nil && (errors.Is(err, n.cause.cause) || errors.Is(err, ErrExit)): // we know, or it is what we did
	default:
		n.fail(err)
	}
}

// release leaves the scope of the body: waits of the task are ended by those outside again, if one of them is over.
func (n *Nursery) release() {
	n.body = false
	n.scope.leave()
}

// wait waits until no member is left. What ends that wait, such as a timeout outside, kills the members, and is kept off then,
// until they have ended.
func (n *Nursery) wait() {
	var shield *scope
	defer func() {
		if shield != nil {
			shield.lower()
		}
	}()
	for n.Len() > 0 {
		err := n.change.Wait(n.hub.sched, (*membersEnd)(&n.members))
		if err == nil {
			continue
		}
		if !slices.ContainsFunc(n.errs, func(e error) bool { return errors.Is(e, err) }) { // the body may have told it already
			n.fail(err)
		}
		if shield == nil {
			shield = &scope{shield: true, deadline: Never}
			shield.raise(n.parent)
		}
	}
}

// reap ends the nursery, in whatever way its body has ended.
func (n *Nursery) reap() {
	defer func() {
		if n.Len() > 0 { // we were killed while we waited
			for _, m := range n.sorted() {
				m.killed = false
			}
			n.reap()
		}
		n.closed = true
	}()
	n.release()
	if n.Len() > 0 {
		n.killAll()
		n.wait()
	}
}

// nurseryTurn is what a greenlet waits for before it begins, if there is a limit.
type nurseryTurn Nursery

func (r *nurseryTurn) String() string {
	return fmt.Sprintf("its turn in a nursery (limit %d)", r.turns.size)
}

// Holders returns the greenlets of the nursery.
func (r *nurseryTurn) Holders() []*sched.Task { return r.tasks() }
