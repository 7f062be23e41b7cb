package gevent

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("Event.Wait", func() interruptible {
	e := new(Event)
	return interruptible{
		call: e.Wait, timed: e.WaitTimeout, admit: e.Set,
		check: func(t *testing.T) { require.True(t, e.IsSet()) },
	}
})

// inLine spawns n greenlets that make the call and then note their number.
func inLine(t *testing.T, l *log, n int, call func() error) []*Greenlet {
	gs := make([]*Greenlet, n)
	for i := range gs {
		gs[i] = Spawn(func() error {
			err := call()
			l.add(fmt.Sprint(i + 1))
			return err
		})
	}
	parked(t, gs...)
	return gs
}

func TestEventSetWakesAllInOrder(t *testing.T) {
	virtual(t, func() error {
		var e Event
		var l log
		gs := inLine(t, &l, 3, e.Wait)
		e.Set()
		require.Empty(t, l, "Set does not switch")
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "1 2 3", l.String())
		e.Set()
		require.True(t, e.IsSet(), "again")
		return nil
	})
}

func TestEventSetThenClear(t *testing.T) {
	for _, n := range []int{1, 100, 1000} {
		virtual(t, func() error {
			var e Event
			var l log
			gs := inLine(t, &l, n, e.Wait)
			e.Set()
			e.Clear()
			require.NoError(t, JoinAll(gs...))
			require.Len(t, l, n)
			late := Spawn(e.Wait)
			parked(t, late)
			return late.Kill()
		})
	}
}

// Who waits while those whom Set has woken are still to run goes on behind them, and does not wait for more than that.
func TestEventWaitWhileNotifying(t *testing.T) {
	virtual(t, func() error {
		var e Event
		var l log
		inLine(t, &l, 2, e.Wait)
		AfterFunc(0, func() { l.add("4") }) // a turn of the loop
		e.Set()
		require.NoError(t, e.Wait())
		l.add("3")
		require.Equal(t, "1 2 3", l.String())
		return nil
	})
}

func TestEventWaitOnASetOneReturnsAtOnce(t *testing.T) {
	virtual(t, func() error {
		var e Event
		e.Set()
		other := Spawn(func() error { return nil })
		require.NoError(t, e.Wait())
		require.NoError(t, e.WaitTimeout(time.Second))
		require.NoError(t, e.WaitTimeout(0))
		require.False(t, other.Ready(), "it did not yield")
		for range 200 {
			require.NoError(t, e.Wait())
		}
		require.True(t, other.Ready(), "but starves nobody")
		return nil
	})
}

func TestEventWaitTimeout(t *testing.T) {
	virtual(t, func() error {
		var e Event
		require.Equal(t, ErrTimeout, e.WaitTimeout(0))
		require.Equal(t, ErrTimeout, e.WaitTimeout(-1))
		before := GetHub().sched.Now()
		require.Equal(t, ErrTimeout, e.WaitTimeout(time.Second))
		require.Equal(t, time.Second, GetHub().sched.Now()-before)
		Spawn(func() error { e.Set(); return nil })
		return e.WaitTimeout(0) // one chance
	})
}

func TestEventIsSetAndClear(t *testing.T) {
	virtual(t, func() error {
		var e Event
		require.False(t, e.IsSet())
		e.Set()
		require.True(t, e.IsSet())
		require.True(t, e.Ready())
		e.Clear()
		e.Clear()
		require.False(t, e.Ready())
		return nil
	})
}

// observed checks what observers of w are told: once when it becomes ready, at once if it is.
func observed(t *testing.T, w Waitable, become func()) {
	t.Helper()
	var l log
	tell := func(name string) *observer { return &observer{notify: func() { l.add(name) }} }
	gone := tell("gone")
	w.observe(tell("early"))
	w.observe(gone)
	w.observe(tell("second"))
	w.ignore(gone)
	require.False(t, w.Ready())
	require.Empty(t, l)
	become()
	require.True(t, w.Ready())
	w.observe(tell("late"))
	w.ignore(gone)
	require.Equal(t, "early second late", l.String())
}

func TestEventTellsObserversOncePerSet(t *testing.T) {
	virtual(t, func() error {
		var e Event
		observed(t, &e, e.Set)
		e.Clear()
		e.Set() // those that were told are not told again
		return nil
	})
}

// From another thread an event is set through the hub; there, its waiters are woken.
func TestEventSetFromAnotherThreadByPost(t *testing.T) {
	run(t, func() error {
		var e Event
		h := GetHub()
		defer h.Hold()()
		go h.Post(e.Set)
		return e.Wait()
	})
}

func TestEventOfAnotherHub(t *testing.T) {
	run(t, func() error {
		var e Event
		e.Set()
		var done sync.WaitGroup
		done.Go(func() {
			require.PanicsWithValue(t, "gevent: Event.Set called outside a hub: call it inside gevent.Run, on no goroutine started"+
				" with go (there, use Hub.Post)", e.Set)
			require.NoError(t, Run(func() error {
				require.Panics(t, e.Clear)
				return nil
			}))
		})
		done.Wait()
		return nil
	})
}

func TestEventOutlivesItsHub(t *testing.T) {
	var e Event
	virtual(t, func() error { e.Set(); return nil })
	virtual(t, e.Wait)
}
