package gevent

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("AsyncResult.Get", func() interruptible {
	r := new(AsyncResult[int])
	return interruptible{
		call:  func() error { _, err := r.Get(); return err },
		timed: func(d time.Duration) error { _, err := r.GetTimeout(d); return err },
		admit: func() { r.Set(42) },
		check: func(t *testing.T) { require.Equal(t, 42, r.Value()) },
	}
})

var _ = addInterruptible("AsyncResult.Wait", func() interruptible {
	r := new(AsyncResult[int])
	return interruptible{
		call: r.Wait, timed: r.WaitTimeout, admit: func() { r.SetError(errors.New("of the result")) },
		check: func(t *testing.T) { require.EqualError(t, r.Err(), "of the result") },
	}
})

func TestAsyncResultSet(t *testing.T) {
	virtual(t, func() error {
		var r AsyncResult[int]
		_, _, ok := r.TryGet()
		require.False(t, ok)
		require.False(t, r.Ready())
		require.False(t, r.Successful())
		var l log
		gs := inLine(t, &l, 3, func() error { v, err := r.Get(); require.Equal(t, 42, v); return err })
		r.Set(42)
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "1 2 3", l.String())
		v, err, ok := r.TryGet()
		require.True(t, ok)
		require.NoError(t, err)
		require.Equal(t, 42, v)
		require.True(t, r.Ready())
		require.True(t, r.Successful())
		require.NoError(t, r.Err())
		require.Equal(t, 42, r.Value())
		return nil
	})
}

func TestAsyncResultSetError(t *testing.T) {
	virtual(t, func() error {
		var r AsyncResult[int]
		failed := errors.New("failed")
		g := Spawn(func() error { _, err := r.Get(); return err })
		w := Spawn(r.Wait)
		parked(t, g, w)
		r.SetError(failed)
		require.Equal(t, failed, g.Get())
		require.NoError(t, w.Get(), "Wait never returns the result's error")
		require.NoError(t, r.WaitTimeout(0))
		for range 2 {
			_, err := r.Get()
			require.Equal(t, failed, err, "each time")
		}
		require.True(t, r.Ready())
		require.False(t, r.Successful())
		require.Equal(t, failed, r.Err())
		require.Zero(t, r.Value())
		require.Panics(t, func() { r.SetError(nil) })
		return nil
	})
}

func TestAsyncResultALaterSetOverwrites(t *testing.T) {
	virtual(t, func() error {
		var r AsyncResult[string]
		r.SetError(errors.New("first"))
		r.Set("second")
		v, err := r.Get()
		require.NoError(t, err)
		require.Equal(t, "second", v)
		r.SetError(errors.New("third"))
		require.Zero(t, r.Value())
		require.EqualError(t, r.Err(), "third")
		return nil
	})
}

func TestAsyncResultTimeout(t *testing.T) {
	virtual(t, func() error {
		var r AsyncResult[int]
		_, err := r.GetTimeout(0)
		require.Equal(t, ErrTimeout, err)
		_, err = r.GetTimeout(time.Second)
		require.Equal(t, ErrTimeout, err)
		require.Equal(t, ErrTimeout, r.WaitTimeout(time.Second))
		// The waiter's timeout does not touch who sets the result.
		setter := Spawn(func() error {
			if err := Sleep(time.Minute); err != nil {
				return err
			}
			r.Set(1)
			return nil
		})
		require.Equal(t, ErrTimeout, r.WaitTimeout(time.Second))
		v, err := r.GetTimeout(time.Hour)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		return setter.Get()
	})
}

func TestAsyncResultTellsObservers(t *testing.T) {
	virtual(t, func() error {
		var r AsyncResult[int]
		observed(t, &r, func() { r.Set(1) })
		return nil
	})
}

func TestAsyncResultSetFromAnotherThreadByPost(t *testing.T) {
	run(t, func() error {
		var r AsyncResult[int]
		h := GetHub()
		defer h.Hold()()
		go h.Post(func() { r.Set(42) })
		v, err := r.Get()
		require.Equal(t, 42, v)
		return err
	})
}
