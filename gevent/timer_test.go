package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimerFiresOnceInAGreenletOfItsOwn(t *testing.T) {
	virtual(t, func() error {
		var l log
		me := Current()
		AfterFunc(2*time.Second, func() { l.add("second") })
		AfterFunc(time.Second, func() {
			require.NotNil(t, Current())
			require.NotSame(t, me, Current())
			require.NoError(t, Sleep(500*time.Millisecond), "it may wait")
			l.add("first")
		})
		AfterFunc(2*time.Second, func() { l.add("third") })
		now := AfterFunc(-1, func() { l.add("at once") })
		require.Empty(t, l, "never inside AfterFunc")
		require.NoError(t, Sleep(time.Minute))
		require.Equal(t, "at once first second third", l.String())
		require.False(t, now.Stop())
		return nil
	})
}

func TestTimerStoppedNeverFires(t *testing.T) {
	virtual(t, func() error {
		timer := AfterFunc(time.Second, func() { t.Error("it fired") })
		require.True(t, timer.Stop())
		require.False(t, timer.Stop())
		return Sleep(time.Minute)
	})
}

func TestTimerReset(t *testing.T) {
	virtual(t, func() error {
		var at []time.Duration
		h := GetHub()
		timer := AfterFunc(time.Second, func() { at = append(at, h.sched.Now()) })
		require.True(t, timer.Reset(2*time.Second))
		require.NoError(t, Sleep(5*time.Second))
		require.False(t, timer.Reset(time.Second), "it fires again")
		require.NoError(t, Sleep(5*time.Second))
		require.Equal(t, []time.Duration{2 * time.Second, 6 * time.Second}, at)
		return nil
	})
}

// Run does not wait for timers, and one that outlives its hub is harmless.
func TestTimerDoesNotKeepRunFromEnding(t *testing.T) {
	var timer *Timer
	require.NoError(t, Run(func() error {
		timer = AfterFunc(time.Hour, func() { t.Error("it fired") })
		return nil
	}))
	require.False(t, timer.Stop())
	require.Panics(t, func() { timer.Reset(1) })
	virtual(t, func() error {
		require.False(t, timer.Stop())
		return nil
	})
}

func TestTimerMisusePanics(t *testing.T) {
	virtual(t, func() error {
		require.Panics(t, func() { AfterFunc(1, nil) })
		require.Panics(t, func() { new(Timer).Stop() })
		require.Panics(t, func() { new(Timer).Reset(1) })
		return nil
	})
}

func TestTimerPanicIsThatOfItsGreenlet(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		AfterFunc(1, func() { panic("made") })
		return Sleep(time.Second)
	}))
	require.Len(t, r.greenlets, 1)
	require.NotNil(t, r.greenlets[0])
}

func TestTimerAddAndStopAllocateNothing(t *testing.T) {
	virtual(t, func() error {
		timer := AfterFunc(time.Hour, func() {})
		require.Zero(t, testing.AllocsPerRun(100, func() { timer.Stop(); timer.Reset(time.Hour) }))
		timer.Stop()
		return nil
	})
}
