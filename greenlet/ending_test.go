package greenlet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// How generators end inside one another, and inside greenlets: what ends one of them passes through all that run as a
// part of it, whatever these are about to end of.

// endings are the ways in which a generator ends in a deferred function's time.
var endings = map[string]func(g *Generator[int, int]){
	"closed":  func(g *Generator[int, int]) { _ = g.Close() },
	"thrown":  func(g *Generator[int, int]) { _, _ = g.Throw(errTea) },
	"ignored": func(g *Generator[int, int]) { _ = g.Close() },
}

// pausing is a generator that calls fn in a deferred function while it ends in the way given.
func pausing(how string, fn func()) *Generator[int, int] {
	g := Generate(func(y *Yielder[int, int]) error {
		defer fn()
		if how == "ignored" {
			defer y.Yield(2)
		}
		y.Yield(1)
		return nil
	})
	g.Next()
	return g
}

func TestKillPassesThroughAGeneratorThatEnds(t *testing.T) {
	for how, end := range endings {
		for _, byItself := range []bool{false, true} {
			t.Run(how, func(t *testing.T) {
				l := &log{t: t}
				run(t, func() error {
					main := Current()
					g := New(func(...any) (any, error) {
						defer l.add("greenlet ends")
						end(pausing(how, func() {
							defer l.add("body ends")
							if byItself {
								Current().Kill()
							}
							main.Switch()
							l.add("never")
						}))
						l.add("swallowed")
						return nil, nil
					})
					g.Switch()
					g.Kill()
					require.True(t, g.Dead())
					return nil
				})
				l.is("body ends", "greenlet ends")
			})
		}
	}
}

// The outer generator waits in a Yield that a deferred function of an inner one has called, while that was being ended.
func TestOuterGeneratorEndsWhileAnInnerOneDoes(t *testing.T) {
	for how, end := range endings {
		t.Run(how, func(t *testing.T) {
			run(t, func() error {
				l := &log{t: t}
				outer := func() *Generator[int, int] {
					g := Generate(func(out *Yielder[int, int]) error {
						defer l.add("outer ends")
						middle := pausing(how, func() {
							end(pausing(how, func() {
								out.Yield(3)
								l.add("never")
							}))
							l.add("swallowed in the middle")
						})
						end(middle)
						l.add("swallowed")
						out.Yield(4)
						return nil
					})
					v, ok := g.Next()
					require.True(t, ok)
					require.Equal(t, 3, v)
					return g
				}
				g := outer()
				require.NoError(t, g.Close())
				require.NoError(t, g.Err())
				g = outer()
				_, err := g.Throw(errBad)
				require.Equal(t, errBad, err)
				require.Equal(t, errBad, g.Err())
				l.is("outer ends", "outer ends")
				return nil
			})
		})
	}
}

// A panic on the way comes on top, as in a single body: who recovers from it ends nevertheless, with the error that was
// thrown.
func TestPanicInAnInnerGeneratorWhileTheOuterEnds(t *testing.T) {
	run(t, func() error {
		outer := func(recovers bool) *Generator[int, int] {
			g := Generate(func(out *Yielder[int, int]) error {
				if recovers {
					defer func() { require.Equal(t, "on top", recover()) }()
				}
				middle := Generate(func(*Yielder[int, int]) error {
					Generate(func(*Yielder[int, int]) error {
						defer panic("on top")
						out.Yield(1)
						return nil
					}).Next()
					return nil
				})
				middle.Next()
				return nil
			})
			g.Next()
			return g
		}
		g := outer(true)
		_, err := g.Throw(errBad)
		require.Equal(t, errBad, err)
		require.Equal(t, errBad, g.Err())
		g = outer(true)
		require.NoError(t, g.Close())
		require.NoError(t, g.Err())
		g = outer(false)
		require.PanicsWithValue(t, "on top", func() { _, _ = g.Throw(errBad) })
		require.ErrorContains(t, g.Err(), "on top")
		return nil
	})
}

// Nor does such a panic save the greenlet that is killed.
func TestPanicInAGeneratorWhileItsConsumerIsKilled(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			func() {
				defer func() { l.add(recover().(string)) }()
				Generate(func(*Yielder[int, int]) error {
					defer panic("on top")
					main.Switch()
					return nil
				}).Next()
			}()
			l.add("swallowed")
			return nil, nil
		})
		g.Switch()
		l.got("main")(g.Kill())
		return nil
	})
	l.is("on top", "main got greenlet: exit <nil>")
}

func TestErrIsNilBeforeTheEnd(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(y *Yielder[int, int]) error {
			defer y.Yield(2)
			y.Yield(1)
			return nil
		})
		g.Next()
		_, err := g.Throw(errBad)
		require.NoError(t, err)
		require.NoError(t, g.Err(), "it has yielded while the error unwinds it, and not ended")
		_, ok := g.Next()
		require.False(t, ok)
		require.Equal(t, errBad, g.Err())
	})
}

// Python: what is thrown at one that has ended comes back, and so out of the "yield from".
func TestFromOneThatWasClosedMeanwhile(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for _, send := range []bool{false, true} {
			inner := count(3)
			outer := Generate(func(y *Yielder[int, string]) error { return y.From(inner) })
			outer.Next()
			require.NoError(t, inner.Close())
			if send {
				_, err := outer.Send("")
				require.Equal(t, ErrStop, err)
				continue
			}
			_, err := outer.Throw(errBad)
			require.Equal(t, errBad, err)
		}
	})
}

// Who is killed gets no value any more from a generator that it has asked; a generator outside of it may still have one.
func TestYieldWhileTheConsumerIsKilled(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			defer l.add("greenlet ends")
			Generate(func(y *Yielder[int, int]) error {
				defer l.add("body ends")
				defer y.YieldErr(1) //nolint:errcheck // it does not return
				main.Switch()
				return nil
			}).Next()
			l.add("swallowed")
			return nil, nil
		})
		g.Switch()
		l.got("main")(g.Kill())
		return nil
	})
	l.is("body ends", "greenlet ends", "main got greenlet: exit <nil>")
}

func TestYieldThroughTheOutermostWhileTheMiddleOneIsEnded(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(out *Yielder[int, int]) error {
			middle := Generate(func(mid *Yielder[int, int]) error {
				Generate(func(in *Yielder[int, int]) error {
					defer in.Yield(5) // to the middle one, which has nothing to do with it any more
					defer out.Yield(4)
					mid.Yield(3)
					return nil
				}).Next()
				t.Error("swallowed")
				return nil
			})
			v, _ := middle.Next()
			require.Equal(t, 3, v)
			_, err := middle.Throw(errBad)
			require.Equal(t, errBad, err)
			return err
		})
		v, ok := g.Next()
		require.True(t, ok)
		require.Equal(t, 4, v)
		_, err := g.Send(0)
		require.Equal(t, errBad, err)
	})
}
