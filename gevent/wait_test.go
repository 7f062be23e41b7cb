package gevent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// after returns a greenlet that ends after so many seconds.
func after(seconds int) *Greenlet {
	return SpawnNamed(fmt.Sprint(seconds), func() error { return Sleep(time.Duration(seconds) * time.Second) })
}

func names(objs []Waitable) (l log) {
	for _, o := range objs {
		l.add(o.(*Greenlet).Name())
	}
	return l
}

func isObserved(g *Greenlet) bool {
	e := lookExtra(&g.task)
	return e != nil && !e.observers.empty()
}

func TestWaitInOrderOfReadiness(t *testing.T) {
	virtual(t, func() error {
		dead1, dead2 := after(0), after(0)
		require.NoError(t, JoinAll(dead1, dead2))
		three, one, two := after(3), after(1), after(2)
		got, err := Wait(three, dead2, one, two, dead1)
		require.NoError(t, err)
		require.Equal(t, []Waitable{dead2, dead1, one, two, three}, got, "those that are ready come first")
		got, err = Wait()
		require.Empty(t, got)
		return err
	})
}

func TestWaitTimeout(t *testing.T) {
	virtual(t, func() error {
		one, two, nine := after(1), after(2), after(9)
		got, err := WaitTimeout(5*time.Second, nine, two, one)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, "1 2", ptr(names(got)).String(), "what was ready in time")
		require.False(t, isObserved(nine), "nothing of the wait is left")
		got, err = WaitTimeout(0, nine)
		require.ErrorIs(t, err, ErrTimeout)
		require.Empty(t, got)
		quick := Spawn(func() error { return nil })
		got, err = WaitTimeout(0, quick, one)
		require.NoError(t, err, "zero still lets it run")
		require.Len(t, got, 2)
		return nine.Kill()
	})
}

func ptr[T any](v T) *T { return &v }

func TestWaitCount(t *testing.T) {
	virtual(t, func() error {
		one, two, nine := after(1), after(2), after(9)
		got, err := WaitCount(2, nine, two, one)
		require.NoError(t, err)
		require.Equal(t, "1 2", ptr(names(got)).String())
		require.False(t, isObserved(nine))
		got, err = WaitCount(7, one, two)
		require.NoError(t, err)
		require.Len(t, got, 2, "no more than there are")
		require.Panics(t, func() { _, _ = WaitCount(-1, one) })
		require.PanicsWithValue(t, "gevent: Wait for a nil Waitable", func() { _, _ = Wait(nil) })
		return nine.Kill()
	})
}

func TestWaitTwiceAndForDuplicates(t *testing.T) {
	virtual(t, func() error {
		g, h := after(1), after(2)
		for range 2 {
			got, err := Wait(h, g, h, g)
			require.NoError(t, err)
			require.Len(t, got, 4)
		}
		return nil
	})
}

func TestWaitFirstError(t *testing.T) {
	virtual(t, func() error {
		fails := SpawnLater(time.Second, func() error { return errMade })
		killed, nine := napper(), after(9)
		killed.KillAsync()
		got, err := Until{FirstError: true}.Wait(nine, fails, killed)
		require.Same(t, errMade, err)
		require.Equal(t, []Waitable{killed, fails}, got)
		require.False(t, nine.Ready(), "the others go on")
		return nine.Join()
	})
}

func TestIWait(t *testing.T) {
	virtual(t, func() error {
		var l log
		three, one, two := after(3), after(1), after(2)
		for g, err := range IWait(three, one, two) {
			require.NoError(t, err)
			l.add(g.(*Greenlet).Name())
			if g == Waitable(one) {
				require.NoError(t, Sleep(time.Minute), "the body may wait; what is ready meanwhile is kept, in order")
			}
		}
		require.Equal(t, "1 2 3", l.String())
		return nil
	})
}

// A loop that is left leaves nothing behind, however it is left.
func TestIWaitAbandoned(t *testing.T) {
	leave := map[string]func(g *Greenlet){
		"break": func(*Greenlet) {},
		"panic": func(*Greenlet) { panic(errMade) },
		"exit":  func(*Greenlet) { Exit() },
	}
	for name, leave := range leave {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, virtualConfig(t, (&reports{}).config(), func() error {
				one, nine := after(1), after(9)
				loop := Spawn(func() error {
					for g := range IWait(nine, one) {
						leave(g.(*Greenlet))
						break
					}
					return nil
				})
				require.NoError(t, loop.Join())
				require.False(t, isObserved(nine))
				require.True(t, one.Ready())
				return nine.Kill()
			}))
		})
	}
}

