package gevent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched/schedtest"
)

// ends are the ways in which a wait can be ended by something else than what it waits for. Each ends that of g, and says
// which error the wait returns; nil if it does not return.
var ends = map[string]func(t *testing.T, g *Greenlet) error{
	"kill": func(t *testing.T, g *Greenlet) error {
		require.NoError(t, g.Kill())
		return nil
	},
	"thrown error": func(t *testing.T, g *Greenlet) error {
		throw(g, errMade)
		_ = g.Join()
		return errMade
	},
	"cancel": func(t *testing.T, g *Greenlet) error {
		g.hub.sched.Cancel(&g.task, errMade)
		_ = g.Join()
		return errMade
	},
	"timeout": func(t *testing.T, g *Greenlet) error {
		g.hub.sched.SetTimeout(&g.task, 1)
		_ = g.Join()
		return ErrTimeout
	},
}

// inGoroutine runs fn on a goroutine while the current greenlet waits.
func inGoroutine(t *testing.T, fn func()) {
	_, err := await(func() (struct{}, error) { fn(); return struct{}{}, nil })
	require.NoError(t, err)
}

// A sharedWait is one kind of waiting in a Shared primitive.
type sharedWait struct {
	wait    func() error                // waits for what is not there
	context func(context.Context) error // likewise
	timeout func(d time.Duration) error // likewise
	bring   func()                      // what ends one wait
}

func sharedWaits() map[string]sharedWait {
	event := new(SharedEvent)
	result := new(SharedResult[int])
	empty := NewSharedQueue[int](0)
	sem := new(SharedSemaphore)
	full := NewSharedQueue[int](1)
	_ = full.Put(0)
	only := func(_ int, err error) error { return err }
	return map[string]sharedWait{
		"event":     {event.Wait, event.WaitContext, event.WaitTimeout, event.Set},
		"semaphore": {sem.Acquire, sem.AcquireContext, sem.AcquireTimeout, sem.Release},
		"result": {func() error { return only(result.Get()) },
			func(ctx context.Context) error { return only(result.GetContext(ctx)) },
			func(d time.Duration) error { return only(result.GetTimeout(d)) },
			func() { result.Set(1) }},
		"get": {func() error { return only(empty.Get()) },
			func(ctx context.Context) error { return only(empty.GetContext(ctx)) },
			func(d time.Duration) error { return only(empty.GetTimeout(d)) },
			func() { empty.TryPut(1) }},
		"put": {func() error { return full.Put(1) },
			func(ctx context.Context) error { return full.PutContext(ctx, 1) },
			func(d time.Duration) error { return full.PutTimeout(1, d) },
			func() { full.TryGet() }},
	}
}

func TestSharedWaitIsEndedFromAnywhere(t *testing.T) {
	bringers := map[string]func(t *testing.T, bring func()){
		"same hub":  func(_ *testing.T, bring func()) { bring() },
		"goroutine": inGoroutine,
		"another hub": func(t *testing.T, bring func()) {
			inGoroutine(t, func() { _ = Run(func() error { bring(); return nil }) })
		},
	}
	for kind := range sharedWaits() {
		for from, bringer := range bringers {
			t.Run(kind+"/"+from, func(t *testing.T) {
				run(t, func() error {
					w := sharedWaits()[kind]
					g := Spawn(w.wait)
					parked(t, g)
					bringer(t, w.bring)
					return g.Get()
				})
			})
		}
	}
}

func TestSharedWaitOfGoroutine(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			defer noGoroutines(t)
			w := sharedWaits()[kind]
			require.ErrorIs(t, w.timeout(0), ErrTimeout)
			require.ErrorIs(t, w.timeout(time.Millisecond), ErrTimeout)
			ctx, cancel := context.WithCancelCause(context.Background())
			ended := make(chan error)
			go func() { ended <- w.context(ctx) }()
			cancel(errMade)
			require.Same(t, errMade, <-ended)
			require.Same(t, errMade, w.context(ctx))
			go func() { ended <- w.wait() }()
			require.NoError(t, Run(func() error { w.bring(); return nil }))
			require.NoError(t, <-ended)
		})
	}
}

func TestSharedWaitOfGreenletWithContext(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			run(t, func() error {
				w := sharedWaits()[kind]
				require.ErrorIs(t, w.timeout(0), ErrTimeout)
				require.ErrorIs(t, w.timeout(1), ErrTimeout)
				ctx, cancel := context.WithCancelCause(context.Background())
				g := Spawn(func() error { return w.context(ctx) })
				parked(t, g)
				cancel(errMade)
				require.Same(t, errMade, g.Get())
				require.Same(t, errMade, w.context(ctx))
				w.bring()
				require.NoError(t, w.context(ctx), "what is there counts before the end of the context")
				return nil
			})
		})
	}
}

// What came before the deadline was seen counts, though the wake-up has not come to the hub.
func TestSharedWaitInTimeCounts(t *testing.T) {
	clock := new(schedtest.Clock)
	require.NoError(t, runConfig(t, Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
		e, q := new(SharedEvent), new(SharedQueue[int])
		waiter := Spawn(func() error { return e.WaitTimeout(time.Hour) })
		getter := Spawn(func() error { _, err := q.GetTimeout(time.Hour); return err })
		late := Spawn(func() error { return new(SharedEvent).WaitTimeout(time.Hour) })
		parked(t, waiter, getter, late)
		e.Set()
		e.Clear()
		require.NoError(t, q.Put(1))
		clock.Set(time.Hour)
		require.ErrorIs(t, late.Get(), ErrTimeout)
		require.NoError(t, waiter.Get())
		return getter.Get()
	}))
}

func TestSharedMisuse(t *testing.T) {
	const text = "gevent: a SharedQueue of negative capacity; 0 means without bound"
	require.PanicsWithValue(t, text, func() { NewSharedQueue[int](-1) })
	run(t, func() error { // what does not wait works in the loop, too
		q := NewSharedQueue[int](1)
		g := Spawn(func() error { return GetHub().sched.Park(why) })
		parked(t, g)
		g.task.OnDone(func() { _ = q.Put(1); q.TryPut(2) })
		_ = g.Kill()
		require.Equal(t, 1, q.Len())
		return nil
	})
}
