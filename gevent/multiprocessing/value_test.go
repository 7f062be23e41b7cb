//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func value[T any](t testing.TB, v T) *mp.Value[T] {
	t.Helper()
	return got[*mp.Value[T]](t)(mp.NewValue(v))
}

func array[T any](t testing.TB, n int) *mp.Array[T] {
	t.Helper()
	return got[*mp.Array[T]](t)(mp.NewArray[T](n))
}

func counterAt(t testing.TB, n int64) *mp.Counter {
	t.Helper()
	return got[*mp.Counter](t)(mp.NewCounter(n))
}

type valuePair struct {
	A, B int64
	Of   [3]float32
}

type valueArgs struct {
	Sum    *mp.Value[int]
	Pair   *mp.Value[valuePair]
	All    *mp.Array[int32]
	Count  *mp.Counter
	Rounds int
}

func valueArgsOf(t testing.TB, rounds int) valueArgs {
	return valueArgs{value(t, 0), value(t, valuePair{}), array[int32](t, 3), counterAt(t, 0), rounds}
}

func (a valueArgs) close(t testing.TB) { closeAll(t, a.Sum, a.Pair, a.All, a.Count) }

var (
	valueAdds = mp.Define("value: adds again and again", func(a valueArgs) error {
		for ; a.Rounds > 0; a.Rounds-- {
			a.Count.Add(1)
			err := errors.Join(
				a.Sum.Lock().With(func() error { *a.Sum.Raw()++; return nil }),
				a.All.Update(func(all []int32) { all[2]++ }),
				a.Pair.Update(func(p *valuePair) { p.A++; p.B--; p.Of[2]++ }),
			)
			if err != nil {
				return err
			}
		}
		return nil
	})
	valueStays = mp.Define("value: stays in Update", func(a valueStay) error {
		return a.Pair.Update(func(p *valuePair) {
			p.A = 1
			_ = a.Told.Send(true)
			_ = gevent.Sleep(time.Hour)
		})
	})
	valueLocks = mp.Define("value: has the lock only", func(l *mp.Lock) error {
		return l.Acquire()
	})
)

type valueStay struct {
	Pair *mp.Value[valuePair]
	Told *mp.Sender[bool]
}

func TestValueAddedToByFourProcesses(t *testing.T) {
	run(t, func() error {
		a := valueArgsOf(t, 1000)
		var ps []*mp.Process
		for range 4 {
			ps = append(ps, begin(t, valueAdds, a))
		}
		for _, p := range ps {
			ends(t, p, 0)
		}
		require.Equal(t, 4000, got[int](t)(a.Sum.Load()))
		require.Equal(t, valuePair{4000, -4000, [3]float32{2: 4000}}, got[valuePair](t)(a.Pair.Load()))
		require.Equal(t, []int32{0, 0, 4000}, got[[]int32](t)(a.All.Slice(0, 3)))
		require.EqualValues(t, 4000, a.Count.Load())
		a.close(t)
		return nil
	})
}

func TestValueHere(t *testing.T) {
	run(t, func() error {
		v := value(t, 2.5)
		require.NoError(t, v.Store(3))
		require.NoError(t, v.Update(func(f *float64) {
			require.True(t, v.Lock().Locked())
			require.Equal(t, gevent.ErrTimeout, v.Lock().AcquireTimeout(0))
			*f *= 2
		}))
		require.Equal(t, 6.0, got[float64](t)(v.Load()))
		require.NoError(t, v.Lock().Acquire())
		*v.Raw() = 1
		waits := gevent.Spawn(func() error { return v.Update(func(f *float64) { *f++ }) })
		gevent.Yield()
		require.Equal(t, mp.ErrLocked, v.Close())
		require.NoError(t, v.Lock().Release())
		require.NoError(t, waits.Get())
		require.Equal(t, 2.0, *v.Raw())
		require.Panics(t, func() { _ = v.Update(func(*float64) { panic("made for a test") }) })
		require.False(t, v.Lock().Locked())
		require.NoError(t, v.Close())
		require.Equal(t, mp.ErrClosed, v.Close())
		_, err := v.Load()
		require.Equal(t, mp.ErrClosed, err)
		require.Equal(t, mp.ErrClosed, v.Store(1))
		require.Panics(t, func() { v.Raw() })

		c := counterAt(t, 5)
		require.EqualValues(t, 3, c.Add(-2))
		require.False(t, c.CompareAndSwap(5, 1))
		require.True(t, c.CompareAndSwap(3, 1))
		c.Store(c.Load() + 7)
		require.EqualValues(t, 8, c.Load())
		require.NoError(t, c.Close())
		require.Equal(t, mp.ErrClosed, c.Close())
		require.Panics(t, func() { c.Add(1) })
		return nil
	})
}

