package multiprocessing

import (
	"fmt"
	"runtime"
	"time"

	"greenloop/gevent"
)

// A Barrier lets a number of greenlets, of several processes, wait for one another; when the last has come all go on,
// and the next round begins. One that gives up (killed, timed out, thrown at) breaks it for all others, until Reset; so
// does the end of a process that waits, even by SIGKILL. Up to 1000 processes can take part in a round. It travels in the
// arguments of a process and in values that a Sender sends, and is shared then.
type Barrier struct {
	shared

	// Action, if not nil, is called in each round by the greenlet that came last, if that came through this handle,
	// before the others go on. It may wait. A function does not travel: each process sets its own.
	Action func() error
}

// maxParties is how many a barrier may be for.
const maxParties = 1 << partyBits

// NewBarrier returns a barrier for that many parties. The error is about a number below one or above a million, that
// of the system, such as EMFILE, or errors.ErrUnsupported. Hub thread only.
func NewBarrier(parties int) (*Barrier, error) {
	if parties < 1 || parties >= maxParties {
		return nil, fmt.Errorf("mp: a barrier for %d parties: it needs one at least, and less than %d", parties, maxParties)
	}
	r, err := newRegion(barrierKind, sizeOfRounds, 0)
	if err != nil {
		return nil, err
	}
	state := at[roundState](r, 0)
	state.parties.Store(uint64(parties))
	state.now.Store(uint64(newRoundWord(1, 0))) // so that no count of a seat is zero
	return &Barrier{shared: shared{r}}, nil
}

// GobDecode opens the barrier that has come, for package gob.
func (b *Barrier) GobDecode(p []byte) error { return b.arrive(p, barrierKind, 0) }

// Wait waits until all parties have come and returns the order in which the caller did, from 0, which differs for each
// of a round. The error is gevent.ErrBrokenBarrier if the barrier is broken, or is while the caller waits; an error that
// was thrown at the greenlet; or, in the one that came last, that of the Action. The latter two break the barrier. Who
// comes while the Action runs waits for its end first, which is not yet part of a round. Parks. Hub thread only.
func (b *Barrier) Wait() (index int, err error) { return b.WaitTimeout(gevent.Never) }

// WaitTimeout is Wait that waits no longer than d; then it breaks the barrier and returns ErrTimeout. With a d of zero
// or less it waits for nothing. The time does not run while the Action does. Parks. Hub thread only.
func (b *Barrier) WaitTimeout(d time.Duration) (index int, err error) {
	r, err := b.open()
	if err != nil {
		return 0, err
	}
	w := partyWish{rounds: roundsOf(r)}
	r.calls++
	over := false
	defer func() { // also if we are killed
		r.calls--
		if !over {
			r.surely(w.withdrawn)
		}
	}()
	if err := r.await(d, &w); err != nil {
		if over = err == gevent.ErrTimeout && w.passed(); over { // the last one came as we gave up
			return w.index, nil
		}
		return w.index, err
	}
	r.leave()
	if w.last {
		err = b.pass(&w)
	} else {
		err = w.err
	}
	over = err == nil
	return w.index, err
}

// pass ends the round, which is complete.
func (b *Barrier) pass(w *partyWish) error {
	if dead := w.unseen(); dead != 0 {
		w.region.enter()
		w.fallen(dead)
		w.region.leave()
	}
	if b.Action != nil {
		if w.word() != w.began {
			return gevent.ErrBrokenBarrier
		}
		if err := b.Action(); err != nil {
			return err
		}
	}
	w.region.enter()
	defer w.region.leave()
	if w.word() != w.began {
		return gevent.ErrBrokenBarrier
	}
	w.next()
	return nil
}

// Abort breaks the barrier: all that wait, and all that come before Reset, get gevent.ErrBrokenBarrier. Does not park.
// Hub thread only.
func (b *Barrier) Abort() error {
	return b.change(func(s rounds) { s.fail(s.word().number()) })
}

// Reset makes the barrier as new; those who wait get gevent.ErrBrokenBarrier. Does not park. Hub thread only.
func (b *Barrier) Reset() error { return b.change(rounds.reset) }

func (b *Barrier) change(how func(rounds)) error {
	r, err := b.open()
	if err != nil {
		return err
	}
	r.enter()
	defer r.leave()
	how(roundsOf(r))
	return nil
}

// Parties returns how many it takes. Hub thread only.
func (b *Barrier) Parties() int {
	r := b.use(barrierKind)
	defer runtime.KeepAlive(r)
	return int(roundsOf(r).state.parties.Load())
}

// Waiting returns how many have come in this round, 0 if the barrier is broken. Hub thread only.
func (b *Barrier) Waiting() int {
	r := b.use(barrierKind)
	s := roundsOf(r)
	r.enter()
	defer r.leave()
	if s.word().broken() {
		return 0
	}
	return int(s.arrived(s.word().number()))
}

// Broken reports whether the barrier is broken. Hub thread only.
func (b *Barrier) Broken() bool {
	r := b.use(barrierKind)
	defer runtime.KeepAlive(r)
	return roundsOf(r).word().broken()
}
