package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNurseryWaitsForAll(t *testing.T) {
	virtual(t, func() error {
		var l log
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error {
				n.Spawn(func() error {
					_ = Sleep(2 * time.Second)
					l.add("grandchild")
					return nil
				})
				l.add("child")
				return Sleep(time.Second)
			})
			l.add("body")
			return nil
		})
		require.Equal(t, "body child grandchild", l.String())
		require.Equal(t, 2*time.Second, GetHub().sched.Now())
		return err
	})
}

// The first error kills the siblings and ends the body's waits.
func TestNurseryFirstError(t *testing.T) {
	virtual(t, func() error {
		var l log
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error {
				defer func() {
					_ = Sleep(time.Second)
					l.add("cleaned")
				}()
				return Sleep(time.Hour)
			})
			n.Spawn(func() error { _ = Sleep(time.Second); return errMade })
			for range 3 {
				err := Sleep(time.Hour)
				require.ErrorIs(t, err, errMade)
				l.add(err.Error())
			}
			late := n.Spawn(func() error { t.Error("it ran"); return nil })
			require.ErrorIs(t, late.Err(), ErrExit)
			return Sleep(time.Hour)
		})
		require.Same(t, errMade, err, "the only error, as it is")
		said := "gevent: nursery ends: made up"
		require.Equal(t, log{said, said, said, "cleaned"}, l)
		require.NoError(t, Sleep(time.Second), "the caller's waits are its own again")
		require.Equal(t, 3*time.Second, GetHub().sched.Now())
		return nil
	})
}

func TestNurseryBodyFails(t *testing.T) {
	virtual(t, func() error {
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error { return Sleep(time.Hour) })
			Yield()
			return errMade
		})
		require.Same(t, errMade, err)
		require.Zero(t, GetHub().sched.Now())
		return nil
	})
}

func TestNurseryJoinsErrors(t *testing.T) {
	virtual(t, func() error {
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error {
				defer func() { _ = Sleep(time.Second) }()
				return Sleep(time.Hour)
			})
			n.Spawn(func() error { return errMade })
			n.Spawn(func() error { t.Error("it ran"); return nil })
			if err := Sleep(time.Second); err != nil {
				return fmt.Errorf("body's own: %v", err)
			}
			return nil
		})
		require.EqualError(t, err, "made up\nbody's own: gevent: nursery ends: made up")
		require.ErrorIs(t, err, errMade)
		return nil
	})
}

func TestNurseryPanicOfAChild(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error { return Sleep(time.Hour) })
			n.Spawn(func() error { panic(errMade) })
			return nil
		})
		var panicked *PanicError
		require.ErrorAs(t, err, &panicked)
		require.ErrorIs(t, err, errMade)
		return nil
	}))
	require.Len(t, r.errs, 1)
}

// A panic of the body goes on once all have ended.
func TestNurseryPanicOfTheBody(t *testing.T) {
	virtual(t, func() error {
		var l log
		require.PanicsWithValue(t, "body", func() {
			_ = Nurse(func(n *Nursery) error {
				n.Spawn(func() error {
					defer func() {
						_ = Sleep(time.Second)
						l.add("cleaned")
					}()
					return Sleep(time.Hour)
				})
				Yield()
				panic("body")
			})
		})
		require.Equal(t, "cleaned", l.String())
		return nil
	})
}

// To be killed is no error, unless it was done with one.
func TestNurseryChildKilled(t *testing.T) {
	virtual(t, func() error {
		require.NoError(t, Nurse(func(n *Nursery) error {
			g := n.Spawn(func() error { return Sleep(time.Hour) })
			n.Spawn(func() error { return Sleep(time.Second) })
			n.Spawn(func() error { Exit(); return nil })
			Yield()
			return g.Kill()
		}))
		require.Equal(t, time.Second, GetHub().sched.Now())
		require.Same(t, errMade, Nurse(func(n *Nursery) error {
			return n.Spawn(func() error { return Sleep(time.Hour) }).KillWith(errMade)
		}))
		return nil
	})
}

