package gevent

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sleepy sleeps as many seconds as it is told, and returns them.
func sleepy(n int) (int, error) { return n, Sleep(time.Duration(n) * time.Second) }

func numbers(all ...int) iter.Seq[int] { return slices.Values(all) }

func TestMap(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		got, err := Map(w, numbers(3, 1, 2), sleepy)
		require.Equal(t, []int{3, 1, 2}, got)
		require.Zero(t, w.Len())
		return err
	})
}

func TestMapEmpty(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		got, err := Map(w, numbers(), sleepy)
		require.Empty(t, got)
		for range IMap(w, numbers(), sleepy) {
			t.Error("a result of nothing")
		}
		for range IMapUnordered(w, numbers(), sleepy) {
			t.Error("a result of nothing")
		}
		return err
	})
}

func TestMapError(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(2)
		ended := 0
		got, err := Map(p, numbers(4, 2, 1, 3), func(n int) (int, error) {
			defer func() { ended++ }()
			if _, err := sleepy(n); err != nil || n < 3 {
				return -n, errors.Join(err, fmt.Errorf("failed %d", n))
			}
			return n, nil
		})
		require.EqualError(t, err, "failed 2", "the first in the order of the items")
		require.Equal(t, []int{4, -2, -1, 3}, got)
		require.Equal(t, 4, ended, "the others go on")
		return nil
	})
}

// A member of a full pool works itself: nested Maps cannot wait for one another.
func TestMapInAMemberOfAFullPool(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(2)
		now, most := 0, 0
		work := func(n int) (int, error) {
			now++
			most = max(most, now)
			defer func() { now-- }()
			return sleepy(n)
		}
		got, err := Map(p, numbers(1, 2, 3), func(n int) (int, error) {
			inner, err := Map(p, numbers(n, n), work)
			return inner[0] + inner[1], err
		})
		require.NoError(t, err)
		require.Equal(t, []int{2, 4, 6}, got)
		require.Equal(t, 2, most)
		_, err = Map(p, numbers(1), func(int) (int, error) {
			values, err := Map(p, numbers(1, 2, 3), func(n int) (int, error) { return n, fmt.Errorf("failed %d", n) })
			require.Equal(t, []int{1, 2, 3}, values)
			return 0, err
		})
		require.EqualError(t, err, "failed 1")
		return nil
	})
}

// A map of a thousand ends at once when its caller, or its pool, is ended.
func TestMapInterrupted(t *testing.T) {
	forever := func(yield func(int) bool) {
		for yield(3600) {
		}
	}
	consume := func(seq iter.Seq2[int, error]) error {
		for _, err := range seq {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for name, use := range map[string]func(p *Pool) error{
		"Map":           func(p *Pool) error { _, err := Map(p, forever, sleepy); return err },
		"Map joining":   func(p *Pool) error { _, err := Map(p, numbers(1000, 2000), sleepy); return err },
		"IMap":          func(p *Pool) error { return consume(IMap(p, forever, sleepy)) },
		"IMapUnordered": func(p *Pool) error { return consume(IMapUnorderedMax(p, 3, forever, sleepy)) },
	} {
		eachEnd(t, name, func(t *testing.T, end ending) {
			p := NewPool(5)
			g := Spawn(func() error { return use(p) })
			parked(t, g)
			Yield()
			require.Positive(t, p.Len())
			end.now(t, g)
			began := GetHub().sched.Now()
			require.NoError(t, p.Join(), "who worked for it is killed")
			require.Equal(t, began, GetHub().sched.Now())
		})
	}
}

func TestMapKilledPool(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(10)
		thousand := slices.Repeat([]int{1}, 1000)
		g := Spawn(func() error { _, err := Map(p, slices.Values(thousand), sleepy); return err })
		parked(t, g)
		require.NoError(t, p.Kill())
		require.NoError(t, g.Kill())
		return p.Kill()
	})
}

// transcript shows the results of a loop as they come.
func transcript[R any](seq iter.Seq2[R, error]) string {
	var l log
	for v, err := range seq {
		if err != nil {
			l.add(strings.ReplaceAll(err.Error(), " ", "-"))
		} else {
			l.add(fmt.Sprint(v))
		}
	}
	return l.String()
}

func TestIMapOrder(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		require.Equal(t, "10 1 2", transcript(IMap(w, numbers(10, 1, 2), sleepy)))
		return nil
	})
}

