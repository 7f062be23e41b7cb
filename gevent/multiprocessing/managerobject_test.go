//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func TestManagerDict(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		d := dictOf(t, m, map[string]int{"one": 1}, map[string]int{"two": 2})
		require.Equal(t, 1, got[int](t)(d.Get("one")))
		for _, err := range []error{val(d.Get("three")), d.Delete("three"), val(d.Pop("three"))} {
			require.Equal(t, mp.ErrKey, err)
		}
		require.NoError(t, d.Set("three", 3))
		require.True(t, got[bool](t)(d.Has("three")))
		require.Equal(t, 3, got[int](t)(d.Len()))
		require.ElementsMatch(t, []string{"one", "two", "three"}, got[[]string](t)(d.Keys()))
		require.ElementsMatch(t, []int{1, 2, 3}, got[[]int](t)(d.Values()))
		require.Equal(t, 3, got[int](t)(d.Pop("three")))
		require.NoError(t, d.Delete("two"))
		require.False(t, got[bool](t)(d.Has("two")))
		require.Equal(t, 1, got[int](t)(d.SetDefault("one", 7)))
		require.Equal(t, 7, got[int](t)(d.SetDefault("seven", 7)))
		require.NoError(t, d.Update(map[string]int{"one": 11, "eight": 8}))
		require.Equal(t, map[string]int{"one": 11, "seven": 7, "eight": 8}, got[map[string]int](t)(d.Items()))
		require.False(t, got[bool](t)(d.CompareAndSwap("one", 1, 2)))
		require.True(t, got[bool](t)(d.CompareAndSwap("one", 11, 2)))
		require.Equal(t, -3, got[int](t)(mp.Add(d, "one", -5)))
		require.Equal(t, 4, got[int](t)(mp.Add(d, "new", 4)))
		require.NoError(t, d.Clear())
		require.Equal(t, 0, got[int](t)(d.Len()))

		f := dictOf[int8, float32](t, m)
		require.EqualValues(t, 0.5, got[float32](t)(mp.Add(f, -3, 0.5)))
		require.EqualValues(t, 1.25, got[float32](t)(mp.Add(f, -3, 0.75)))
		_, err := f.CompareAndSwap(-3, 1, 2)
		require.ErrorContains(t, err, "compared")
	})
}

func TestManagerDictKeys(t *testing.T) {
	type name string
	type pair struct{ A, B int32 }
	withManager(t, func(m *mp.Manager) {
		managerKeys(t, m, name("x"), name(""))
		managerKeys(t, m, uint(3), 0)
		managerKeys(t, m, -4, 1<<30)
		managerKeys(t, m, pair{1, 2}, pair{2, 1})
		managerKeys(t, m, true, false)
		for _, err := range []error{
			val(mp.DictOf[float64, int](m)), val(mp.DictOf[any, int](m)), val(mp.DictOf[struct{ A float32 }, int](m)),
			val(mp.DictOf[struct{ A string }, int](m)), val(mp.DictOf[*int, int](m)),
		} {
			require.ErrorContains(t, err, "a manager's key is a string, an integer")
		}
	})
}

func managerKeys[K comparable](t *testing.T, m *mp.Manager, a, b K) {
	t.Helper()
	d := dictOf(t, m, map[K]string{a: "a", b: "b"})
	require.Equal(t, "a", got[string](t)(d.Get(a)))
	require.Equal(t, map[K]string{a: "a", b: "b"}, got[map[K]string](t)(d.Items()))
}

// Values are copies: changing one changes nothing in the manager. A proxy inside is the object itself.
func TestManagerNested(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		plain := dictOf(t, m, map[string][]string{"a": {"x"}})
		v := got[[]string](t)(plain.Get("a"))
		v[0] = "changed"
		require.Equal(t, []string{"x"}, got[[]string](t)(plain.Get("a")))
		require.NoError(t, plain.Set("a", v))
		require.Equal(t, v, got[[]string](t)(plain.Get("a")))

		inner := listOf(t, m, 1)
		outer := dictOf(t, m, map[string]*mp.ListProxy[int]{"list": inner})
		require.NoError(t, got[*mp.ListProxy[int]](t)(outer.Get("list")).Append(2))
		require.Equal(t, []int{1, 2}, got[[]int](t)(inner.All()))
		lists := listOf(t, m, *dictOf(t, m, map[string]int{"a": 1}))
		d := got[mp.DictProxy[string, int]](t)(lists.Get(0))
		require.Equal(t, 2, got[int](t)(mp.Add(&d, "a", 1)))

		a, b := connections(t)
		held := listOf[*mp.Connection](t, m)
		require.ErrorContains(t, held.Append(a), "do not travel into a manager")
		closeAll(t, a, b)
	})
}

