package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKillBeforeStart(t *testing.T) {
	run(t, func() error {
		g := Spawn(func() error { t.Error("it ran"); return nil })
		var l log
		joined := Spawn(func() error { defer l.add("joined"); return g.Join() })
		g.KillAsync()
		require.True(t, g.Ready())
		require.NoError(t, g.Kill(), "twice")
		require.ErrorIs(t, g.Get(), ErrExit)
		require.NoError(t, joined.Get())
		require.Equal(t, "joined", l.String())
		return nil
	})
}

func TestKillSleeping(t *testing.T) {
	run(t, func() error {
		var l log
		g := Spawn(func() error {
			defer l.add("deferred")
			err := Sleep(time.Hour)
			l.add("went on")
			return err
		})
		parked(t, g)
		g.KillAsync()
		require.Empty(t, l, "it ends when its turn comes")
		require.NoError(t, g.Join())
		require.Equal(t, "deferred", l.String())
		require.ErrorIs(t, g.Get(), ErrExit)
		require.NoError(t, g.Kill(), "when dead")
		return nil
	})
}

// Kill waits for a deferred function that waits.
func TestKillWaitsForDefer(t *testing.T) {
	run(t, func() error {
		var l log
		g := Spawn(func() error {
			defer func() {
				require.NoError(t, Sleep(time.Millisecond))
				l.add("deferred")
			}()
			return Sleep(time.Hour)
		})
		parked(t, g)
		require.NoError(t, g.Kill())
		require.Equal(t, "deferred", l.String())
		return nil
	})
}

// A second kill ends what the deferred function waits for; the deferred functions before it still run.
func TestKillTwice(t *testing.T) {
	run(t, func() error {
		var l log
		g := Spawn(func() error {
			defer l.add("outer")
			defer func() {
				l.add("inner")
				require.NoError(t, Sleep(time.Hour))
				l.add("slept")
			}()
			return Sleep(time.Hour)
		})
		parked(t, g)
		g.KillAsync()
		parked(t, g)
		require.NoError(t, g.Kill())
		require.Equal(t, "inner outer", l.String())
		return nil
	})
}

func TestKillIsNotRecovered(t *testing.T) {
	run(t, func() error {
		var l log
		g := Spawn(func() error {
			defer func() {
				require.Nil(t, recover())
				l.add("recover")
			}()
			for {
				_ = Sleep(time.Hour) // ignoring the error does not help either
				l.add("went on")
			}
		})
		parked(t, g)
		require.NoError(t, g.Kill())
		require.Equal(t, "recover", l.String())
		return nil
	})
}

func TestKillSelf(t *testing.T) {
	run(t, func() error {
		var l log
		for _, end := range []func(){
			Exit,
			func() { _ = Current().Kill() },
			func() { Current().KillAsync() },
			func() { _ = KillAll(Current()); Yield() },
		} {
			g := Spawn(func() error {
				defer l.add("deferred")
				end()
				l.add("went on")
				return nil
			})
			require.ErrorIs(t, g.Get(), ErrExit)
		}
		require.Equal(t, "deferred deferred deferred deferred", l.String())
		return nil
	})
}

// A greenlet that yields for ever ends at its yield.
func TestKillSpinner(t *testing.T) {
	run(t, func() error {
		turns := 0
		g := Spawn(func() error {
			for {
				turns++
				Yield()
			}
		})
		Yield()
		require.NoError(t, g.Kill())
		require.Positive(t, turns)
		return nil
	})
}

func TestKillJoiner(t *testing.T) {
	run(t, func() error {
		worker := Spawn(func() error { return Sleep(time.Hour) })
		joiner := Spawn(worker.Get)
		parked(t, worker, joiner)
		require.NoError(t, joiner.Kill())
		require.False(t, worker.Ready())
		require.NoError(t, worker.Kill())
		return nil
	})
}

func TestKillAll(t *testing.T) {
	run(t, func() error {
		var l log
		victim := func(name string, cleanup time.Duration) *Greenlet {
			return Spawn(func() error {
				defer func() {
					_ = Sleep(cleanup)
					l.add(name)
				}()
				return Sleep(time.Hour)
			})
		}
		slow, quick := victim("slow", 5*time.Millisecond), victim("quick", 0)
		parked(t, slow, quick)
		unstarted := Spawn(func() error { t.Error("it ran"); return nil })
		dead := Spawn(func() error { return nil })
		require.NoError(t, dead.Kill())
		require.NoError(t, KillAll(slow, quick, unstarted, dead))
		require.Equal(t, "quick slow", l.String(), "the first, whose clean-up takes long, must not hold up the others")
		return KillAll()
	})
}

// In KillAll the caller comes last, wherever it stands.
func TestKillAllWithSelf(t *testing.T) {
	run(t, func() error {
		var l log
		other := Spawn(func() error { defer l.add("other"); return Sleep(time.Hour) })
		parked(t, other)
		var self *Greenlet
		self = Spawn(func() error {
			defer l.add("self")
			_ = KillAll(self, other)
			l.add("went on")
			return nil
		})
		require.ErrorIs(t, self.Get(), ErrExit)
		require.Equal(t, "other self", l.String())
		return nil
	})
}

// What is left when main returns is killed, with its deferred functions, which may wait and spawn.
func TestMainEndsTheRest(t *testing.T) {
	var l log
	require.NoError(t, Run(func() error {
		Spawn(func() error {
			defer func() {
				require.NoError(t, Sleep(time.Millisecond))
				late := Spawn(func() error { t.Error("it ran"); return nil })
				require.ErrorIs(t, late.Get(), ErrExit)
				l.add("deferred")
			}()
			return Sleep(time.Hour)
		})
		Yield()
		Spawn(func() error { t.Error("it ran"); return nil })
		return nil
	}))
	require.Equal(t, "deferred", l.String())
}

func TestKillMain(t *testing.T) {
	main := func() error {
		g := Current()
		Spawn(func() error { return g.Kill() })
		return Sleep(time.Hour)
	}
	require.ErrorIs(t, Run(main), ErrExit)
}
