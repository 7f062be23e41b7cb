package gevent

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestRLockCounts(t *testing.T) {
	virtual(t, func() error {
		var l RLock
		require.NoError(t, l.Acquire())
		require.True(t, l.TryAcquire())
		require.NoError(t, l.AcquireTimeout(0))
		other := Spawn(l.Acquire)
		parked(t, other)
		l.Release()
		l.Release()
		parked(t, other)
		require.True(t, l.Owned())
		l.Release()
		require.False(t, l.Owned(), "handed over")
		require.NoError(t, other.Get())
		require.True(t, l.Locked(), "it ended without a release")
		return nil
	})
}

func TestRLockReleaseByAnotherPanics(t *testing.T) {
	virtual(t, func() error {
		var l RLock
		require.NoError(t, l.Acquire())
		require.NoError(t, Spawn(func() error {
			require.False(t, l.Owned())
			require.PanicsWithValue(t, "gevent: Release of an RLock by a greenlet that does not own it "+
				"(rlock held by main (task 1)); only the owner may, once for each Acquire that returned nil; use a Lock if another one has to", l.Release)
			return nil
		}).Get())
		require.True(t, l.Owned())
		l.Release()
		return nil
	})
}

func TestRLockOutsideAGreenletPanics(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		var l RLock
		var fired Event
		h := GetHub()
		h.sched.StartTimer(sched.NewTimer(func() {
			defer fired.Set()
			_ = l.Acquire()
		}), 0)
		return fired.Wait()
	}))
	require.Len(t, r.errs, 1)
	require.ErrorContains(t, r.errs[0], "gevent: Acquire of an RLock outside a greenlet")
}
