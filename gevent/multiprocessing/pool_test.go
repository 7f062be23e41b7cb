//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var errPoolTest = mp.RegisterError(errors.New("registered for pool tests"))

type poolPair struct{ A, B int }

type poolBad struct{ F func() } // package gob encodes no functions

type poolText struct{ S string }

var (
	poolSquare = mp.DefineFunc("pool square", func(n int) (int, error) { return n * n, nil })
	poolMul    = mp.DefineFunc("pool mul", func(p poolPair) (int, error) { return p.A * p.B, nil })
	poolRepeat = mp.DefineFunc("pool repeat", func(n int) (string, error) { return string(make([]byte, n)), nil })
	poolUpper  = mp.DefineFunc("pool text", func(t poolText) (*poolText, error) { return &poolText{t.S + "!"}, nil })
	poolPID    = mp.DefineFunc("pool pid", func(struct{}) (int, error) { return os.Getpid(), nil })
	poolSleep  = mp.DefineFunc("pool sleep", func(d time.Duration) (time.Duration, error) { return d, gevent.Sleep(d) })
	poolFail   = mp.DefineFunc("pool fail", func(n int) (int, error) {
		if n%3 == 2 {
			return 0, fmt.Errorf("item %d: %w", n, errPoolTest)
		}
		return n, nil
	})
	poolPanic  = mp.DefineFunc("pool panic", func(s string) (int, error) { panic(s) })
	poolGoexit = mp.DefineFunc("pool goexit", func(n int) (int, error) {
		if n == 1 {
			runtime.Goexit()
		}
		return n, nil
	})
	poolExit = mp.DefineFunc("pool exit", func(n int) (int, error) {
		if n == 5 {
			os.Exit(3)
		}
		return n, nil
	})
	poolUnsendable = mp.DefineFunc("pool unsendable", func(int) (any, error) { return poolBad{}, nil })
	poolTakesBad   = mp.DefineFunc("pool takes bad", func(any) (int, error) { return 0, nil })
	poolNested     = mp.DefineFunc("pool nested", func(int) (int, error) {
		_, err := mp.NewPool(1, mp.PoolOptions{})
		return 0, err
	})
)

// poolOf is NewPool that cannot fail.
func poolOf(t testing.TB, size int, o mp.PoolOptions) *mp.Pool {
	t.Helper()
	p, err := mp.NewPool(size, o)
	require.NoError(t, err)
	return p
}

func poolEnd(t testing.TB, p *mp.Pool) {
	t.Helper()
	p.Close()
	require.NoError(t, p.JoinTimeout(patience))
}

func poolCount(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func poolSquares(n int) []int {
	squares := make([]int, n)
	for i := range squares {
		squares[i] = i * i
	}
	return squares
}

func TestPoolCalls(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		require.Equal(t, 49, got[int](t)(poolSquare.Apply(p, 7)))
		require.Equal(t, 6, got[int](t)(poolMul.Apply(p, poolPair{2, 3})), "several arguments")
		require.Equal(t, "x!", got[*poolText](t)(poolUpper.Apply(p, poolText{"x"})).S, "package gob")
		for _, n := range []int{0, 1, 3, 100} {
			require.Equal(t, poolSquares(n), got[[]int](t)(poolSquare.Map(p, poolCount(n))), n)
		}
		for _, size := range []int{1, 7, 100, 1000} {
			f := poolSquare.With(mp.MapOptions{Chunk: size})
			require.Equal(t, poolSquares(100), got[[]int](t)(f.Map(p, poolCount(100))), size)
		}
		sizes := []int{0, 10, 5000, 70_000, 1_000_000, 3}
		for i, s := range got[[]string](t)(poolRepeat.With(mp.MapOptions{Chunk: 6}).Map(p, slices.Values(sizes))) {
			require.Len(t, s, sizes[i], "larger than the shared memory, too")
		}
		poolEnd(t, p)
		return nil
	})
}

func TestPoolErrors(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		pid := got[int](t)(poolPID.Apply(p, struct{}{}))
		values, err := poolFail.With(mp.MapOptions{Chunk: 2}).Map(p, poolCount(9))
		require.EqualError(t, err, "item 2: registered for pool tests", "the first by position")
		require.ErrorIs(t, err, errPoolTest)
		require.Equal(t, []int{0, 1, 0, 3, 4, 0, 6, 7, 0}, values, "all others were made")

		_, err = poolPanic.Apply(p, "on purpose")
		var remote *mp.RemoteError
		require.ErrorAs(t, err, &remote)
		require.Equal(t, "panic: on purpose", remote.Text)
		require.Contains(t, remote.Stack, "pool_test.go")

		values, err = poolGoexit.With(mp.MapOptions{Chunk: 3}).Map(p, poolCount(3))
		require.ErrorContains(t, err, "killed")
		require.Equal(t, []int{0, 0, 2}, values)

		for range 20 {
			_, err = poolUnsendable.Apply(p, 1)
			require.ErrorIs(t, err, mp.ErrResult)
		}
		_, err = poolTakesBad.With(mp.MapOptions{Chunk: 3}).Map(p, slices.Values([]any{1, poolBad{}, "x"}))
		require.ErrorContains(t, err, "cannot send a interface {}")
		_, err = poolNested.Apply(p, 1)
		require.ErrorIs(t, err, mp.ErrDaemon)
		require.Equal(t, pid, got[int](t)(poolPID.Apply(p, struct{}{})), "the worker has survived it all")
		poolEnd(t, p)
		return nil
	})
}

