package gevent

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("Barrier.Wait", func() interruptible {
	b := NewBarrier(10, nil)
	return interruptible{
		call:  func() error { _, err := b.Wait(); return err },
		timed: func(d time.Duration) error { _, err := b.WaitTimeout(d); return err },
		admit: func() {
			for b.Waiting() < b.Parties()-1 {
				Spawn(func() error { _, err := b.Wait(); return err })
				Yield()
			}
			_, _ = b.Wait()
		},
		check: func(t *testing.T) {
			b.Reset()
			require.Zero(t, b.Waiting())
			require.False(t, b.Broken())
		},
		close:  b.Abort,
		closed: ErrBrokenBarrier,
		breaks: ErrBrokenBarrier,
	}
})

// several spawns n greenlets that call fn with their number.
func several(n int, fn func(i int) error) []*Greenlet {
	gs := make([]*Greenlet, n)
	for i := range gs {
		gs[i] = Spawn(func() error { return fn(i) })
	}
	return gs
}

func TestBarrierManyRounds(t *testing.T) {
	virtual(t, func() error {
		const parties, rounds = 5, 1000
		b := NewBarrier(parties, nil)
		var came [rounds]int
		return JoinAll(several(parties, func(i int) error {
			for r := range rounds {
				if r%7 == i {
					Yield() // not always in the same order
				}
				came[r]++
				if _, err := b.Wait(); err != nil {
					return err
				}
				require.Equal(t, parties, came[r], "nobody goes on before all have come")
			}
			return nil
		})...)
	})
}

func TestBarrierWaitReturnsTheOrderOfArrival(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(5, nil)
		require.Equal(t, 5, b.Parties())
		var order []int
		var woken log
		gs := several(5, func(i int) error {
			_ = Sleep(time.Duration(5-i) * time.Second)
			index, err := b.Wait()
			order = append(order, index)
			woken.add(fmt.Sprint(i))
			return err
		})
		require.NoError(t, Sleep(3500*time.Millisecond))
		require.Equal(t, 3, b.Waiting())
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "0 4 3 2 1", woken.String(), "the last one goes on, then the others in order")
		slices.Sort(order)
		require.Equal(t, []int{0, 1, 2, 3, 4}, order)
		require.Zero(t, b.Waiting())
		return nil
	})
}

// The action runs once a round, in the one that came last, before all others go on; it may wait.
func TestBarrierAction(t *testing.T) {
	virtual(t, func() error {
		var l log
		b := NewBarrier(3, func() error {
			l.add("action")
			defer l.add("done")
			return Sleep(time.Second)
		})
		require.NoError(t, JoinAll(several(9, func(int) error {
			_, err := b.Wait()
			l.add("on")
			return err
		})...))
		require.Equal(t, "action done on on on action done on on on action done on on on", l.String())
		require.Equal(t, 3*time.Second, GetHub().sched.Now(), "those that came during an action waited for its end")
		return nil
	})
}

func TestBarrierFailingActionBreaksIt(t *testing.T) {
	for name, action := range map[string]func() error{
		"error": func() error { return errMade },
		"panic": func() error { panic("made") },
		"kill":  func() error { return Current().Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			var r reports
			require.NoError(t, virtualConfig(t, r.config(), func() error {
				b := NewBarrier(3, action)
				gs := several(4, func(int) error { _, err := b.Wait(); return err })
				for i, g := range gs {
					if i == 2 {
						err := g.Get()
						require.Error(t, err)
						require.NotErrorIs(t, err, ErrBrokenBarrier, "the one that ran the action")
						continue
					}
					require.Equal(t, ErrBrokenBarrier, g.Get())
				}
				require.True(t, b.Broken())
				return nil
			}))
		})
	}
}

func TestBarrierAbortIsStickyUntilReset(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(3, nil)
		wait := func(int) error { _, err := b.Wait(); return err }
		gs := several(2, wait)
		parked(t, gs...)
		b.Abort()
		b.Abort()
		require.True(t, b.Broken())
		require.Zero(t, b.Waiting())
		for _, g := range gs {
			require.Equal(t, ErrBrokenBarrier, g.Get())
		}
		require.Equal(t, ErrBrokenBarrier, wait(0), "also those that come later")
		b.Reset()
		require.False(t, b.Broken())
		return JoinAll(several(3, wait)...)
	})
}

func TestBarrierResetReleasesWaitersAndCanBeUsedAtOnce(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(3, nil)
		wait := func(int) error { _, err := b.Wait(); return err }
		old := several(2, wait)
		parked(t, old...)
		b.Reset()
		require.NoError(t, JoinAll(several(3, wait)...), "before the old ones have run")
		for _, g := range old {
			require.Equal(t, ErrBrokenBarrier, g.Get())
		}
		require.False(t, b.Broken())
		return nil
	})
}

func TestBarrierTimeoutOfOneBreaksAll(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second} {
		virtual(t, func() error {
			b := NewBarrier(3, nil)
			other := Spawn(func() error { _, err := b.Wait(); return err })
			parked(t, other)
			_, err := b.WaitTimeout(d)
			require.Equal(t, ErrTimeout, err)
			require.Equal(t, d, GetHub().sched.Now())
			require.Equal(t, ErrBrokenBarrier, other.Get())
			require.True(t, b.Broken())
			return nil
		})
	}
}

// A timeout of zero leaves one chance: those that are ready may complete the round.
func TestBarrierTimeoutOfZeroIsOneChance(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(3, nil)
		several(2, func(int) error { _, err := b.Wait(); return err })
		_, err := b.WaitTimeout(0)
		return err
	})
}

// Abort and Reset while the action runs: the round that it belongs to is broken, the action is not.
func TestBarrierBrokenDuringItsAction(t *testing.T) {
	virtual(t, func() error {
		done := false
		b := NewBarrier(2, func() error { defer func() { done = true }(); return Sleep(time.Second) })
		gs := several(2, func(int) error { _, err := b.Wait(); return err })
		parked(t, gs...)
		b.Reset()
		late := several(2, func(int) error { _, err := b.Wait(); return err })
		for _, g := range gs {
			require.Equal(t, ErrBrokenBarrier, g.Get())
		}
		require.True(t, done)
		return JoinAll(late...)
	})
}

// Who waits for the action of the round before is in no round yet: if it gives up, nothing breaks.
func TestBarrierInterruptedAtTheEntrance(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(2, func() error { return Sleep(time.Minute) })
		gs := several(2, func(int) error { _, err := b.Wait(); return err })
		parked(t, gs...)
		for _, d := range []time.Duration{0, time.Second} {
			_, err := b.WaitTimeout(d)
			require.Equal(t, ErrTimeout, err)
		}
		return JoinAll(gs...)
	})
}

func TestBarrierOfOne(t *testing.T) {
	virtual(t, func() error {
		b := NewBarrier(1, nil)
		for range 300 {
			index, err := b.Wait()
			require.NoError(t, err)
			require.Zero(t, index)
		}
		require.Panics(t, func() { NewBarrier(0, nil) })
		return nil
	})
}