// The function of an Update may park, and what it works on may be closed meanwhile; it may be killed there.
func TestValueClosedAndKilledInUpdate(t *testing.T) {
	run(t, func() error {
		v := value(t, [2]int{})
		require.NoError(t, v.Update(func(a *[2]int) {
			require.NoError(t, v.Close())
			gevent.Yield()
			runtime.GC()
			a[0], a[1] = 1, 2
		}))
		v = value(t, [2]int{})
		g := gevent.Spawn(func() error {
			return v.Update(func(a *[2]int) {
				a[0] = 1
				_ = gevent.Sleep(time.Hour)
			})
		})
		gevent.Yield()
		require.NoError(t, g.Kill())
		require.Equal(t, [2]int{1, 0}, got[[2]int](t)(v.Load()))
		return v.Close()
	})
}

func TestValueTypes(t *testing.T) {
	run(t, func() error {
		type inner struct{ Name string }
		for want, err := range map[string]error{
			"string points to":                    errOf(mp.NewValue("")),
			"*int points to":                      errOf(mp.NewArray[*int](1)),
			"in it, A[].Name is string points to": errOf(mp.NewValue(struct{ A [2]inner }{})),
			"in it, [] is []uint8 points to":      errOf(mp.NewArrayOf([][2][]byte{{}})),
			"interface {} points to":              errOf(mp.NewValue[any](nil)),
			"NewArray of -1 elements":             errOf(mp.NewArray[int](-1)),
			"the shared memory is full":           errOf(mp.NewArray[[1 << 10]int](math.MaxInt)),
		} {
			require.ErrorContains(t, err, want)
		}
		empty, nothing := value(t, struct{}{}), array[int8](t, 0)
		require.NoError(t, empty.Store(struct{}{}))
		require.Zero(t, nothing.Len())
		require.Empty(t, nothing.Raw())
		flag := value(t, [2]bool{true, false})
		require.Equal(t, [2]bool{true, false}, got[[2]bool](t)(flag.Load()))
		closeAll(t, empty, nothing, flag)
		return nil
	})
}

func errOf[T any](_ T, err error) error { return err }

// Who is killed in an Update leaves the value half changed: the next one is told, and then it goes on.
func TestValueHolderKilled(t *testing.T) {
	run(t, func() error {
		v := value(t, valuePair{})
		for _, mend := range []bool{false, true} {
			told, s := pipe[bool](t)
			p := begin(t, valueStays, valueStay{v, s})
			require.True(t, got[bool](t)(told.Recv()))
			waits := gevent.Spawn(func() error {
				if mend {
					return v.Lock().Acquire()
				}
				return v.Update(func(*valuePair) { panic("not to be called") })
			})
			gevent.Yield()
			require.NoError(t, p.Kill())
			require.Equal(t, mp.ErrHolderDied, waits.Get())
			if mend {
				*v.Raw() = valuePair{B: 1}
				require.NoError(t, v.Lock().Release())
				require.EqualValues(t, 1, got[valuePair](t)(v.Load()).B)
			} else {
				require.EqualValues(t, 1, got[valuePair](t)(v.Load()).A, "half changed")
			}
			require.NoError(t, told.Close())
		}
		p := begin(t, valueLocks, v.Lock())
		ends(t, p, 0)
		require.Equal(t, mp.ErrHolderDied, v.Store(valuePair{}), "the lock that has travelled is the same")
		return v.Close()
	})
}

