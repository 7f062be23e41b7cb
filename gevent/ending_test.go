package gevent

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What ends a wait for a place leaves no place taken, and no waiter.
func TestPoolInterrupted(t *testing.T) {
	waits := map[string]func(p *Pool) error{
		"Spawn":         func(p *Pool) error { _, err := p.Spawn(func() error { return errors.New("it ran") }); return err },
		"Add":           func(p *Pool) error { return p.Add(Current()) },
		"WaitAvailable": (*Pool).WaitAvailable,
		"GoIn": func(p *Pool) error {
			_, err := GoIn(p, func() (int, error) { return 0, errors.New("it ran") })
			return err
		},
		"Apply": func(p *Pool) error {
			_, err := Apply(p, func() (int, error) { return 0, errors.New("it ran") })
			return err
		},
	}
	for name, wait := range waits {
		eachEnd(t, name, func(t *testing.T, end ending) {
			p := NewPool(1)
			held := mustSpawn(t, p, func() error { return Sleep(time.Minute) })
			before := Spawn(func() error { _, err := p.Spawn(func() error { return nil }); return err })
			g := Spawn(func() error { return wait(p) })
			behind := Spawn(func() error { _, err := p.Spawn(func() error { return nil }); return err })
			parked(t, held, before, g, behind)
			end.now(t, g)
			require.Equal(t, 2, p.slots.queue.Len()+p.slots.free.Len())
			require.NoError(t, JoinAll(held, before, behind))
			require.NoError(t, p.Join())
			require.Equal(t, 1, p.FreeCount())
		})
	}
}

// A greenlet that goes on spawning while all members are killed, so that it never has to wait, starves nobody.
func TestPoolSpawnWhileItIsKilled(t *testing.T) {
	for name, spawn := range map[string]func(p *Pool) error{
		"Spawn":         func(p *Pool) error { _, err := p.Spawn(func() error { return nil }); return err },
		"Apply":         func(p *Pool) error { _, _ = Apply(p, func() (int, error) { return 0, nil }); return nil },
		"WaitAvailable": (*Pool).WaitAvailable,
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				p := NewPool(2)
				member := mustSpawn(t, p, func() error { return Sleep(time.Hour) })
				stubborn := mustSpawn(t, p, func() error {
					defer func() { _ = Sleep(time.Second) }()
					return Sleep(time.Hour)
				})
				calls := 0
				producer := Spawn(func() error {
					for calls < 10_000 && spawn(p) == nil {
						calls++
					}
					return nil
				})
				parked(t, member, stubborn)
				killer := Spawn(p.Kill)
				for range 10 {
					Yield()
				}
				require.Less(t, calls, 10_000)
				require.NoError(t, producer.Kill())
				return JoinAll(killer, stubborn)
			})
		})
	}
}

// An ending is a way in which a wait can be ended from outside.
type ending struct {
	end  func(g *Greenlet)
	want error
}

var errEnding = errors.New("ended from outside")

var endings = map[string]ending{
	"kill":      {(*Greenlet).KillAsync, ErrExit},
	"kill with": {func(g *Greenlet) { g.KillWithAsync(errEnding) }, errEnding},
	"throw":     {func(g *Greenlet) { g.Throw(errEnding) }, errEnding},
	"cancel":    {func(g *Greenlet) { g.hub.sched.Cancel(&g.task, errEnding) }, errEnding},
	"timeout":   {func(g *Greenlet) { g.hub.sched.SetTimeout(&g.task, g.hub.sched.After(time.Second)) }, ErrTimeout},
}

// now ends the wait of g, and requires that it ends with the error.
func (e ending) now(t testing.TB, g *Greenlet) {
	t.Helper()
	e.end(g)
	require.ErrorIs(t, g.Get(), e.want)
}

func eachEnd(t *testing.T, name string, test func(t *testing.T, end ending)) {
	for how, end := range endings {
		t.Run(name+" "+how, func(t *testing.T) {
			virtual(t, func() error { test(t, end); return nil })
		})
	}
}
