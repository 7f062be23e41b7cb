package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func mustSpawn(t testing.TB, p *Pool, fn func() error) *Greenlet {
	t.Helper()
	g, err := p.Spawn(fn)
	require.NoError(t, err)
	return g
}

func TestPoolSize(t *testing.T) {
	require.PanicsWithValue(t, "gevent: NewPool of a negative size; for no limit take a Group", func() { NewPool(-1) })
	virtual(t, func() error {
		p := NewPool(3)
		now, most := 0, 0
		for range 20 {
			mustSpawn(t, p, func() error {
				now++
				most = max(most, now)
				defer func() { now-- }()
				return Sleep(time.Second)
			})
		}
		require.NoError(t, p.Join())
		require.Equal(t, 3, most)
		require.Equal(t, 3, p.FreeCount())
		require.Equal(t, 3, p.Size())
		return nil
	})
}

func TestPoolOfZero(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(0)
		require.True(t, p.Full())
		_, err := p.TrySpawn(func() error { return nil })
		require.ErrorIs(t, err, ErrPoolFull)
		_, err = p.SpawnTimeout(time.Second, func() error { return nil })
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorIs(t, p.WaitAvailableTimeout(time.Second), ErrTimeout)
		require.ErrorIs(t, p.WaitAvailableTimeout(0), ErrTimeout)
		return p.Join()
	})
}

// Places go to those who wait in the order of their calls; a call that does not wait gets none before them.
func TestPoolIsFIFO(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		var l log
		first := mustSpawn(t, p, func() error { return Sleep(time.Second) })
		var spawners []*Greenlet
		for _, name := range []string{"a", "b", "c"} {
			spawners = append(spawners, Spawn(func() error {
				_, err := p.Spawn(func() error { l.add(name); return nil })
				return err
			}))
		}
		parked(t, spawners...)
		first.Link(func(*Greenlet) {
			_, err := p.TrySpawn(func() error { l.add("barged"); return nil })
			require.ErrorIs(t, err, ErrPoolFull)
		})
		require.NoError(t, JoinAll(spawners...))
		require.NoError(t, p.Join())
		require.Equal(t, "a b c", l.String())
		return nil
	})
}

func TestPoolSpawnTimeout(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		mustSpawn(t, p, func() error { return Sleep(time.Minute) })
		_, err := p.SpawnTimeout(time.Second, func() error { t.Error("it ran"); return nil })
		require.ErrorIs(t, err, ErrTimeout)
		_, err = p.SpawnTimeout(0, func() error { t.Error("it ran"); return nil })
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorIs(t, p.AddTimeout(time.Second, Current()), ErrTimeout)
		_, err = p.SpawnTimeout(time.Hour, func() error { return nil })
		require.NoError(t, err)
		_, err = p.SpawnTimeout(0, func() error { return nil })
		require.NoError(t, err, "zero still lets the one before it end")
		require.NoError(t, p.Join())
		require.Equal(t, 1, p.FreeCount())
		return nil
	})
}

// A place comes free however its greenlet ends, and is not taken by a start that fails.
func TestPoolSlotAccounting(t *testing.T) {
	require.NoError(t, virtualConfig(t, (&reports{}).config(), func() error {
		for name, end := range map[string]func(p *Pool){
			"return": func(p *Pool) { mustSpawn(t, p, func() error { return nil }) },
			"error":  func(p *Pool) { mustSpawn(t, p, func() error { return errMade }) },
			"panic":  func(p *Pool) { mustSpawn(t, p, func() error { panic(errMade) }) },
			"exit":   func(p *Pool) { mustSpawn(t, p, func() error { Exit(); return nil }) },
			"kill": func(p *Pool) {
				g := mustSpawn(t, p, func() error { return Sleep(time.Hour) })
				parked(t, g)
				g.KillAsync()
			},
			"kill before start": func(p *Pool) { mustSpawn(t, p, func() error { t.Error("it ran"); return nil }).KillAsync() },
			"failed start":      func(p *Pool) { require.Panics(t, func() { _, _ = p.Spawn(nil) }) },
			"failed try":        func(p *Pool) { require.Panics(t, func() { _, _ = p.TrySpawn(nil) }) },
			"discard": func(p *Pool) {
				g := napper()
				require.NoError(t, p.Add(g))
				require.NoError(t, p.Add(g), "twice counts once")
				require.Equal(t, 0, p.FreeCount())
				p.Discard(g)
				p.Discard(g)
				require.NoError(t, g.Kill())
			},
			"add of a dead one": func(p *Pool) {
				g := Spawn(func() error { return nil })
				require.NoError(t, g.Join())
				require.NoError(t, p.Add(g))
			},
		} {
			p := NewPool(1)
			end(p)
			require.NoError(t, p.Join(), name)
			require.Equal(t, 1, p.FreeCount(), name)
			require.Zero(t, p.Len(), name)
		}
		return nil
	}))
}

