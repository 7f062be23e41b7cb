package debug

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// dbgMany spawns so many tasks that requests share.
func dbgMany(gate *gevent.Event) *gevent.Group {
	all := new(gevent.Group)
	for range many {
		all.Spawn(gate.Wait)
	}
	return all
}

// Requests that come while nothing was taken yet share what is taken; a later one gets its own.
func TestDebugTripIsShared(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	v, taken := New(b.Hub).views[0], 0
	var f ferry[int]
	release := b.block(t)
	results := make(chan int, 50)
	for range cap(results) {
		go func() {
			n, err := f.ask(t.Context(), v, dbgPatience, func() int { taken++; return taken })
			if err != nil {
				n = -1
			}
			results <- n
		}()
	}
	require.Eventually(t, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.next != nil && f.next.waiting == cap(results)
	}, dbgPatience, 1e6)
	release()
	for range cap(results) {
		require.Equal(t, 1, dbgReceive(t, results))
	}
	n, err := f.ask(t.Context(), v, dbgPatience, func() int { taken++; return taken })
	require.NoError(t, err)
	require.Equal(t, 2, n)
	b.end(t, 0)
	_, err = f.ask(t.Context(), v, dbgPatience, func() int { return 0 })
	require.ErrorIs(t, err, errEnded)
	require.Nil(t, f.next)
}

// What nobody waits for any more is not taken, and one that panics is told to all.
func TestDebugTripForNobody(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	v := New(b.Hub).views[0]
	var f ferry[int]
	release := b.block(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.ask(ctx, v, dbgPatience, func() int { t.Error("taken for nobody"); return 0 })
	require.ErrorIs(t, err, context.Canceled)
	release()
	left := make(chan struct{})
	require.True(t, b.Post(func() { close(left) }))
	dbgReceive(t, left)
	require.Nil(t, f.next)
	b.end(t, 0)
}

// Hundreds of requests of a hub that serves itself hold it up once.
func TestDebugManyTasksAreTakenOnce(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{OnError: func(*gevent.Greenlet, error, []byte) {}}, func(hub *gevent.Hub) {
		var gate gevent.Event
		all := dbgMany(&gate)
		h := New(hub)
		v, taken := h.views[0], 0
		var f ferry[int]
		var asking gevent.Group
		for range 200 {
			asking.Spawn(func() error {
				_, err := f.ask(t.Context(), v, dbgPatience, func() int { taken++; return taken })
				return err
			})
		}
		killed := asking.Spawn(func() error { dbgAsk(h, "tree"); return nil })
		asking.Spawn(func() error {
			gevent.Yield()
			killed.Kill()
			return nil
		})
		require.NoError(t, asking.Get())
		require.Equal(t, 1, taken)
		_, err := f.ask(t.Context(), v, dbgPatience, func() int { panic("of the test") })
		require.ErrorIs(t, err, errLost)
		for _, page := range []string{"", "tasks?format=json", "tree", "tree?stacks=1"} {
			asking.Spawn(func() error {
				if code, _ := dbgAsk(h, page); code != 200 {
					return errors.New(page)
				}
				return nil
			})
		}
		require.NoError(t, asking.Get())
		gate.Set()
		require.NoError(t, all.Join())
	})
}

// Who asks for the same stacks before the dump begins shares it: those of the process, or of a hub that does not answer.
func TestDebugStacksAreTakenOnce(t *testing.T) {
	dbgAlone(t)
	var d dumper
	b := dbgElsewhere(t)
	release := b.block(t)
	one, two := d.board(nil), d.board(nil)
	require.Same(t, one, two)
	busy := d.board(b.Hub)
	require.NotSame(t, one, busy)
	require.Same(t, busy, d.board(b.Hub))
	var all sync.WaitGroup
	all.Go(func() { d.take(one) })
	d.take(two)
	all.Wait()
	require.Contains(t, string(one.text), "goroutine ")
	require.True(t, d.rested.After(time.Now().Add(-dbgPatience)))
	require.NotSame(t, one, d.board(nil))
	require.Same(t, busy, d.board(b.Hub), "it has not begun")
	rested := d.rested
	require.Contains(t, d.take(busy).blocked.Greenlet, "culprit (task ")
	require.True(t, d.rested.After(rested), "the process rests after this one as well")
	require.NotSame(t, busy, d.board(b.Hub))
	release()
	b.end(t, 0)
}
