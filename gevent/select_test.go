package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSelectDoesTheFirstThatCan(t *testing.T) {
	virtual(t, func() error {
		a, b, full := NewQueue(0, 1), NewQueue(0, 2), NewQueue(1, 0)
		var l log
		get := func(name string, q *Queue[int]) Case {
			return OnGet(q, func(v int, err error) { l.add(fmt.Sprintf("%s%v:%v", name, v, err)) })
		}
		put := OnPut(full, 9, func(err error) { l.add(fmt.Sprintf("put:%v", err)) })
		cases := []Case{put, get("a", a), get("b", b)}
		for _, want := range []int{1, 2} {
			i, err := Select(cases...)
			require.NoError(t, err)
			require.Equal(t, want, i)
		}
		i, err := TrySelect(cases...)
		require.Same(t, ErrNoCase, err)
		require.Equal(t, -1, i)
		require.Equal(t, []int{0}, getAll(full))
		i, err = TrySelect(cases...)
		require.NoError(t, err)
		require.Zero(t, i)
		require.Equal(t, "a1:<nil> b2:<nil> put:<nil>", l.String())
		require.Equal(t, []int{9}, getAll(full))
		return nil
	})
}

func TestSelectWaitsForOne(t *testing.T) {
	virtual(t, func() error {
		q, c, full, out := NewQueue[int](0), NewChannel[string](), NewQueue(1, 0), NewChannel[int]()
		var l log
		wait := func() *Result[int] {
			g := Go(func() (int, error) {
				return Select(
					OnGet(q, func(v int, err error) { l.add(fmt.Sprintf("q%v:%v", v, err)) }),
					OnGet(c, func(v string, err error) { l.add(fmt.Sprintf("c%v:%v", v, err)) }),
					OnPut(full, 5, func(err error) { l.add(fmt.Sprintf("full:%v", err)) }),
					OnPut(out, 6, func(err error) { l.add(fmt.Sprintf("out:%v", err)) }),
				)
			})
			parked(t, &g.Greenlet)
			return g
		}
		serve := []func(){
			func() { require.NoError(t, q.Put(1)) },
			func() { require.NoError(t, c.Put("two")) },
			func() { require.Equal(t, []int{0, 5}, getAll(full)); require.NoError(t, full.Put(0)) },
			func() {
				v, err := out.Get()
				require.NoError(t, err)
				require.Equal(t, 6, v)
			},
			func() { c.Close() },
		}
		for want, fn := range serve {
			g := wait()
			fn()
			i, err := g.Get()
			if want == 4 {
				want = 1
				require.Same(t, ErrShutdown, err)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, want, i)
			requireNobody(t, q)
			requireNobody(t, full)
			requireNobody(t, closable{out})
			require.Zero(t, c.Balance())
		}
		require.Equal(t, "q1:<nil> ctwo:<nil> full:<nil> out:<nil> c:gevent: shut down", l.String())
		return nil
	})
}

// If several cases could be served before the greenlet's turn, the first that was is it, and the others are left.
func TestSelectExactlyOne(t *testing.T) {
	virtual(t, func() error {
		a, b, out := NewQueue[int](0), NewQueue[int](0), NewChannel[int]()
		g := Go(func() (int, error) { return Select(OnGet(a, nil), OnGet(b, nil), OnPut(out, 3, nil)) })
		parked(t, &g.Greenlet)
		require.NoError(t, b.Put(2))
		require.NoError(t, a.Put(1))
		_, err := out.TryGet()
		require.Same(t, ErrEmpty, err)
		i, err := g.Get()
		require.NoError(t, err)
		require.Equal(t, 1, i)
		require.Equal(t, []int{1}, getAll(a))
		require.Empty(t, getAll(b))
		return nil
	})
}

// In a queue a Select stands in line like any other.
func TestSelectStandsInLine(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		var l log
		get := func(name string) *Greenlet {
			return Spawn(func() error { v, err := c.Get(); l.add(fmt.Sprint(name, v)); return err })
		}
		selects := func(name string) *Greenlet {
			return Spawn(func() error {
				_, err := Select(OnGet(c, func(v int, _ error) { l.add(fmt.Sprint(name, v)) }))
				return err
			})
		}
		gs := []*Greenlet{get("a"), selects("b"), get("c"), selects("d")}
		parked(t, gs...)
		for i := range 4 {
			require.NoError(t, c.TryPut(i))
		}
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "a0 b1 c2 d3", l.String())
		return nil
	})
}