// Two wait to add the same greenlet, which ends meanwhile, or is a member already: the place goes on.
func TestPoolAddOfWhatNeedsNoPlace(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(2)
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		mustSpawn(t, p, func() error { return Sleep(2 * time.Second) })
		g := after(9)
		add := func() error { return p.Add(g) }
		one, two := Spawn(add), Spawn(add)
		third := Spawn(func() error { _, err := p.Spawn(func() error { return nil }); return err })
		parked(t, one, two, third)
		require.NoError(t, JoinAll(one, two, third))
		require.Equal(t, 2*time.Second, GetHub().sched.Now())
		require.NoError(t, p.Join())
		require.Equal(t, 2, p.FreeCount())
		return nil
	})
}

func TestPoolWaitAvailable(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		var l log
		require.NoError(t, p.WaitAvailable())
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		looker := Spawn(func() error { defer l.add("available"); return p.WaitAvailable() })
		taker := Spawn(func() error {
			_, err := p.Spawn(func() error { l.add("ran"); return Sleep(time.Second) })
			return err
		})
		parked(t, looker, taker)
		require.NoError(t, JoinAll(looker, taker))
		require.Equal(t, "ran available", l.String(), "after those who take a place")
		require.Equal(t, 1, p.FreeCount(), "it takes none")
		return nil
	})
}

// Whoever is killed after it was given a place, and before it runs, has it, and gives it back.
func TestPoolKillAfterTheGrant(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		first := mustSpawn(t, p, func() error { return Sleep(time.Second) })
		var spawned *Greenlet
		spawner := Spawn(func() (err error) {
			spawned, err = p.Spawn(func() error { return Sleep(time.Second) })
			return err
		})
		parked(t, first, spawner)
		first.task.OnDone(func() { spawner.KillAsync() })
		require.NoError(t, spawner.Join())
		require.NotNil(t, spawned)
		require.NoError(t, p.Join())
		require.Equal(t, 1, p.FreeCount())
		return nil
	})
}

// Killing a pool ends who waits to come in, too: it comes in and is killed at once.
func TestPoolKillReachesThoseWhoWait(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		mustSpawn(t, p, func() error { return Sleep(time.Hour) })
		spawner := Spawn(func() error {
			for range 1000 {
				if _, err := p.Spawn(func() error { return Sleep(time.Hour) }); err != nil {
					return err
				}
			}
			return nil
		})
		parked(t, spawner)
		require.NoError(t, p.Kill())
		require.NoError(t, spawner.Kill())
		require.NoError(t, p.Kill())
		require.Equal(t, 1, p.FreeCount())
		require.Zero(t, GetHub().sched.Now())
		return nil
	})
}

// A pool all of whose members wait for a place in it: the hub says so, for each of them.
func TestPoolNestedSpawnIsReported(t *testing.T) {
	var holders []int
	err := virtualConfig(t, Config{}, func() error {
		p := NewPool(2)
		for range 2 {
			mustSpawn(t, p, func() error {
				_, err := p.Spawn(func() error { return nil })
				return err
			})
		}
		Yield()
		for g := range p.All() {
			holders = append(holders, len(g.task.Why().(interface{ Holders() []*sched.Task }).Holders()))
		}
		return p.Join()
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
	require.Len(t, deadlock.Tasks, 3)
	require.Equal(t, "end of 2 members", deadlock.Tasks[0].Why)
	for _, task := range deadlock.Tasks[1:] {
		require.Equal(t, "pool full (2 members, all of them waiting for a place in it)", task.Why)
	}
	require.Equal(t, []int{2, 2}, holders)
}

func TestPoolReason(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(2)
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		outside := Spawn(func() error { return p.Add(Current()) })
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		parked(t, outside)
		require.Equal(t, "pool full (2 members)", outside.task.Why().String())
		require.NoError(t, outside.Join())
		require.NoError(t, p.Join())

		p = NewPool(2)
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		nested := mustSpawn(t, p, func() error { _, err := p.Spawn(func() error { return nil }); return err })
		parked(t, nested)
		require.Equal(t, "pool full (2 members, 1 of them waiting for a place in it)", nested.task.Why().String())
		require.NoError(t, p.Join())
		one := NewPool(1)
		mustSpawn(t, one, func() error { return nil })
		require.Equal(t, "pool full (1 member)", (*poolPlace)(one).String())
		return one.Join()
	})
}