func TestManagerList(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		l := listOf(t, m, "a", "b")
		require.NoError(t, l.Append("c", "d"))
		require.NoError(t, l.Append())
		require.Equal(t, "a", got[string](t)(l.Get(0)))
		require.Equal(t, "d", got[string](t)(l.Get(-1)))
		for _, at := range []int{4, -5} {
			for _, err := range []error{val(l.Get(at)), val(l.Pop(at)), l.Set(at, "")} {
				require.Equal(t, mp.ErrIndex, err)
			}
		}
		require.NoError(t, l.Set(-4, "A"))
		require.NoError(t, l.Insert(1, "x"))
		require.NoError(t, l.Insert(100, "z"))
		require.NoError(t, l.Insert(-100, "first"))
		require.Equal(t, []string{"first", "A", "x", "b", "c", "d", "z"}, got[[]string](t)(l.All()))
		require.Equal(t, []string{"x", "b"}, got[[]string](t)(l.Slice(2, 4)))
		require.Equal(t, []string{"d", "z"}, got[[]string](t)(l.Slice(-2, 100)))
		require.Empty(t, got[[]string](t)(l.Slice(4, 2)))
		require.Equal(t, "z", got[string](t)(l.Pop(-1)))
		require.Equal(t, "first", got[string](t)(l.Pop(0)))
		require.Equal(t, 5, got[int](t)(l.Len()))
		require.NoError(t, l.Clear())
		require.Equal(t, 0, got[int](t)(l.Len()))
	})
}

func TestManagerNamespace(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		ns := got[*mp.NamespaceProxy](t)(m.Namespace())
		size, name := mp.Attr[int](ns, "size"), mp.Attr[string](ns, "name")
		_, err := size.Get()
		require.Equal(t, mp.ErrKey, err)
		require.NoError(t, size.Set(3))
		require.NoError(t, name.Set("x"))
		require.Equal(t, 3, got[int](t)(size.Get()))
		require.Equal(t, "x", got[string](t)(mp.Attr[string](ns, "name").Get()))
		require.NoError(t, size.Delete())
		require.Equal(t, mp.ErrKey, size.Delete())
	})
}

// Greenlets that wait in the manager do not wait for one another, and are served in turn.
func TestManagerQueue(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		q := managedQueue[int](t, m, 2)
		var getters []*gevent.Result[int]
		for range 3 {
			getters = append(getters, gevent.Go(q.Get))
		}
		_, err := q.TryGet()
		require.Equal(t, gevent.ErrEmpty, err)
		require.NoError(t, getters[1].Kill())
		for n := range 4 {
			require.NoError(t, q.Put(n))
		}
		require.Equal(t, 0, got[int](t)(getters[0].Get()))
		require.Equal(t, 1, got[int](t)(getters[2].Get()))
		require.Equal(t, gevent.ErrFull, q.TryPut(9))
		require.True(t, got[bool](t)(q.Full()))
		require.ErrorIs(t, q.PutTimeout(9, time.Millisecond), gevent.ErrTimeout)
		putting := gevent.Spawn(func() error { return q.Put(4) })
		require.Equal(t, 2, got[int](t)(q.Len()))
		for n := 2; n < 5; n++ {
			require.Equal(t, n, got[int](t)(q.Get()))
		}
		require.NoError(t, putting.Get())
		require.True(t, got[bool](t)(q.Empty()))
		_, err = q.GetTimeout(time.Millisecond)
		require.ErrorIs(t, err, gevent.ErrTimeout)

		long := managedQueue[int](t, m, 0)
		for n := range 200 {
			require.NoError(t, long.Put(n))
		}
		for n := range 200 {
			require.Equal(t, n, got[int](t)(long.Get()))
		}
		waiting := gevent.Go(long.Get)
		gevent.Yield()
		require.NoError(t, long.Drop())
		_, err = waiting.Get()
		require.Equal(t, mp.ErrNoObject, err)
	})
}

// However callers are interrupted while items come, each item comes out once.
func TestManagerQueueInterrupted(t *testing.T) {
	const items = 300
	withManager(t, func(m *mp.Manager) {
		q := managedQueue[int](t, m, 3)
		putting := gevent.Spawn(func() error {
			for n := range items {
				if err := q.Put(n); err != nil {
					return err
				}
			}
			return nil
		})
		seen := map[int]bool{}
		for round := 0; len(seen) < items; round++ {
			getting := gevent.Go(q.Get)
			for range round % 7 {
				gevent.Yield()
			}
			getting.KillAsync()
			if v, err := getting.Get(); err == nil {
				require.False(t, seen[v])
				seen[v] = true
				continue
			}
			if round%3 == 0 {
				v := got[int](t)(q.Get())
				require.False(t, seen[v])
				seen[v] = true
			}
		}
		require.NoError(t, putting.Get())
		require.Equal(t, 0, got[int](t)(q.Len()))
	})
}
