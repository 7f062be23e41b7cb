package gevent

import (
	"errors"
	"fmt"
	"time"

	"greenloop/sched"
)

// ErrBrokenBarrier is returned by a wait at a Barrier of which somebody has given up.
var ErrBrokenBarrier = errors.New("gevent: broken barrier")

// A Barrier lets a number of greenlets wait for one another; when the last has come all go on, and the next round
// begins. One that gives up (killed, timed out, thrown at) breaks it for all others, until Reset. Make it with
// NewBarrier.
type Barrier struct {
	home
	parties  int
	action   func() error
	round    *round          // that fills now, or was broken
	acting   bool            // the action runs
	entrance sched.WaitQueue // of those who came meanwhile
}

// A round is one passage of the barrier. Each waiter keeps its own: the next may be over before it runs.
type round struct {
	arrived int
	passed  bool
	broken  bool
	waiters sched.WaitQueue
}

// barrierReason is a Barrier as what somebody waits for.
type barrierReason Barrier

func (b *barrierReason) String() string {
	return fmt.Sprintf("barrier, %d of %d there", b.round.arrived, b.parties)
}

// NewBarrier makes a Barrier for that many parties, one at least. In each round action, which may be nil, is called by
// the greenlet that came last, before the others go on; it may wait. Safe from any goroutine.
func NewBarrier(parties int, action func() error) *Barrier {
	if parties < 1 {
		panic("gevent: a Barrier needs one party at least")
	}
	return &Barrier{parties: parties, action: action, round: new(round)}
}

// soon is the deadline of a wait that lets all run that is ready, and no more.
const soon time.Duration = -1

// Wait waits until all parties have come and returns the order in which the caller did, from 0, which differs for each
// of a round. The others are woken in that order. The error is ErrBrokenBarrier if the barrier is broken, or is while
// the caller waits; an error that was thrown at the greenlet; or, in the one that came last, that of the action. The
// latter two break the barrier. Who comes while the action runs waits for its end first, which is not yet part of a
// round. Parks. Hub thread only.
func (b *Barrier) Wait() (index int, err error) { return b.wait(b.at("Barrier.Wait"), sched.Never) }

// WaitTimeout is Wait that waits no longer than d; then it breaks the barrier and returns ErrTimeout. With a d of zero or
// less it still lets all run that is ready. Parks. Hub thread only.
func (b *Barrier) WaitTimeout(d time.Duration) (index int, err error) {
	h := b.at("Barrier.WaitTimeout")
	if d <= 0 {
		return b.wait(h, soon)
	}
	return b.wait(h, h.sched.After(d))
}

func (b *Barrier) wait(h *Hub, deadline time.Duration) (index int, err error) {
	h.atOnce()
	for b.acting {
		if err := b.park(h, &b.entrance, deadline); err != nil && (b.acting || deadline != soon) {
			return 0, err
		}
	}
	r := b.round
	if r.broken {
		return 0, ErrBrokenBarrier
	}
	index = r.arrived
	r.arrived++
	defer r.fail() // unless it was passed: also if we are killed
	if r.arrived == b.parties {
		return index, b.pass(r)
	}
	for !r.passed && !r.broken {
		if err := b.park(h, &r.waiters, deadline); err != nil && !(r.passed && h.expired(err, deadline)) {
			return index, err
		}
	}
	if r.broken {
		return index, ErrBrokenBarrier
	}
	return index, nil
}

func (b *Barrier) park(h *Hub, q *sched.WaitQueue, deadline time.Duration) error {
	if deadline == soon {
		h.sched.Yield()
		return ErrTimeout
	}
	return q.WaitUntil(h.sched, (*barrierReason)(b), deadline)
}

// pass ends the round r, which is complete.
func (b *Barrier) pass(r *round) error {
	if b.action != nil {
		b.acting = true
		defer func() {
			b.acting = false
			b.entrance.WakeAll()
		}()
		if err := b.action(); err != nil {
			return err
		}
		if r.broken {
			return ErrBrokenBarrier
		}
	}
	r.passed, b.round = true, new(round)
	r.waiters.WakeAll()
	return nil
}

func (r *round) fail() {
	if !r.passed && !r.broken {
		r.broken = true
		r.waiters.WakeAll()
	}
}

// Abort breaks the barrier: all that wait, and all that come before Reset, get ErrBrokenBarrier. Hub thread only.
func (b *Barrier) Abort() {
	b.at("Barrier.Abort")
	b.round.fail()
}

// Reset makes the barrier as new; those who wait get ErrBrokenBarrier. Hub thread only.
func (b *Barrier) Reset() {
	b.at("Barrier.Reset")
	b.round.fail()
	b.round = new(round)
}

// Parties returns how many it takes. Hub thread only.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns how many have come in this round, 0 if the barrier is broken. Hub thread only.
func (b *Barrier) Waiting() int {
	if b.round.broken {
		return 0
	}
	return b.round.arrived
}

// Broken reports whether the barrier is broken. Hub thread only.
func (b *Barrier) Broken() bool { return b.round.broken }
