package gevent

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// now is the time of the current hub's clock.
func now() time.Duration { return GetHub().sched.Now() }

func TestTimeoutError(t *testing.T) {
	virtual(t, func() error {
		custom := errors.New("too slow")
		for _, c := range []struct {
			timeout *Timeout
			text    string
			wrapped error
		}{
			{NewTimeout(time.Second), "gevent: timed out after 1s", nil},
			{NewTimeoutError(time.Second, custom), "too slow", custom},
		} {
			err := c.timeout.Do(func() error { return Sleep(time.Minute) })
			var own *TimeoutError
			require.ErrorAs(t, err, &own)
			require.True(t, err == error(own), "returned as it is")
			require.EqualError(t, err, c.text)
			require.Equal(t, time.Second, own.After)
			require.ErrorIs(t, err, ErrTimeout)
			require.NotErrorIs(t, err, errMade)
			require.Equal(t, c.wrapped, errors.Unwrap(err))
			var ne net.Error
			require.ErrorAs(t, err, &ne)
			require.True(t, ne.Timeout())
			//lint:ignore SA1019 what still asks must not go round in a scope that is over
			require.False(t, ne.Temporary(), "inside the scope it would fail again")
		}
		return nil
	})
}

// It ends the wait in which fn is, and each later one: what ignores errors does not get away.
func TestWithTimeoutEndsEachWaitInside(t *testing.T) {
	virtual(t, func() error {
		var l log
		add := func(err error) { l.add(fmt.Sprintf("%v@%v", errors.Is(err, ErrTimeout), now())) }
		err := WithTimeout(time.Second, func() error {
			add(Sleep(time.Minute))
			other := Spawn(func() error { return Sleep(time.Minute) })
			add(other.Join())
			add(other.JoinTimeout(time.Second))
			Yield() // not a wait
			require.NoError(t, Sleep(0))
			other.KillAsync()
			Yield()
			require.NoError(t, other.Join(), "needs no wait")
			return errMade
		})
		require.Same(t, errMade, err, "what fn returns")
		require.Equal(t, "true@1s true@1s true@1s", l.String())
		require.NoError(t, Sleep(time.Second), "nothing is left")
		return nil
	})
}

func TestTimeoutThatIsNotNeeded(t *testing.T) {
	virtual(t, func() error {
		require.NoError(t, WithTimeout(time.Second, func() error { return Sleep(time.Millisecond) }))
		require.Zero(t, GetHub().Stats().Timers)
		require.NoError(t, Sleep(time.Minute))
		require.Equal(t, time.Minute+time.Millisecond, now())
		return nil
	})
}

// Of a wait and its timeout that end at the same time, the first one counts; the timeout does not go on to hit what
// follows.
func TestTimeoutAtTheVeryEnd(t *testing.T) {
	virtual(t, func() error {
		err := WithTimeout(time.Second, func() error { return Sleep(time.Second) })
		require.ErrorIs(t, err, ErrTimeout, "its time was set first")

		h, me := GetHub(), Current()
		for _, set := range []func(*Timeout) error{
			func(scope *Timeout) error { return scope.Do(func() error { return h.sched.Park(sched.Why("test")) }) },
			func(scope *Timeout) error {
				scope.Start()
				defer scope.Cancel()
				return h.sched.Park(sched.Why("test"))
			},
		} {
			waker := sched.NewTimer(func() { h.sched.Ready(&me.task) })
			h.sched.StartTimer(waker, h.sched.After(time.Second))
			scope := NewTimeout(time.Second)
			require.NoError(t, set(scope), "a wait that was over keeps its outcome")
			require.True(t, scope.Expired())
			require.False(t, scope.Pending())
			require.NoError(t, Sleep(time.Second), "it does not hit what follows")
		}
		return nil
	})
}

// §2.7, seconds: zero and less.
func TestTimeoutOfZeroHitsTheNextWaitAndNothingBefore(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		virtual(t, func() error {
			computed := false
			err := WithTimeout(d, func() error {
				computed = true
				Yield()
				return Sleep(1)
			})
			require.ErrorIs(t, err, ErrTimeout)
			require.True(t, computed)
			require.NoError(t, WithTimeout(d, func() error { Yield(); return nil }), "no wait")
			require.Zero(t, now())

			timeout := StartTimeout(d)
			require.True(t, timeout.Pending())
			Yield()
			require.True(t, timeout.Pending())
			require.True(t, timeout.Is(Sleep(1)))
			require.False(t, timeout.Pending())
			require.NoError(t, Sleep(1), "once")
			timeout.Start()
			timeout.Cancel()
			require.NoError(t, Sleep(1), "taken back")
			return nil
		})
	}
}

// §2.7, seconds: None.
func TestTimeoutNever(t *testing.T) {
	virtual(t, func() error {
		timeout := NewTimeout(Never)
		require.NoError(t, timeout.Do(func() error {
			require.Zero(t, GetHub().Stats().Timers)
			return Sleep(24 * 365 * time.Hour)
		}))
		require.False(t, timeout.Expired())
		timeout.Start()
		require.False(t, timeout.Pending())
		timeout.Start()
		require.NoError(t, Sleep(time.Hour))
		timeout.Cancel()
		return WithTimeout(Never, func() error { return nil })
	})
}