// What nobody has any more is given back, unless Raw was called: then its memory stays until Close.
var valueForgets = mp.Define("value: forgets", func(nothing) error {
	before := openFds()
	for range 10 {
		if _, err := mp.NewValue(8); err != nil {
			return err
		}
	}
	v, err := mp.NewValue(7)
	if err != nil {
		return err
	}
	raw := v.Raw()
	for n := 0; n < 1000 && openFds() > before+2; n++ {
		runtime.GC()
		if err := gevent.Sleep(time.Millisecond); err != nil {
			return err
		}
	}
	return mp.ExitStatus(*raw + openFds() - before)
})

func TestValueForgotten(t *testing.T) {
	run(t, func() error {
		p := begin(t, valueForgets, nothing{})
		require.NoError(t, p.JoinTimeout(patience))
		code, _ := p.ExitCode()
		require.Contains(t, []int{7, 8, 9}, code)
		return nil
	})
}

func TestValueCallsInterrupted(t *testing.T) {
	run(t, func() error {
		v, a := value(t, 1), array[int](t, 1)
		require.NoError(t, errors.Join(v.Lock().Acquire(), a.Lock().Acquire()))
		for name, call := range map[string]func() error{
			"Value.Load":     func() error { return val(v.Load()) },
			"Value.Store":    func() error { return v.Store(2) },
			"Value.Update":   func() error { return v.Update(func(n *int) { *n = 2 }) },
			"Array.Get":      func() error { return val(a.Get(0)) },
			"Array.Set":      func() error { return a.Set(0, 2) },
			"Array.Slice":    func() error { return val(a.Slice(0, 1)) },
			"Array.SetSlice": func() error { return a.SetSlice(0, []int{2}) },
			"Array.Update":   func() error { return a.Update(func(all []int) { all[0] = 2 }) },
		} {
			begun := func() *gevent.Greenlet {
				g := gevent.Spawn(call)
				gevent.Yield()
				require.False(t, g.Ready(), name)
				return g
			}
			require.NoError(t, begun().Kill(), name)
			g := begun()
			g.Throw(errMade)
			require.Equal(t, errMade, g.Get(), name)
			require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, call), gevent.ErrTimeout, name)
			first, second := begun(), begun()
			require.NoError(t, second.Kill(), name)
			require.NoError(t, first.Kill(), name)
		}
		require.NoError(t, errors.Join(v.Lock().Release(), a.Lock().Release()))
		require.Equal(t, 1, got[int](t)(v.Load()))
		require.Equal(t, 0, got[int](t)(a.Get(0)))
		closeAll(t, v, a)
		return nil
	})
}

func BenchmarkValue(b *testing.B) {
	each := func(name string, call func(v *mp.Value[int], a *mp.Array[int], c *mp.Counter) error) {
		b.Run(name, func(b *testing.B) {
			bench(b, func() error {
				v, a, c := value(b, 0), array[int](b, 16), counterAt(b, 0)
				defer closeAll(b, v, a, c)
				for b.Loop() {
					if err := call(v, a, c); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	type vp = *mp.Value[int]
	type ap = *mp.Array[int]
	each("Update", func(v vp, _ ap, _ *mp.Counter) error { return v.Update(func(n *int) { *n++ }) })
	each("Load", func(v vp, _ ap, _ *mp.Counter) error { return val(v.Load()) })
	each("Set", func(_ vp, a ap, _ *mp.Counter) error { return a.Set(3, 1) })
	each("Add", func(_ vp, _ ap, c *mp.Counter) error { c.Add(1); return nil })
}