// Two Selects meet; one does not meet itself.
func TestSelectMeetsSelect(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		swap := func(v int) *Result[int] {
			return Go(func() (int, error) {
				in := OnGet(c, nil)
				i, err := Select(in, OnPut(c, v, nil))
				if i == 0 {
					return in.Value, err
				}
				return -v, err
			})
		}
		first := swap(1)
		parked(t, &first.Greenlet)
		require.True(t, GetHub().sched.Ready(&first.task))
		parked(t, &first.Greenlet)
		second := swap(2)
		v, err := second.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)
		v, err = first.Get()
		require.NoError(t, err)
		require.Equal(t, -1, v)
		return nil
	})
}

func TestSelectOnAChannelLetsTheTakerRun(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		g := getter(closable{c})
		parked(t, &g.Greenlet)
		_, err := Select(OnPut(c, 1, func(error) { require.True(t, g.Ready()) }))
		require.NoError(t, err)
		return nil
	})
}

func TestSelectTimeout(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		for _, d := range []time.Duration{time.Second, 0, -1} {
			i, err := SelectTimeout(d, OnGet(c, nil), OnPut(c, 1, nil))
			require.ErrorIs(t, err, ErrTimeout)
			require.Equal(t, -1, i)
			require.Zero(t, c.Balance())
		}
		p := putter(closable{c}, 4)
		in := OnGet(c, nil)
		i, err := SelectTimeout(0, in)
		require.NoError(t, err)
		require.Equal(t, []int{0, 4}, []int{i, in.Value})
		return p.Join()
	})
}

func TestSelectOfNil(t *testing.T) {
	virtual(t, func() error {
		var c *Channel[int]
		var q *Queue[int]
		never := []Case{OnGet(c, nil), OnPut(c, 1, nil), OnGet(q, nil), OnPut[int](nil, 1, nil), OnGet[int](nil, nil),
			OnGet((*LifoQueue[int])(nil), nil), OnGet((*PriorityQueue[int])(nil), nil), OnGet((*SimpleQueue[int])(nil), nil)}
		_, err := TrySelect(never...)
		require.Same(t, ErrNoCase, err)
		i, err := SelectTimeout(time.Second, append(never, OnGet(NewQueue(0, 1), nil))...)
		require.NoError(t, err)
		require.Equal(t, len(never), i)
		for _, cases := range [][]Case{never, nil} {
			_, err = SelectTimeout(time.Second, cases...)
			require.ErrorIs(t, err, ErrTimeout)
		}
		return nil
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, virtualConfig(t, Config{}, func() error { _, err := Select(); return err }), &deadlock)
}

func TestSelectCasesAreUsedAgain(t *testing.T) {
	virtual(t, func() error {
		in, out := NewQueue[int](0), NewQueue[int](1)
		get, put := OnGet(in, nil), OnPut(out, 0, nil)
		g := Spawn(func() error {
			for i := range 10 {
				put.Value = i
				if _, err := Select(put); err != nil {
					return err
				}
			}
			return nil
		})
		for i := range 10 {
			v, err := out.Get()
			require.NoError(t, err)
			require.Equal(t, i, v)
			require.NoError(t, in.Put(i))
			_, err = Select(get)
			require.NoError(t, err)
			require.Equal(t, i, get.Value)
		}
		require.NoError(t, g.Get())

		g = Spawn(func() error { _, err := Select(get); return err })
		parked(t, g)
		require.PanicsWithValue(t, "gevent: a Case that a Select waits for already, or that is twice in its list; make one "+
			"for each", func() { _, _ = Select(get) })
		require.NoError(t, in.Put(1))
		require.NoError(t, g.Get(), "it was not disturbed")
		require.Panics(t, func() { _, _ = Select(get, get) })
		requireNobody(t, in)
		return nil
	})
}

func TestSelectFromTheLoop(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		g := getter(closable{c})
		startTimer(time.Second, func() {
			i, err := TrySelect(OnGet(c, nil), OnPut(c, 1, nil))
			require.NoError(t, err)
			require.Equal(t, 1, i)
		})
		v, err := g.Get()
		require.Equal(t, 1, v)
		return err
	})
	require.Panics(t, func() { _, _ = TrySelect() })
}
