package gevent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestGroupMembers(t *testing.T) {
	virtual(t, func() error {
		var group Group
		require.NoError(t, group.Join(), "empty")
		a := group.Spawn(func() error { return Sleep(time.Second) })
		b := after(2)
		dead := Spawn(func() error { return nil })
		require.NoError(t, dead.Join())
		group.Add(b, b, dead)
		require.Equal(t, 2, group.Len())
		require.True(t, group.Contains(a) && group.Contains(b))
		require.False(t, group.Contains(dead))
		var all []*Greenlet
		for g := range group.All() {
			all = append(all, g)
		}
		require.Equal(t, []*Greenlet{a, b}, all)
		require.NoError(t, a.Join())
		require.Equal(t, 1, group.Len(), "members leave when they end")
		group.Discard(b)
		group.Discard(b)
		require.Zero(t, group.Len())
		require.False(t, isObserved(b))
		require.False(t, group.Full())
		require.NoError(t, group.WaitAvailable())
		return b.Join()
	})
}

// A loop over the members may wait; those who have left meanwhile are passed over.
func TestGroupAllWhileTheyLeave(t *testing.T) {
	virtual(t, func() error {
		var group Group
		var l log
		for i := range 3 {
			group.Add(after(2 - i))
		}
		for g := range group.All() {
			l.add(g.Name())
			require.NoError(t, Sleep(1500*time.Millisecond))
		}
		require.Equal(t, "2", l.String())
		return group.Join()
	})
}

func TestGroupJoin(t *testing.T) {
	virtual(t, func() error {
		var group Group
		var l log
		group.Add(after(1), after(3))
		joiner := func(name string) *Greenlet {
			return Spawn(func() error { defer l.add(name); return group.Join() })
		}
		a, b := joiner("a"), joiner("b")
		require.ErrorIs(t, group.JoinTimeout(2*time.Second), ErrTimeout)
		require.ErrorIs(t, group.JoinTimeout(0), ErrTimeout)
		require.NoError(t, group.Join())
		group.Spawn(func() error { return Sleep(time.Hour) })
		require.NoError(t, JoinAll(a, b), "that it was empty for a moment is enough")
		require.Equal(t, "a b", l.String())
		return group.Kill()
	})
}

func TestGroupJoinLetsThemStart(t *testing.T) {
	virtual(t, func() error {
		var group Group
		group.Spawn(func() error { return nil })
		return group.JoinTimeout(0)
	})
}

func TestGroupGet(t *testing.T) {
	virtual(t, func() error {
		var group Group
		fail := func(seconds int, err error) {
			group.Spawn(func() error { _ = Sleep(time.Duration(seconds) * time.Second); return err })
		}
		fail(2, errMade)
		fail(1, errors.New("another"))
		fail(3, nil)
		killed := group.Spawn(func() error { return Sleep(time.Hour) })
		Yield()
		killed.KillAsync()
		require.ErrorIs(t, group.GetTimeout(500*time.Millisecond), ErrTimeout)
		require.EqualError(t, group.Get(), "another\nmade up", "in the order of their ends")
		require.NoError(t, group.Get(), "they are gone")
		group.Spawn(func() error { return errMade })
		require.ErrorIs(t, group.GetTimeout(0), errMade)
		require.Empty(t, group.getting)
		return nil
	})
}

func TestGroupKill(t *testing.T) {
	virtual(t, func() error {
		var group Group
		kills := 0
		for range 2 {
			group.Spawn(func() error {
				defer func() {
					kills++
					_ = Sleep(time.Minute)
				}()
				return Sleep(time.Hour)
			})
		}
		Yield()
		unstarted := group.Spawn(func() error { t.Error("it ran"); return nil })
		began := GetHub().sched.Now()
		require.ErrorIs(t, group.KillTimeout(time.Second), ErrTimeout)
		require.True(t, unstarted.Ready())
		require.ErrorIs(t, group.KillTimeout(0), ErrTimeout)
		group.KillAsync()
		require.NoError(t, group.Kill())
		require.Equal(t, time.Minute, GetHub().sched.Now()-began, "each is hit once: no clean-up is cut short")
		require.Equal(t, 2, kills)
		return group.Kill()
	})
}

func TestGroupKillWith(t *testing.T) {
	virtual(t, func() error {
		var group Group
		g := group.Spawn(func() error { return Sleep(time.Hour) })
		Yield()
		require.NoError(t, group.KillWith(errMade))
		require.Same(t, errMade, g.Err())
		return nil
	})
}

// Who comes while all are being killed is killed, too.
func TestGroupKillReachesLateComers(t *testing.T) {
	virtual(t, func() error {
		var group Group
		var late *Greenlet
		group.Spawn(func() error {
			defer func() {
				late = group.Spawn(func() error { t.Error("it ran"); return nil })
				_ = Sleep(time.Second)
				group.Add(napper())
			}()
			return Sleep(time.Hour)
		})
		Yield()
		require.NoError(t, group.Kill())
		require.Zero(t, group.Len())
		require.ErrorIs(t, late.Err(), ErrExit)
		group.Spawn(func() error { return nil })
		return group.Get()
	})
}

// A member that kills its group comes last.
func TestGroupKillByAMember(t *testing.T) {
	virtual(t, func() error {
		for name, kill := range map[string]func(g *Group){
			"Kill":      func(g *Group) { _ = g.Kill() },
			"KillAsync": (*Group).KillAsync,
		} {
			var group Group
			var l log
			group.Spawn(func() error {
				defer l.add("self")
				Yield()
				kill(&group)
				l.add("went on")
				return nil
			})
			group.Spawn(func() error {
				defer l.add("other")
				return Sleep(time.Hour)
			})
			require.NoError(t, group.Join())
			want := "other self"
			if name == "KillAsync" {
				want = "self other"
			}
			require.Equal(t, want, l.String(), name)
		}
		return nil
	})
}

// One greenlet may be in several groups.
func TestGroupsOverlap(t *testing.T) {
	virtual(t, func() error {
		var a, b Group
		g := a.Spawn(func() error { return Sleep(time.Second) })
		b.Add(g)
		require.NoError(t, b.Kill())
		require.Zero(t, a.Len())
		require.ErrorIs(t, g.Err(), ErrExit)
		return a.Join()
	})
}

func TestGroupReason(t *testing.T) {
	virtual(t, func() error {
		var group Group
		a := group.Spawn(func() error { return Sleep(time.Second) })
		joiner := Spawn(group.Join)
		parked(t, a, joiner)
		why := joiner.task.Why()
		require.Equal(t, "end of 1 member", why.String())
		require.Equal(t, []*sched.Task{&a.task}, why.(interface{ Holders() []*sched.Task }).Holders())
		group.Add(joiner)
		require.Equal(t, "end of 2 members", why.String())
		group.Discard(joiner)
		return joiner.Get()
	})
}

func TestGroupOfAnotherHub(t *testing.T) {
	virtual(t, func() error {
		var group Group
		group.Spawn(func() error { return Sleep(time.Second) })
		said, err := await(func() (said string, err error) {
			err = Run(func() error {
				defer func() { said = fmt.Sprint(recover()) }()
				return group.Join()
			})
			return said, err
		})
		require.Contains(t, said, "belongs to another hub")
		require.NoError(t, err)
		return group.Join()
	})
}
