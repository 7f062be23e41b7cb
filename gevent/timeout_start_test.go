package gevent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// §2.7, lifecycle.
func TestTimeoutStartAndCancel(t *testing.T) {
	virtual(t, func() error {
		timeout := NewTimeout(time.Second)
		timeout.Cancel()
		require.False(t, timeout.Pending())
		for range 2 { // again after Cancel
			timeout.Start()
			require.True(t, timeout.Pending())
			require.PanicsWithValue(t, "gevent: Timeout.Start of a Timeout that is set already; Cancel it first, or make another one", timeout.Start)
			timeout.Cancel()
			require.False(t, timeout.Pending())
			require.NoError(t, Sleep(time.Minute), "never after Cancel")
			require.False(t, timeout.Expired())
		}
		for range 2 { // again after it has struck
			timeout.Start()
			require.False(t, timeout.Expired())
			require.True(t, timeout.Is(Sleep(time.Minute)))
			require.True(t, timeout.Expired())
			require.False(t, timeout.Pending())
			require.NoError(t, Sleep(time.Minute), "once")
		}
		require.False(t, timeout.Is(nil))
		require.False(t, timeout.Is(ErrTimeout))
		return nil
	})
}

// A late timer never hits unrelated code: what was thrown and not delivered is taken back.
func TestCancelTakesBackWhatWasThrown(t *testing.T) {
	computing(t, func(compute func(time.Duration)) error {
		timeout := StartTimeout(time.Second)
		compute(time.Minute)
		for !timeout.Expired() {
			Yield()
		}
		require.True(t, timeout.Pending(), "on its way")
		timeout.Cancel()
		require.False(t, timeout.Pending())
		require.NoError(t, Sleep(1))

		throw(Current(), errMade)
		timeout.Cancel()
		require.Same(t, errMade, Sleep(1), "another's error is none of its business")
		return nil
	})
}

func TestTimeoutsOfOneTurnAreAllDelivered(t *testing.T) {
	computing(t, func(compute func(time.Duration)) error {
		throw(Current(), errMade)
		timeouts := []*Timeout{StartTimeout(3), StartTimeout(2), StartTimeout(1), StartTimeout(0)}
		compute(time.Minute)
		var l log
		for range 7 {
			err := Sleep(1)
			for i, timeout := range timeouts {
				if timeout.Is(err) {
					l.add(fmt.Sprint(i))
				}
			}
			if errors.Is(err, errMade) {
				l.add("thrown")
			}
		}
		require.Equal(t, "thrown 3 2 1 0", l.String())
		return nil
	})
}

// Two that have come, of which the first is taken back: the second is delivered.
func TestCancelOfTheFirstOfTwo(t *testing.T) {
	computing(t, func(compute func(time.Duration)) error {
		first, second := StartTimeout(1), StartTimeout(2)
		compute(time.Minute)
		for !second.Expired() {
			Yield()
		}
		first.Cancel()
		require.True(t, second.Pending())
		require.True(t, second.Is(Sleep(1)))
		require.NoError(t, Sleep(1))
		return nil
	})
}

func TestTimeoutThatNobodyCancels(t *testing.T) {
	virtual(t, func() error {
		var timeout *Timeout
		g := Spawn(func() error { timeout = StartTimeout(time.Hour); return nil })
		require.NoError(t, g.Get())
		require.Zero(t, GetHub().Stats().Timers, "it ends with its greenlet")
		require.False(t, timeout.Pending())
		timeout.Cancel()
		timeout.Start()
		require.True(t, timeout.Is(Sleep(2*time.Hour)), "in another greenlet")
		return nil
	})
}

// Canceled by another greenlet, and set in one that ends meanwhile.
func TestTimeoutOfAnotherGreenlet(t *testing.T) {
	virtual(t, func() error {
		timeout := NewTimeout(time.Second)
		g := Spawn(func() error {
			timeout.Start()
			return Sleep(time.Minute)
		})
		parked(t, g)
		require.True(t, timeout.Pending())
		timeout.Cancel()
		require.NoError(t, g.Get())
		require.Equal(t, time.Minute, now())

		g = Spawn(func() error { return timeout.Do(func() error { return Sleep(time.Minute) }) })
		parked(t, g)
		require.Panics(t, timeout.Start)
		require.Panics(t, func() { _ = timeout.Do(func() error { return nil }) })
		timeout.Cancel()
		require.NoError(t, g.Get())
		return nil
	})
}

// gipc's rule: the time for the first byte must not cut the rest.
func TestCancelInsideDoLiftsTheLimit(t *testing.T) {
	virtual(t, func() error {
		timeout := NewTimeout(time.Second)
		require.NoError(t, timeout.Do(func() error {
			require.NoError(t, Sleep(time.Second/2))
			timeout.Cancel()
			return Sleep(time.Minute)
		}))
		require.NoError(t, timeout.Do(func() error {
			require.True(t, timeout.Is(Sleep(time.Minute)))
			ctx := Context()
			require.Error(t, ctx.Err())
			timeout.Cancel()
			require.NoError(t, Context().Err())
			require.Error(t, ctx.Err())
			return Sleep(time.Minute)
		}))
		return nil
	})
}