func TestPoolResults(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		var said []any
		r := poolSquare.ApplyAsync(p, 3, func(n int) { said = append(said, n) }, func(err error) { said = append(said, err) })
		require.False(t, r.Ready())
		require.Panics(t, func() { r.Successful() })
		require.Equal(t, 9, got[int](t)(r.Get()))
		require.Equal(t, []any{9}, said, "called before Get returned")
		require.True(t, r.Successful())

		failed := poolFail.ApplyAsync(p, 2,
			func(int) { said = append(said, "wrong") }, func(error) { said = append(said, "failed") })
		require.ErrorIs(t, val(failed.GetTimeout(patience)), errPoolTest)
		require.Equal(t, []any{9, "failed"}, said)
		require.False(t, failed.Successful())
		require.ErrorIs(t, failed.Err(), errPoolTest)

		slow := poolSleep.ApplyAsync(p, time.Hour, nil, nil)
		require.ErrorIs(t, val(slow.GetTimeout(time.Millisecond)), gevent.ErrTimeout)
		require.ErrorIs(t, slow.WaitTimeout(0), gevent.ErrTimeout)
		require.NoError(t, slow.Err())
		require.ErrorIs(t, val(poolSleep.ApplyTimeout(p, time.Millisecond, time.Hour)), gevent.ErrTimeout)

		var steps []int
		many := poolSquare.With(mp.MapOptions{Chunk: 10, Progress: func(done, total int) {
			require.Equal(t, 50, total)
			steps = append(steps, done)
		}})
		p2 := poolOf(t, 1, mp.PoolOptions{})
		require.Equal(t, poolSquares(50), got[[]int](t)(many.Map(p2, poolCount(50))))
		require.Equal(t, 50, steps[len(steps)-1])
		require.True(t, slices.IsSorted(steps))
		steps = nil
		called := false
		all := many.MapAsync(p2, poolCount(50), func(v []int) { called = len(v) == 50 }, nil)
		_, err := gevent.Wait(all)
		require.NoError(t, err)
		require.True(t, called)
		require.Equal(t, 50, steps[len(steps)-1])
		require.Empty(t, got[[]int](t)(poolSquare.MapAsync(p2, poolCount(0), nil, nil).Get()))

		p.Terminate()
		require.ErrorIs(t, val(slow.Get()), mp.ErrTerminated)
		require.NoError(t, p.Join())
		poolEnd(t, p2)
		return nil
	})
}

func TestPoolStreams(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		for _, chunk := range []int{0, 7} {
			i := 0
			for v, err := range poolSquare.With(mp.MapOptions{Chunk: chunk}).IMap(p, poolCount(100)) {
				require.NoError(t, err)
				require.Equal(t, i*i, v)
				i++
			}
			require.Equal(t, 100, i)
		}
		var values []int
		for v, err := range poolSquare.IMapUnordered(p, poolCount(100)) {
			require.NoError(t, err)
			values = append(values, v)
		}
		slices.Sort(values)
		require.Equal(t, poolSquares(100), values)

		var errs []bool
		for _, err := range poolFail.IMap(p, poolCount(6)) {
			errs = append(errs, err != nil)
		}
		require.Equal(t, []bool{false, false, true, false, false, true}, errs)

		taken := 0
		for range poolSquare.With(mp.MapOptions{Ahead: 5}).IMap(p, func(yield func(int) bool) {
			for yield(taken) {
				taken++
			}
		}) {
			require.LessOrEqual(t, taken, 6, "the input is endless")
			if taken > 3 {
				break
			}
		}
		taken = 0
		var last error
		for v, err := range poolSquare.With(mp.MapOptions{Chunk: 2}).IMap(p, func(yield func(int) bool) {
			for i := range 3 {
				yield(i)
			}
			panic(errPoolTest)
		}) {
			if last = err; err == nil {
				require.Equal(t, taken*taken, v)
				taken++
			}
		}
		require.Equal(t, 3, taken, "the valid part comes first")
		require.ErrorIs(t, last, errPoolTest)
		poolEnd(t, p)
		return nil
	})
}