// What ends the caller from outside ends all children first, in the body as well as in the wait after it.
func TestNurseryEndedFromOutside(t *testing.T) {
	for name, body := range map[string]func() error{
		"body":  func() error { return Sleep(time.Hour) },
		"after": func() error { return nil },
	} {
		eachEnd(t, name, func(t *testing.T, end ending) {
			var l log
			g := Spawn(func() error {
				defer l.add("scope left")
				return Nurse(func(n *Nursery) error {
					n.Spawn(func() error {
						defer func() {
							_ = Sleep(time.Second)
							l.add("child ended")
						}()
						return Sleep(time.Hour)
					})
					return body()
				})
			})
			parked(t, g)
			Yield()
			end.now(t, g)
			require.Equal(t, "child ended", l[0])
			require.Equal(t, "scope left", l[1])
			require.Equal(t, end.want, g.Err(), "the very error that ended it, once")
		})
	}
}

// A scope around the nursery that is over ends it, waits for its greenlets, and holds on after it.
func TestNurseryKeepsACancelFromOutside(t *testing.T) {
	virtual(t, func() error {
		var l log
		limit := NewTimeout(time.Minute)
		err := limit.Do(func() error {
			err := Nurse(func(n *Nursery) error {
				n.Spawn(func() error {
					defer func() {
						require.NoError(t, Sleep(time.Second))
						l.add("child ended")
					}()
					return Sleep(time.Hour)
				})
				return nil
			})
			l.add("scope left")
			require.True(t, limit.Is(err))
			return Sleep(time.Hour)
		})
		require.True(t, limit.Is(err))
		require.Equal(t, "child ended scope left", l.String())
		return nil
	})
}

// One scope inside a body that has failed may end without taking the failure back.
func TestNurseryFailureOutlivesAScopeInside(t *testing.T) {
	virtual(t, func() error {
		err := Nurse(func(n *Nursery) error {
			n.Spawn(func() error {
				_ = Sleep(time.Second)
				return errMade
			})
			inner := WithTimeout(time.Minute, func() error { return Sleep(time.Hour) })
			require.ErrorIs(t, inner, errMade)
			require.ErrorIs(t, Sleep(time.Hour), errMade)
			return inner
		})
		require.Equal(t, errMade, err)
		return nil
	})
}

// A second kill of the caller cuts short what the children's deferred functions wait for; the scope still outlives them.
func TestNurseryKilledTwice(t *testing.T) {
	virtual(t, func() error {
		var l log
		g := Spawn(func() error {
			defer l.add("scope left")
			return Nurse(func(n *Nursery) error {
				n.Spawn(func() error {
					defer l.add("child ended")
					defer func() { _ = Sleep(time.Hour) }()
					return Sleep(time.Hour)
				})
				return nil
			})
		})
		parked(t, g)
		Yield()
		g.KillAsync()
		require.NoError(t, Sleep(time.Second))
		require.Empty(t, l)
		require.NoError(t, g.Kill())
		require.Equal(t, log{"child ended", "scope left"}, l)
		require.Equal(t, time.Second, GetHub().sched.Now())
		return nil
	})
}

func TestNurserySpawnAfterTheEnd(t *testing.T) {
	virtual(t, func() error {
		var kept *Nursery
		require.NoError(t, Nurse(func(n *Nursery) error { kept = n; return nil }))
		require.PanicsWithValue(t, "gevent: Nursery.Spawn in a nursery that has ended; spawn before its Nurse returns, or in "+
			"another one", func() { kept.Spawn(func() error { return nil }) })
		require.Panics(t, func() { _ = Nurse(nil) })
		return nil
	})
}

func TestNurseryLimit(t *testing.T) {
	virtual(t, func() error {
		var l log
		now, most := 0, 0
		require.NoError(t, Nurse(func(n *Nursery) error {
			n.SetLimit(2)
			for i := range 6 {
				n.Spawn(func() error {
					l.add(fmt.Sprint(i))
					now++
					most = max(most, now)
					defer func() { now-- }()
					return Sleep(time.Second)
				})
			}
			require.Panics(t, func() { n.SetLimit(3) })
			require.Panics(t, func() { n.SetLimit(0) })
			victim := n.Spawn(func() error { t.Error("it ran"); return nil })
			Yield()
			require.Equal(t, "its turn in a nursery (limit 2)", victim.task.Why().String())
			return victim.Kill()
		}))
		require.Equal(t, 2, most)
		require.Equal(t, "0 1 2 3 4 5", l.String())
		require.Equal(t, 3*time.Second, GetHub().sched.Now())
		return nil
	})
}
