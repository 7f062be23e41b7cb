package gevent

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Nurseries in nurseries: a failure outside ends the inner one first, and each wait sees its own cause.
func TestNurseryNested(t *testing.T) {
	virtual(t, func() error {
		var l log
		outer := Nurse(func(n *Nursery) error {
			n.Spawn(func() error { _ = Sleep(2 * time.Second); return errMade })
			first := Nurse(func(inner *Nursery) error {
				inner.Spawn(func() error { _ = Sleep(time.Second); return errors.New("inner") })
				return Sleep(time.Hour)
			})
			l.add(first.Error())
			second := Nurse(func(inner *Nursery) error {
				inner.Spawn(func() error {
					defer l.add("ended")
					return Sleep(time.Hour)
				})
				return nil
			})
			require.ErrorIs(t, second, errMade)
			return Sleep(time.Hour)
		})
		require.Same(t, errMade, outer)
		require.Equal(t, "inner ended", l.String())
		require.NoError(t, Sleep(1))
		return nil
	})
}

// Both fail while the inner body runs: the end of the inner one gives the waits back to the outer one, not to nobody.
func TestNurseryNestedBothFail(t *testing.T) {
	virtual(t, func() error {
		err := Nurse(func(n *Nursery) error {
			_ = Nurse(func(inner *Nursery) error {
				n.fail(errMade)
				inner.fail(errors.New("inner"))
				return nil
			})
			return Sleep(time.Hour)
		})
		require.Same(t, errMade, err)
		require.Zero(t, GetHub().sched.Now(), "the outer body's wait was ended")
		require.NoError(t, Sleep(1))
		return nil
	})
}

// A greenlet ends a sibling that has not started, with an error, which ends it, too: nobody else is passed over.
func TestNurseryFailsInsideAKill(t *testing.T) {
	for name, end := range map[string]func(g *Greenlet){
		"kill":  func(g *Greenlet) { g.KillWithAsync(errMade) },
		"throw": func(g *Greenlet) { g.Throw(errMade) },
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				var l log
				err := Nurse(func(n *Nursery) error {
					var sibling *Greenlet
					n.Spawn(func() error {
						defer l.add("ended")
						sibling.Link(func(*Greenlet) { l.add("link") })
						end(sibling)
						return Sleep(time.Hour)
					})
					sibling = n.Spawn(func() error { return errors.New("it ran") })
					n.Spawn(func() error { return Sleep(time.Hour) })
					return Sleep(time.Hour)
				})
				require.Same(t, errMade, err)
				require.Zero(t, now())
				Yield()
				require.Equal(t, "ended link", l.String())
				return nil
			})
		})
	}
}
