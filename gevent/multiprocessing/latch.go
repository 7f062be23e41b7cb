package multiprocessing

import (
	"cmp"
	"runtime"
	"time"

	"greenloop/gevent"
)

// How long one waits for the latch in which way. It is held for well under a microsecond, unless the system has stopped
// who is within.
const (
	latchSpins  = 200                   // looks at it, some nanoseconds each
	latchYields = 20                    // leaves the processor to others
	latchPause  = 50 * time.Microsecond // sleeps, and each time looks whether who is within is alive
	latchBlocks = 100                   // as often the hub's thread sleeps; then the greenlet does
)

// enter enters the latch. broken says that who was within has died there: what was begun may be half done. There may be
// no allocation within, and nothing that parks.
func (r *region) enter() (broken bool) {
	latch, id := &r.header().latch, uint64(me())
	if latch.CompareAndSwap(0, id) {
		return false
	}
	return r.enterLate(id)
}

func (r *region) enterLate(id uint64) (broken bool) {
	latch := &r.header().latch
	var thrown error
	for tries := 0; ; tries++ {
		within := latch.Load()
		switch {
		case within == 0:
			if latch.CompareAndSwap(0, id) {
				throwAgain(thrown)
				return false
			}
		case tries < latchSpins:
		case tries < latchSpins+latchYields:
			yieldThread()
		case !identity(within).alive():
			if latch.CompareAndSwap(within, id) {
				throwAgain(thrown)
				return true
			}
		case tries < latchSpins+latchYields+latchBlocks:
			time.Sleep(latchPause)
		default: // it was stopped by a signal or a debugger: only here others run, and what cannot be interrupted waits
			thrown = cmp.Or(r.outside(time.Millisecond), thrown)
		}
	}
}

// outside parks a greenlet that waits for the latch. The region cannot be closed meanwhile. It returns what was thrown at
// the greenlet.
func (r *region) outside(d time.Duration) error {
	r.late++
	defer func() { r.late-- }() // also if we are killed
	return gevent.Shield(func() error { return gevent.Sleep(d) })
}

// throwAgain has the next wait of the greenlet end with what was thrown at it while it waited for the latch.
func throwAgain(err error) {
	if err != nil {
		gevent.Current().Throw(err)
	}
}

// surely calls fn within the latch, also if we are killed while we wait for that.
func (r *region) surely(fn func()) {
	entered := false
	defer func() {
		if !entered {
			r.surely(fn)
		}
	}()
	r.enter()
	entered = true
	defer r.leave()
	fn()
}

// leave leaves the latch.
func (r *region) leave() {
	r.header().latch.Store(0)
	runtime.KeepAlive(r) // the memory goes with it
}

// ring wakes all that wait for a change, in all processes. Within the latch only, before the store that makes the
// change.
//
// A waiter counts itself in asked before it sleeps. Whoever rings brings rung up to that, after it has rung: if it dies
// between the two the next one rings once more. So the bell is silent while nobody waits, and never when somebody does.
func (r *region) ring() {
	h := r.header()
	if asked := h.asked.Load(); asked != h.rung.Load() {
		r.bell.ring()
		h.rung.Store(asked)
	}
}
