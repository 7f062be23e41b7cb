package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crews are all that can run functions, each with room for one at least.
var crews = map[string]func(use func(w Workers) error) error{
	"Group":   func(use func(w Workers) error) error { return use(new(Group)) },
	"Pool":    func(use func(w Workers) error) error { return use(NewPool(1)) },
	"Nursery": func(use func(w Workers) error) error { return Nurse(func(n *Nursery) error { return use(n) }) },
}

func eachCrew(t *testing.T, test func(t *testing.T, w Workers) error) {
	for name, crew := range crews {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error { return crew(func(w Workers) error { return test(t, w) }) })
		})
	}
}

func TestApply(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		v, err := Apply(w, func() (int, error) {
			require.True(t, w.Contains(Current()))
			return 42, Sleep(time.Second)
		})
		require.Equal(t, 42, v)
		require.Zero(t, w.Len())
		return err
	})
}

func TestApplyError(t *testing.T) {
	require.NoError(t, virtualConfig(t, (&reports{}).config(), func() error {
		p := NewPool(1)
		v, err := Apply(p, func() (string, error) { return "half", errMade })
		require.Equal(t, "half", v)
		require.Same(t, errMade, err)
		_, err = Apply(p, func() (int, error) { panic(errMade) })
		var panicked *PanicError
		require.ErrorAs(t, err, &panicked)
		return nil
	}))
}

// In a member of the pool it runs in place: no place is waited for, at any depth.
func TestApplyInAMemberRunsInline(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		v, err := Apply(w, func() (int, error) {
			self := Current()
			return Apply(w, func() (int, error) {
				require.Same(t, self, Current())
				return Apply(w, func() (int, error) { return 1, nil })
			})
		})
		require.Equal(t, 1, v)
		return err
	})
}

func TestApplyAsync(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		var l log
		value := func(v string) { l.add(v); _ = Sleep(1) }
		failed := func(err error) { l.add(err.Error()) }
		mustSpawn(t, p, func() error { return Sleep(time.Second) })
		a := ApplyAsync(p, func() (string, error) { return "a", Sleep(time.Second) }, value, failed)
		b := ApplyAsync(p, func() (string, error) { return "b", errMade }, value, failed)
		c := ApplyAsync(p, func() (string, error) { return "c", nil }, nil, nil)
		require.Empty(t, l, "it does not wait, though the pool is full")
		v, err := c.Get()
		require.Equal(t, "c", v)
		require.NoError(t, err)
		_, err = b.Get()
		require.Same(t, errMade, err)
		require.NoError(t, a.Join())
		require.Equal(t, "a made up", l.String())
		require.Panics(t, func() { ApplyAsync[int](p, nil, nil, nil) })
		return nil
	})
}

func TestApplyAsyncKilled(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		a := ApplyAsync(p, func() (int, error) { return 0, Sleep(time.Hour) }, func(int) { t.Error("called") }, nil)
		b := ApplyAsync(p, func() (int, error) { t.Error("it ran"); return 0, nil }, nil, nil)
		parked(t, &a.Greenlet, &b.Greenlet)
		Yield()
		require.NoError(t, KillAll(&a.Greenlet, &b.Greenlet))
		require.NoError(t, p.Join())
		require.Zero(t, GetHub().sched.Now())
		return nil
	})
}

func TestGoIn(t *testing.T) {
	eachCrew(t, func(t *testing.T, w Workers) error {
		r, err := GoIn(w, func() (string, error) { return "value", nil })
		require.NoError(t, err)
		require.True(t, w.Contains(&r.Greenlet))
		v, err := r.Get()
		require.Equal(t, "value", v)
		require.Panics(t, func() { _, _ = GoIn[int](w, nil) })
		return err
	})
}
