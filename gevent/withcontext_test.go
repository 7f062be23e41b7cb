package gevent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The present wait and each later one end with the context's cause.
func TestWithContextEndsEachWaitInside(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancelCause(context.Background())
		worker := Spawn(func() error {
			return WithContext(ctx, func() error {
				require.Same(t, errMade, Sleep(time.Hour))
				require.Same(t, errMade, Sleep(time.Hour))
				return nil
			})
		})
		parked(t, worker)
		go cancel(errMade) // from another goroutine
		require.NoError(t, worker.Get())
		return nil
	})
}

func TestWithContextThatIsDone(t *testing.T) {
	virtual(t, func() error {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errMade)
		return WithContext(ctx, func() error {
			Yield()
			other := Spawn(func() error { return nil })
			Yield()
			require.NoError(t, other.Join(), "needs no wait")
			require.Same(t, errMade, Sleep(1))
			return nil
		})
	})
}

func TestWithContextOfADeadline(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		require.Equal(t, context.DeadlineExceeded, WithContext(ctx, func() error { return Sleep(time.Hour) }))
		return nil
	})
}

// A context that nobody can cancel changes nothing: to wait in vain still is a deadlock. One that can be is a hope.
func TestWithContextAndDeadlock(t *testing.T) {
	err := Run(func() error {
		return WithContext(context.Background(), func() error { return Spawn(Current().Join).Join() })
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
	ctx, cancel := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(10*time.Millisecond, func() { cancel(errMade) })
	defer timer.Stop()
	err = Run(func() error {
		return WithContext(ctx, func() error { return Spawn(Current().Join).Join() })
	})
	require.Same(t, errMade, err)
	err = Run(func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		require.NoError(t, WithContext(ctx, func() error { return nil }))
		return Spawn(Current().Join).Join()
	})
	require.ErrorAs(t, err, &deadlock, "the scope is left")
	noGoroutines(t)
}

func TestWithContextIsLeft(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		for range 100 {
			require.NoError(t, WithContext(ctx, func() error { return nil }))
		}
		require.NoError(t, WithContext(ctx, func() error { cancel(); return nil }), "its news comes late")
		return Sleep(time.Millisecond)
	})
}

func TestWithContextNil(t *testing.T) {
	virtual(t, func() error {
		var none context.Context
		require.PanicsWithValue(t, "gevent: WithContext of a nil context; use context.Background",
			func() { _ = WithContext(none, func() error { return nil }) })
		return nil
	})
}