func TestIMapUnorderedOrder(t *testing.T) {
	virtual(t, func() error {
		require.Equal(t, "1 2 10", transcript(IMapUnordered(new(Group), numbers(10, 1, 2), sleepy)))
		require.Equal(t, "1 10 2 20", transcript(IMapUnordered(NewPool(2), numbers(10, 1, 20, 2), sleepy)))
		return nil
	})
}

// An error comes at its place, and the later ones after it.
func TestIMapError(t *testing.T) {
	divide := func(n int) (int, error) {
		if n == 0 {
			return 0, errors.New("division by zero")
		}
		v, err := sleepy(n)
		return 10 / v, err
	}
	virtual(t, func() error {
		p := NewPool(2)
		require.Equal(t, "10 division-by-zero 5", transcript(IMap(p, numbers(1, 0, 2), divide)))
		require.Equal(t, "division-by-zero 10 5", transcript(IMapUnordered(p, numbers(1, 0, 2), divide)))
		return nil
	})
}

// The input is read no farther than the limit ahead of the loop, and exactly once to its end.
func TestIMapBackPressure(t *testing.T) {
	for name, imap := range map[string]func(Workers, int, iter.Seq[int], func(int) (int, error)) iter.Seq2[int, error]{
		"ordered": IMapMax[int, int], "unordered": IMapUnorderedMax[int, int],
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				read, ended := 0, 0
				input := func(yield func(int) bool) {
					for ; read < 10; read++ {
						if !yield(1) {
							return
						}
					}
					ended++
				}
				taken := 0
				for _, err := range imap(new(Group), 3, input, sleepy) {
					require.NoError(t, err)
					taken++
					require.NoError(t, Sleep(time.Minute))
					require.LessOrEqual(t, read, taken+3)
				}
				require.Equal(t, []int{10, 10, 1}, []int{read, taken, ended})
				return nil
			})
		})
	}
	require.Panics(t, func() { IMapMax(new(Group), -1, numbers(), sleepy) })
}

// It is lazy: without a loop nothing begins.
func TestIMapIsLazy(t *testing.T) {
	virtual(t, func() error {
		seq := IMap(new(Group), func(func(int) bool) { t.Error("the input was read") }, sleepy)
		Yield()
		_ = seq
		return nil
	})
}

func TestIMapInputThatSleeps(t *testing.T) {
	virtual(t, func() error {
		input := func(yield func(int) bool) {
			for i := range 3 {
				require.NoError(t, Sleep(10*time.Second))
				if !yield(3 - i) {
					return
				}
			}
		}
		p := NewPool(1)
		var l log
		for v, err := range IMap(p, input, sleepy) {
			require.NoError(t, err)
			l.add(fmt.Sprint(v, "@", GetHub().sched.Now()))
		}
		require.Equal(t, "3@13s 2@22s 1@31s", l.String())
		got, err := Map(p, input, sleepy)
		require.Equal(t, []int{3, 2, 1}, got)
		return err
	})
}

// An input that panics ends the loop after the results of what it gave before.
func TestIMapInputThatPanics(t *testing.T) {
	input := func(yield func(int) bool) {
		yield(2)
		yield(1)
		panic("no more")
	}
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		p := NewPool(2)
		require.Equal(t, "2 1 panic:-no-more", transcript(IMap(p, input, sleepy)))
		require.Equal(t, "1 2 panic:-no-more", transcript(IMapUnordered(p, input, sleepy)))
		require.PanicsWithValue(t, "no more", func() { _, _ = Map(p, input, sleepy) })
		return p.JoinTimeout(0)
	}))
	require.Len(t, r.errs, 2)
}

// Leaving the loop kills who still works, and the reading of the input.
func TestIMapLeft(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(2)
		var l log
		input := func(yield func(int) bool) {
			defer l.add("input ended")
			for n := 1; yield(n); n++ {
			}
		}
		work := func(n int) (int, error) {
			defer l.add(fmt.Sprint(n))
			return sleepy(n)
		}
		for v, err := range IMap(p, input, work) {
			require.NoError(t, err)
			require.Equal(t, 1, v)
			break
		}
		require.NoError(t, p.Join())
		require.Equal(t, "1 input ended 2", l.String())
		require.Equal(t, time.Second, GetHub().sched.Now())
		return nil
	})
}

// A result whose greenlet was killed comes with ErrExit.
func TestIMapKilledWorker(t *testing.T) {
	virtual(t, func() error {
		var group Group
		SpawnLater(time.Second, func() error {
			for g := range group.All() {
				return g.Kill()
			}
			return nil
		})
		require.Equal(t, "sched:-task-killed 2", transcript(IMap(&group, numbers(10, 2), sleepy)))
		return nil
	})
}