// computing is virtual, for tests in which time goes on while a greenlet computes.
func computing(t testing.TB, main func(compute func(time.Duration)) error) {
	t.Helper()
	clock := new(schedtest.Clock)
	require.NoError(t, runConfig(t, Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
		return main(func(d time.Duration) { clock.Set(clock.Now() + d) })
	}))
}

// §2.7, clock: the time counts from the call, by a fresh reading of the clock; code that computes is not interrupted,
// but can ask.
func TestTimeoutClockIsFreshAndComputingIsNotInterrupted(t *testing.T) {
	computing(t, func(compute func(time.Duration)) error {
		compute(time.Minute) // the loop has last read the clock before
		require.NoError(t, WithTimeout(time.Second, func() error { return Sleep(time.Second / 2) }))
		require.NoError(t, WithTimeout(time.Second, func() error {
			compute(time.Minute)
			return nil
		}))
		scope := NewTimeout(time.Second)
		return scope.Do(func() error {
			require.NoError(t, Canceled())
			compute(time.Second)
			require.False(t, scope.Expired(), "the loop had no turn")
			require.True(t, scope.Is(Canceled()))
			require.NoError(t, Shield(Canceled))
			require.True(t, scope.Is(Sleep(1)))
			return nil
		})
	})
}

// §2.7, target.
func TestTimeoutHitsTheGreenletThatSetItNotItsChildren(t *testing.T) {
	virtual(t, func() error {
		child := func() *Greenlet { return Spawn(func() error { return Sleep(time.Minute) }) }
		var children []*Greenlet
		require.ErrorIs(t, WithTimeout(time.Second, func() error {
			children = append(children, child())
			return children[0].Join()
		}), ErrTimeout)
		timeout := StartTimeout(time.Second)
		children = append(children, child())
		require.True(t, timeout.Is(children[1].Join()))
		require.NoError(t, JoinAll(children...))
		require.Equal(t, time.Minute+time.Second, now())
		return nil
	})
}

// §2.1, with_timeout: the fallback is for one's own timeout alone.
func TestWithTimeoutOr(t *testing.T) {
	virtual(t, func() error {
		slow := func() (string, error) { return "late", Sleep(time.Minute) }
		v, err := WithTimeoutOr(time.Second, "fallback", slow)
		require.NoError(t, err)
		require.Equal(t, "fallback", v)
		v, err = WithTimeoutOr(-time.Second, "fallback", slow)
		require.NoError(t, err)
		require.Equal(t, "fallback", v, "a negative time is as zero")
		v, err = WithTimeoutOr(time.Second, "fallback", func() (string, error) { return "value", errMade })
		require.Same(t, errMade, err)
		require.Equal(t, "value", v)
		v, err = WithTimeoutOr(time.Second, "fallback", func() (string, error) { _, _ = slow(); return "in spite of it", nil })
		require.NoError(t, err)
		require.Equal(t, "in spite of it", v)

		outer := NewTimeout(time.Second)
		err = outer.Do(func() error {
			v, err = WithTimeoutOr(time.Minute, "fallback", slow)
			return err
		})
		require.True(t, outer.Is(err), "another's")
		require.Equal(t, "late", v)
		_, err = WithTimeoutOr(time.Minute, "fallback", func() (string, error) { return "", ErrTimeout })
		require.Equal(t, ErrTimeout, err)
		return nil
	})
}

func TestWithDeadline(t *testing.T) {
	run(t, func() error {
		require.ErrorIs(t, WithDeadline(time.Now().Add(time.Millisecond), func() error { return Sleep(time.Hour) }), ErrTimeout)
		require.ErrorIs(t, WithDeadline(time.Time{}, func() error { return Sleep(time.Hour) }), ErrTimeout)
		return WithDeadline(time.Now().Add(time.Hour), func() error { return Sleep(1) })
	})
}

// A timeout is no cause to wait: with nothing else to come, a wait that has no other end still is no deadlock, as its
// timeout is.
func TestTimeoutIsNoDeadlock(t *testing.T) {
	virtual(t, func() error {
		main := Current()
		worker := Spawn(main.Join)
		require.ErrorIs(t, WithTimeout(time.Second, worker.Join), ErrTimeout)
		return worker.Kill()
	})
}

func TestTimeoutOutsideAGreenlet(t *testing.T) {
	require.Panics(t, func() { _ = WithTimeout(1, func() error { return nil }) })
	require.Panics(t, func() { StartTimeout(1) })
	run(t, func() error {
		h := GetHub()
		for _, call := range []func(){
			func() { StartTimeout(1) },
			func() { _ = WithTimeout(1, func() error { return nil }) },
			func() { _ = Shield(func() error { return nil }) },
			func() { Context() },
		} {
			var report any
			h.sched.StartTimer(sched.NewTimer(func() {
				defer func() { report = recover() }()
				call()
			}), 0)
			require.NoError(t, Sleep(1))
			require.Contains(t, report, "called outside a greenlet")
		}
		posted := false
		h.Post(func() {
			require.ErrorIs(t, WithTimeout(1, func() error { return Sleep(time.Hour) }), ErrTimeout)
			posted = true
		})
		for !posted {
			require.NoError(t, Sleep(1))
		}
		return nil
	})
}
