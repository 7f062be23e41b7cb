package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
	"greenloop/sched"
)

// A generator that yields inside a scope leaves it open for its consumer, who may leave its own scopes before it.
func TestScopeOfASuspendedGenerator(t *testing.T) {
	virtual(t, func() error {
		inner, outer := NewTimeout(time.Second), NewTimeout(time.Minute)
		values := greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			return inner.Do(func() error {
				y.Yield(1)
				return Sleep(time.Hour)
			})
		})
		require.NoError(t, outer.Do(func() error {
			_, ok := values.Next()
			require.True(t, ok)
			return nil
		}))
		require.Equal(t, 1, GetHub().Stats().Timers, "of the outer nothing is left")
		require.True(t, inner.Is(Sleep(time.Hour)), "the scope is the greenlet's")
		_, ok := values.Next()
		require.False(t, ok)
		require.True(t, inner.Is(values.Err()))
		require.NoError(t, Sleep(time.Hour), "left")
		return nil
	})
}

// It may be closed instead, or be continued by another greenlet, during or after the life of the one to which the
// scope belongs.
func TestScopeOfAGeneratorThatMoves(t *testing.T) {
	generate := func(scope *Timeout) *greenlet.Generator[int, int] {
		return greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			return scope.Do(func() error {
				y.Yield(1)
				return Sleep(time.Hour)
			})
		})
	}
	virtual(t, func() error {
		scope := NewTimeout(time.Second)
		values := generate(scope)
		values.Next()
		require.NoError(t, values.Close())
		require.NoError(t, Sleep(time.Hour))

		values = generate(scope)
		values.Next()
		other := Spawn(func() error {
			_, ok := values.Next()
			require.False(t, ok)
			return values.Err()
		})
		require.True(t, scope.Is(Sleep(2*time.Hour)), "while the other waits inside")
		require.NoError(t, Shield(other.Get), "the scope is not the other's")
		require.NoError(t, Sleep(2*time.Hour), "which has left it")
		return nil
	})
	virtual(t, func() error {
		scope := NewTimeout(time.Second)
		values := generate(scope)
		first := Spawn(func() error { values.Next(); return Sleep(time.Second / 2) })
		second := Spawn(func() error {
			values.Next()
			return values.Err()
		})
		require.NoError(t, first.Get())
		require.Zero(t, GetHub().Stats().Timers-1, "that of the second one's Sleep")
		require.NoError(t, second.Get())
		return nil
	})
}

// What has ended is nobody's any more, though the task is used again.
func TestScopeThatOutlivesItsTask(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		var s scope
		h.sched.Go(func() {
			s.deadline = Never
			s.enter(extraHere("test"))
			s.end(errMade)
		})
		Yield()
		var again *sched.Task
		h.sched.Go(func() {
			again = h.sched.Current()
			s.leave()
			s.end(errMade)
			require.NoError(t, Sleep(1))
		})
		require.NoError(t, Sleep(2))
		require.NotNil(t, again)
		return nil
	})
}