func TestPoolLifeCycle(t *testing.T) {
	run(t, func() error {
		require.Error(t, val(mp.NewPool(-1, mp.PoolOptions{})))
		require.Error(t, val(mp.NewPool(1, mp.PoolOptions{TasksPerChild: -1})))
		p := poolOf(t, 0, mp.PoolOptions{})
		require.Equal(t, runtime.NumCPU(), p.Size())
		require.ErrorIs(t, p.Join(), mp.ErrPoolOpen)
		before := poolSquare.ApplyAsync(p, 4, nil, nil)
		p.Close()
		p.Close()
		require.ErrorIs(t, val(poolSquare.Apply(p, 1)), mp.ErrClosed)
		require.ErrorIs(t, val(poolSquare.Map(p, poolCount(3))), mp.ErrClosed)
		for _, err := range poolSquare.IMap(p, poolCount(3)) {
			require.ErrorIs(t, err, mp.ErrClosed)
		}
		failed := false
		r := poolSquare.ApplyAsync(p, 1, nil, func(error) { failed = true })
		require.ErrorIs(t, val(r.Get()), mp.ErrClosed)
		require.True(t, failed)
		require.ErrorIs(t, val(poolSquare.MapAsync(p, poolCount(1), nil, nil).Get()), mp.ErrClosed)
		require.NoError(t, p.Join())
		require.Equal(t, 16, got[int](t)(before.Get()), "asked for before Close")
		require.Empty(t, p.Workers())
		return nil
	})
}

func TestPoolTerminate(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		got[int](t)(poolSquare.Apply(p, 1))
		all := poolSleep.With(mp.MapOptions{Chunk: 1}).MapAsync(p, func(yield func(time.Duration) bool) {
			for range 10_000 {
				yield(100 * time.Millisecond)
			}
		}, nil, nil)
		stream := gevent.Go(func() (err error, _ error) {
			for _, err = range poolSleep.IMap(p, slices.Values([]time.Duration{0, time.Hour, time.Hour})) {
			}
			return err, nil
		})
		gevent.Yield()
		p.Terminate()
		p.Terminate()
		_, err := all.Get()
		require.ErrorIs(t, err, mp.ErrTerminated)
		require.NoError(t, p.JoinTimeout(patience))
		require.ErrorIs(t, got[error](t)(stream.Get()), mp.ErrTerminated)
		require.ErrorIs(t, val(poolSquare.Apply(p, 1)), mp.ErrClosed)
		return nil
	})
}

// A loop over an IMap ends with its pool, also while there is no next item yet, or not enough of them for a chunk.
func TestPoolTerminateEndsIdleStream(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		var never gevent.Event
		for _, chunk := range []int{1, 5} {
			waiting := 0
			stream := gevent.Go(func() (n int, last error) {
				for _, err := range poolSquare.With(mp.MapOptions{Chunk: chunk}).IMap(p, func(yield func(int) bool) {
					yield(1)
					waiting++
					_ = never.Wait()
				}) {
					if last = err; err == nil {
						n++
					}
				}
				return n, last
			})
			eventually(t, func() bool { return waiting == 1 })
			p.Terminate()
			require.NoError(t, p.Join())
			require.NoError(t, stream.JoinTimeout(patience))
			_, err := stream.Get()
			require.ErrorIs(t, err, mp.ErrTerminated)
			p = poolOf(t, 1, mp.PoolOptions{})
		}
		poolEnd(t, p)
		return nil
	})
}

// Nobody closes it.
func TestPoolForgotten(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		poolSleep.ApplyAsync(p, time.Hour, nil, nil)
		require.Equal(t, 4, got[int](t)(poolSquare.Apply(p, 2)))
		return nil
	})
}

func TestPoolBelongsToAHub(t *testing.T) {
	require.Panics(t, func() { _, _ = mp.NewPool(1, mp.PoolOptions{}) })
	var p *mp.Pool
	run(t, func() error {
		p = poolOf(t, 1, mp.PoolOptions{})
		p.Terminate()
		return p.Join()
	})
	require.Panics(t, func() { p.Close() })
	require.Panics(t, func() { _, _ = poolSquare.Apply(p, 1) })
	require.Panics(t, func() { mp.DefineFunc[int, int]("pool nil", nil) })
	require.Panics(t, func() { mp.DefineFunc("pool square", func(int) (int, error) { return 0, io.EOF }) })
	require.Panics(t, func() { poolSquare.With(mp.MapOptions{Chunk: -1}) })
}

// A panic of a callback is reported as that of any greenlet, and the result is there all the same.
func TestPoolCallbackPanics(t *testing.T) {
	var reported error
	config := gevent.Config{OnError: func(_ *gevent.Greenlet, err error, _ []byte) { reported = err }}
	require.NoError(t, gevent.RunConfig(config, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		r := poolSquare.ApplyAsync(p, 4, func(int) { panic(errPoolTest) }, nil)
		require.Equal(t, 16, got[int](t)(r.GetTimeout(patience)))
		poolEnd(t, p)
		return nil
	}))
	require.ErrorIs(t, reported, errPoolTest)
	noZombies(t)
}