func TestIWaitTimeout(t *testing.T) {
	virtual(t, func() error {
		one, nine := after(1), after(9)
		var l log
		for g, err := range IWaitTimeout(2*time.Second, nine, one) {
			l.add(fmt.Sprint(g, " ", err))
		}
		require.Equal(t, "1 (task 2) <nil> <nil> sched: deadline passed", l.String())
		return nine.Kill()
	})
}

func TestIWaitTwiceOverTheSame(t *testing.T) {
	virtual(t, func() error {
		seq := IWait(after(1), after(2))
		for range 2 {
			n := 0
			for _, err := range seq {
				require.NoError(t, err)
				n++
			}
			require.Equal(t, 2, n)
		}
		return nil
	})
}

func TestUntilJoinAll(t *testing.T) {
	virtual(t, func() error {
		fail := func(seconds int, err error) *Greenlet {
			return SpawnLater(time.Duration(seconds)*time.Second, func() error { return err })
		}
		other := errors.New("another")
		late, early, fine := fail(3, errMade), fail(2, other), fail(1, nil)

		ended, err := Until{Count: 1}.JoinAll(late, early, fine)
		require.NoError(t, err)
		require.Equal(t, []*Greenlet{fine}, ended)

		ended, err = Until{FirstError: true}.JoinAll(late, fine, early)
		require.Same(t, other, err, "the earliest failure, at once")
		require.Equal(t, []*Greenlet{fine, early}, ended, "in the order of their ends")
		require.False(t, late.Ready(), "others go on")

		ended, err = Until{Timeout: time.Millisecond}.JoinAll(late, early)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, []*Greenlet{early}, ended)
		return late.Join()
	})
}

func TestJoinAllTimeout(t *testing.T) {
	virtual(t, func() error {
		one, nine := after(1), after(9)
		require.ErrorIs(t, JoinAllTimeout(5*time.Second, nine, one), ErrTimeout)
		require.ErrorIs(t, JoinAllTimeout(0, nine), ErrTimeout)
		failed := Spawn(func() error { return errMade })
		require.ErrorIs(t, JoinAllTimeout(0, one, failed), errMade)
		return JoinAllTimeout(time.Hour, nine)
	})
}

// The reports say what is waited for, and of whom.
func TestWaitReason(t *testing.T) {
	virtual(t, func() error {
		one, nine := after(1), after(9)
		waiter := Spawn(func() error { _, err := Wait(one, nine); return err })
		require.NoError(t, one.Join())
		Yield()
		require.Equal(t, "one of 2 things", waiter.task.Why().String())
		holders := waiter.task.Why().(interface{ Holders() []*sched.Task }).Holders()
		require.Equal(t, []*sched.Task{&nine.task}, holders)
		return waiter.Get()
	})
}

// What belongs to another hub cannot be waited for: its state is not ours to look at. What was observed already is let go.
func TestWaitForWhatIsAnotherHubs(t *testing.T) {
	virtual(t, func() error {
		var end Event
		g := Spawn(end.Wait)
		parked(t, g)
		var group WaitGroup
		group.Add(1)
		s, e, r, q := NewSemaphore(0), new(Event), new(AsyncResult[int]), NewQueue[int](0)
		s.TryAcquire()
		e.Clear()
		_, _, _ = r.TryGet()
		_, _ = q.TryGet()
		theirs := []Waitable{g, &group, s, e, r, q}
		_, err := await(func() (int, error) {
			return 0, Run(func() error {
				ours := new(Event)
				for _, obj := range theirs {
					require.Panics(t, func() { _, _ = WaitTimeout(1, ours, obj) }, "%T", obj)
					require.True(t, ours.empty())
				}
				require.Panics(t, func() { _, _ = Wait(ours, nil) })
				require.Panics(t, func() { _, _ = Wait(ours, new(Greenlet)) })
				require.True(t, ours.empty())
				require.Panics(t, func() { new(Group).Add(g) })
				require.Panics(t, func() { _ = NewPool(1).Add(g) })
				require.Panics(t, func() { g.Link(func(*Greenlet) {}) })
				return nil
			})
		})
		require.False(t, g.HasLinks() || isObserved(g))
		end.Set()
		require.NoError(t, g.Get())
		return err
	})
}
