package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What docs/SEMANTICS.md promises and no other test had a reason to say.

// All that can be waited for stands in one list, and comes in the order in which it becomes ready.
func TestRowWaitForAMix(t *testing.T) {
	virtual(t, func() error {
		var event Event
		var result AsyncResult[int]
		var group WaitGroup
		var queue Queue[int]
		var shared SharedEvent
		sem := NewSemaphore(0)
		set := NewSemaphore(1)
		group.Add(1)
		g := after(4)
		for i, become := range []func(){func() { queue.Put(1) }, func() { result.Set(1) }, group.Done, nil, event.Set, sem.Release, shared.Set} {
			if become != nil {
				AfterFunc(time.Duration(i+1)*time.Second, become)
			}
		}
		got, err := Wait(&event, sem, &shared, &result, g, &group, &queue, set)
		require.NoError(t, err)
		require.Equal(t, []Waitable{set, &queue, &result, &group, g, &event, sem, &shared}, got)
		return nil
	})
}

func TestRowJoinAllOfTheSameTwice(t *testing.T) {
	virtual(t, func() error {
		g, h := after(1), after(2)
		require.NoError(t, JoinAll(h, g, h, g))
		ended, err := Until{}.JoinAll(h, g, h)
		require.NoError(t, err)
		require.Len(t, ended, 3)
		return nil
	})
}

// A greenlet that is killed before it starts has ended for its links, too.
func TestRowKillBeforeStartFiresLinks(t *testing.T) {
	virtual(t, func() error {
		var l log
		g := Spawn(func() error { t.Error("it ran"); return nil })
		later := SpawnLater(time.Hour, func() error { t.Error("it ran"); return nil })
		for _, g := range []*Greenlet{g, later} {
			g.Link(func(*Greenlet) { l.add("link") })
			g.LinkValue(func(*Greenlet) { l.add("value") })
			g.LinkError(func(*Greenlet) { l.add("error") })
		}
		require.NoError(t, g.KillWith(errMade))
		require.NoError(t, later.Kill())
		Yield()
		require.Equal(t, "link error link value", l.String())
		return nil
	})
}

// A greenlet's stack grows as any other: depth is no error, and it may wait down there.
func TestRowDeepRecursion(t *testing.T) {
	virtual(t, func() error {
		var dive func(depth int) (int, error)
		dive = func(depth int) (int, error) {
			if depth == 0 {
				return 0, Sleep(time.Second)
			}
			n, err := dive(depth - 1)
			return n + 1, err
		}
		a, b := Go(func() (int, error) { return dive(100_000) }), Go(func() (int, error) { return dive(10) })
		n, err := a.Get()
		require.NoError(t, err)
		require.Equal(t, 100_000, n)
		return b.Join()
	})
}

// The list of greenlets has main and all that have not ended, and nothing else.
func TestRowDumpHasWhoLives(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		names := func() (l log) {
			for _, info := range h.Dump() {
				l.add(info.Name)
			}
			require.Len(t, l, h.Stats().Live)
			return l
		}
		require.Equal(t, log{"main"}, names())
		a := SpawnNamed("a", func() error { return Sleep(time.Second) })
		b := SpawnNamed("b", func() error { return Sleep(2 * time.Second) })
		require.Equal(t, log{"main", "a", "b"}, names())
		require.NoError(t, a.Join())
		require.Equal(t, log{"main", "b"}, names())
		require.NoError(t, b.Kill())
		require.Equal(t, log{"main"}, names())
		return nil
	})
}

func TestAsyncResultFollows(t *testing.T) {
	virtual(t, func() error {
		follow := func(g *Result[int]) (int, error) {
			var r AsyncResult[int]
			r.Follow(g)
			return r.Get()
		}
		v, err := follow(Go(func() (int, error) { return 42, Sleep(time.Second) }))
		require.NoError(t, err)
		require.Equal(t, 42, v)
		failed := Go(func() (int, error) { return 1, errMade })
		for range 2 { // the second time it has ended
			_, err = follow(failed)
			require.Same(t, errMade, err)
		}
		killed := Go(func() (int, error) { return 0, Sleep(time.Hour) })
		killed.KillAsync()
		_, err = follow(killed)
		require.Same(t, ErrExit, err)

		var r AsyncResult[int]
		g := Go(func() (int, error) { return 1, nil })
		r.Follow(g).Unlink()
		require.NoError(t, g.Join())
		Yield()
		require.False(t, r.Ready())
		return nil
	})
}
