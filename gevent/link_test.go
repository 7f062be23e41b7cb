package gevent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinkOrder(t *testing.T) {
	virtual(t, func() error {
		var got, want []int
		g := Spawn(func() error { return Sleep(1) })
		for i := range 1000 {
			want = append(want, i)
			g.Link(func(ended *Greenlet) {
				require.Same(t, g, ended)
				require.NotSame(t, g, Current(), "in a greenlet of its own")
				got = append(got, i)
			})
		}
		require.True(t, g.HasLinks())
		require.NoError(t, g.Join())
		require.False(t, g.HasLinks())
		require.Equal(t, want, got, "the links come first, then whoever joins")
		return nil
	})
}

func TestLinkAfterTheEnd(t *testing.T) {
	virtual(t, func() error {
		var l log
		g := Spawn(func() error { return nil })
		require.NoError(t, g.Join())
		g.Link(func(*Greenlet) { l.add("late") })
		g.LinkError(func(*Greenlet) { l.add("error") })
		undone := g.Link(func(*Greenlet) { l.add("undone") })
		undone.Unlink()
		require.Empty(t, l, "after a yield")
		Yield()
		require.Equal(t, "late", l.String())
		return nil
	})
}

// Which links are called depends on how the greenlet has ended.
func TestLinkKinds(t *testing.T) {
	ends := map[string]struct {
		fn   func() error
		end  func(g *Greenlet)
		want string
	}{
		"success":          {func() error { return nil }, nil, "any value"},
		"error":            {func() error { return errMade }, nil, "any error"},
		"panic":            {func() error { panic(errMade) }, nil, "any error"},
		"killed":           {func() error { return Sleep(time.Hour) }, (*Greenlet).KillAsync, "any value"},
		"killed unstarted": {nil, (*Greenlet).KillAsync, "any value"},
		"killed with": {
			func() error { return Sleep(time.Hour) }, func(g *Greenlet) { g.KillWithAsync(errMade) }, "any error",
		},
		"exit": {func() error { Exit(); return nil }, nil, "any value"},
	}
	for name, e := range ends {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, virtualConfig(t, (&reports{}).config(), func() error {
				var l log
				fn := e.fn
				if fn == nil {
					fn = func() error { t.Error("it ran"); return nil }
				}
				g := Spawn(fn)
				g.Link(func(*Greenlet) { l.add("any") })
				g.LinkValue(func(*Greenlet) { l.add("value") })
				g.LinkError(func(*Greenlet) { l.add("error") })
				if e.fn != nil {
					Yield()
				}
				if e.end != nil {
					e.end(g)
				}
				require.NoError(t, g.Join())
				Yield()
				require.Equal(t, e.want, l.String())
				return nil
			}))
		})
	}
}

// A link may wait, and fail: the others are called nevertheless, and the failure is reported once, for the link.
func TestLinkThatFails(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		var l log
		g := Spawn(func() error { return nil })
		g.Link(func(*Greenlet) { l.add("1"); require.NoError(t, Sleep(time.Second)); l.add("4") })
		g.Link(func(*Greenlet) { l.add("2"); panic("in a link") })
		g.Link(func(*Greenlet) { l.add("3") })
		require.NoError(t, g.Join())
		require.NoError(t, Sleep(time.Minute))
		require.Equal(t, "1 2 3 4", l.String())
		require.NoError(t, g.Err())
		return nil
	}))
	require.Len(t, r.errs, 1)
	require.EqualError(t, r.errs[0], "panic: in a link")
	require.True(t, strings.HasPrefix(r.greenlets[0].String(), "link"))
}

func TestUnlink(t *testing.T) {
	virtual(t, func() error {
		var l log
		g := Spawn(func() error { return nil })
		a := g.Link(func(*Greenlet) { l.add("a") })
		var d *Link
		g.Link(func(*Greenlet) { l.add("b"); d.Unlink() })
		g.Link(func(*Greenlet) { l.add("c") })
		d = g.Link(func(*Greenlet) { l.add("d") })
		a.Unlink()
		a.Unlink()
		require.NoError(t, g.Join())
		Yield()
		require.Equal(t, "b c", l.String(), "a link undoes one that is due after it")
		return nil
	})
}

func TestUnlinkAll(t *testing.T) {
	virtual(t, func() error {
		g := Spawn(func() error { return Sleep(1) })
		for range 3 {
			g.Link(func(*Greenlet) { t.Error("it was called") })
		}
		waiter := Spawn(func() error { _, err := Wait(g); return err })
		parked(t, g, waiter)
		g.UnlinkAll()
		require.False(t, g.HasLinks())
		require.NoError(t, JoinAll(g, waiter), "a wait is no link")
		Yield()
		g.UnlinkAll()
		return nil
	})
}

// A result and a queue as targets: a link is a plain function, so anything can be one.
func TestLinkTargets(t *testing.T) {
	virtual(t, func() error {
		var queue []*Greenlet
		var value string
		r := Go(func() (int, error) { return 42, nil })
		r.Link(func(g *Greenlet) { queue = append(queue, g) })
		r.LinkValue(func(*Greenlet) { value = fmt.Sprint(r.Get()) })
		require.NoError(t, r.Join())
		Yield()
		require.Equal(t, []*Greenlet{&r.Greenlet}, queue)
		require.Equal(t, "42 <nil>", value)
		return nil
	})
}

func TestLinkMisuse(t *testing.T) {
	virtual(t, func() error {
		never := new(Greenlet)
		require.PanicsWithValue(t, "gevent: Link of a Greenlet that was never spawned", func() { never.Link(func(*Greenlet) {}) })
		require.PanicsWithValue(t, "gevent: LinkError of a nil function", func() { Current().LinkError(nil) })
		return nil
	})
}

// When the hub ends, links of what is killed then are dead at once.
func TestLinkAtTheHubsEnd(t *testing.T) {
	require.NoError(t, Run(func() error {
		napper().Link(func(*Greenlet) { t.Error("it was called") })
		return nil
	}))
}
