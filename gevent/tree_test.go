package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestParent(t *testing.T) {
	virtual(t, func() error {
		main := Current()
		require.Nil(t, main.Parent())
		require.Zero(t, main.ParentID())
		var child, later *Greenlet
		mother := Spawn(func() error {
			child = napper()
			later = SpawnLater(time.Hour, func() error { return nil })
			return Sleep(time.Second)
		})
		parked(t, mother)
		require.Same(t, main, mother.Parent())
		require.Same(t, mother, child.Parent())
		require.Same(t, mother, later.Parent())
		require.NoError(t, mother.Join())
		require.Nil(t, child.Parent(), "nothing that has ended is kept for its children")
		require.Equal(t, mother.ID(), child.ParentID())
		return KillAll(child, later)
	})
}

func TestParentOfAPost(t *testing.T) {
	virtual(t, func() error {
		var g *Greenlet
		var id uint64
		GetHub().Post(func() {
			id = GetHub().sched.Current().ID()
			g = napper()
			require.Nil(t, g.Parent())
		})
		require.NoError(t, Sleep(1))
		require.Equal(t, id, g.ParentID())
		return g.Kill()
	})
}

func TestTreeLocal(t *testing.T) {
	virtual(t, func() error {
		var request TreeLocal[string]
		var other TreeLocal[int]
		var l log
		_, ok := request.Lookup()
		require.False(t, ok)
		handler := func(name string) *Greenlet {
			return Spawn(func() error {
				request.Set(name)
				other.Set(1)
				child := Spawn(func() error {
					grandchild := Spawn(func() error { l.add(request.Get()); return nil })
					request.Set(name + "'s child")
					l.add(request.Get())
					return JoinAll(grandchild, Spawn(func() error { l.add(request.Get()); return nil }))
				})
				err := child.Join()
				l.add(request.Get())
				request.Set("again")
				l.add(request.Get())
				require.Equal(t, 1, other.Get())
				return err
			})
		}
		a := handler("a")
		require.NoError(t, a.Get())
		require.Equal(t, "a's child a a's child a again", l.String())
		b := handler("b")
		require.NoError(t, b.Get())
		require.Equal(t, "b's child b b's child b again", ptr(l[5:]).String(), "one tree sees nothing of another")
		require.Empty(t, request.Get(), "nor does main")
		return nil
	})
}

// Links and delayed greenlets belong to the tree of whoever made them; posts to none.
func TestTreeLocalOfLinksAndPosts(t *testing.T) {
	virtual(t, func() error {
		var name TreeLocal[string]
		var l log
		note := func() { l.add("<" + name.Get() + ">") }
		stranger := Spawn(func() error { return Sleep(time.Second) })
		tree := Spawn(func() error {
			name.Set("tree")
			stranger.Link(func(*Greenlet) { note() })
			SpawnLater(2*time.Second, func() error { note(); return nil })
			GetHub().Post(func() {
				note()
				name.Set("post")
				Spawn(func() error { note(); return nil })
			})
			return nil
		})
		require.NoError(t, JoinAll(tree, stranger))
		require.NoError(t, WaitIdle())
		require.Equal(t, "<> <post> <tree> <tree>", l.String())
		return nil
	})
}

func TestLocalsOutsideAGreenlet(t *testing.T) {
	var tree TreeLocal[int]
	var local Local[int]
	require.PanicsWithValue(t, "gevent: Local.Get called outside a hub: call it inside gevent.Run, on no goroutine started "+
		"with go (there, use Hub.Post)", func() { local.Get() })
	virtual(t, func() error {
		s := GetHub().sched
		calls := []func(){func() { tree.Set(1) }, func() { tree.Get() }, func() { local.Set(1) }, func() { local.Get() }}
		for _, call := range calls {
			called := false
			s.StartTimer(sched.NewTimer(func() {
				defer func() { called = true; require.Contains(t, recover(), "outside a greenlet") }()
				call()
			}), s.After(1))
			require.NoError(t, Sleep(2))
			require.True(t, called)
		}
		return nil
	})
}
