package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("WaitGroup.Wait", func() interruptible {
	w := new(WaitGroup)
	w.Add(1)
	return interruptible{
		call: w.Wait, timed: w.WaitTimeout, admit: w.Done,
		check: func(t *testing.T) { require.Zero(t, w.Count()) },
	}
})

func TestWaitGroup(t *testing.T) {
	virtual(t, func() error {
		var w WaitGroup
		var l log
		require.NoError(t, w.Wait(), "zero from the start")
		require.NoError(t, w.WaitTimeout(0))
		w.Add(2)
		gs := inLine(t, &l, 3, w.Wait)
		require.Equal(t, ErrTimeout, w.WaitTimeout(0))
		require.Equal(t, ErrTimeout, w.WaitTimeout(time.Second))
		w.Done()
		parked(t, gs...)
		w.Done()
		w.Add(1) // a next round does not hold those that were woken
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "1 2 3", l.String())
		require.Panics(t, func() { w.Add(-2) })
		require.Equal(t, 1, w.Count())
		w.Add(-1)
		require.Panics(t, w.Done)
		return nil
	})
}

// Go counts a greenlet until it has ended, in whatever way.
func TestWaitGroupGo(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		var w WaitGroup
		w.Go(func() error { return Sleep(time.Second) })
		w.Go(func() error { return errMade })
		w.Go(func() error { panic("made") })
		killed := w.Go(func() error { return Sleep(time.Hour) })
		unstarted := w.Go(func() error { panic("it ran") })
		require.Equal(t, 5, w.Count())
		unstarted.KillAsync()
		Yield()
		killed.KillAsync()
		return w.Wait()
	}))
	require.Len(t, r.errs, 1)
}

// Done for what Go counts is a mistake that is reported, in the greenlet's name: a panic would come in the loop.
func TestWaitGroupDoneTooManyIsReported(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		var w WaitGroup
		g := w.Go(func() error { w.Done(); return nil })
		return g.Get()
	}))
	require.Len(t, r.errs, 1)
	require.ErrorContains(t, r.errs[0], "WaitGroup.Done was called for what Go counts")

	err := virtualConfig(t, Config{OnError: func(*Greenlet, error, []byte) { panic("told") }}, func() error {
		var w WaitGroup
		g := w.Go(func() error { w.Done(); return nil })
		require.NoError(t, g.Get())
		Yield()
		return nil
	})
	require.ErrorContains(t, err, "told", "as any panic of OnError")
}

func TestWaitGroupTellsObservers(t *testing.T) {
	virtual(t, func() error {
		var w WaitGroup
		w.Add(1)
		observed(t, &w, w.Done)
		return nil
	})
}
