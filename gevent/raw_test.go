package gevent

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
)

// A call that parks, made inside a raw greenlet, parks the chain of that greenlet alone; others run, and the wake-up comes back
// to the very greenlet that waited. A generator's body may wait, too.
func TestParkInsideRawGreenlet(t *testing.T) {
	var lines []string
	say := func(format string, a ...any) { lines = append(lines, fmt.Sprintf(format, a...)) }
	chain := func(name string) func() error {
		return func() error {
			raw := greenlet.New(func(...any) (any, error) {
				say("%s waits", name)
				Yield()
				for v := range greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
					Yield()
					y.Yield(1)
					return Sleep(time.Nanosecond)
				}).All() {
					say("%s has %d", name, v)
				}
				return name + " is back", nil
			})
			left := greenlet.New(func(...any) (any, error) {
				defer say("%s is left behind", name)
				return greenlet.Current().Parent().Switch()
			})
			if _, err := left.Switch(); err != nil {
				return err
			}
			v, err := raw.Switch()
			say("%v", v)
			return err
		}
	}
	run(t, func() error {
		return JoinAll(Spawn(chain("a")), Spawn(chain("b")))
	})
	require.Equal(t, []string{"a waits", "b waits", "a has 1", "b has 1"}, lines[:4])
	require.ElementsMatch(t, []string{"a is back", "a is left behind", "b is back", "b is left behind"}, lines[4:])
}

// A kill of a greenlet that waits inside a raw one ends both, the inner one first; code in between does not see it.
func TestKillInsideRawGreenlet(t *testing.T) {
	var lines []string
	run(t, func() error {
		g := Spawn(func() error {
			defer func() { lines = append(lines, "outer ends") }()
			v, err := greenlet.New(func(...any) (any, error) {
				defer func() { lines = append(lines, "raw ends") }()
				return nil, Sleep(time.Hour)
			}).Switch()
			lines = append(lines, fmt.Sprint(v, " ", err))
			err = Sleep(time.Hour)
			lines = append(lines, "swallowed")
			return err
		})
		Yield()
		err := g.Kill()
		require.ErrorIs(t, g.Err(), ErrExit)
		return err
	})
	require.Equal(t, []string{"raw ends", "outer ends"}, lines)
}

// One kill is one kill: what deferred functions wait for, they get, in the raw greenlet or generator and outside; and code that
// makes a raw greenlet for each job cannot outlive it.
func TestKillPassesThrough(t *testing.T) {
	for name, inner := range map[string]func(body func() error){
		"raw": func(body func() error) {
			_, _ = greenlet.New(func(...any) (any, error) { return nil, body() }).Switch()
		},
		"raw in raw": func(body func() error) {
			_, _ = greenlet.New(func(...any) (any, error) {
				return greenlet.New(func(...any) (any, error) { return nil, body() }).Switch()
			}).Switch()
		},
		"generator": func(body func() error) {
			greenlet.Generate(func(*greenlet.Yielder[int, int]) error { return body() }).Next()
		},
		"generator in raw": func(body func() error) {
			_, _ = greenlet.New(func(...any) (any, error) {
				greenlet.Generate(func(*greenlet.Yielder[int, int]) error { return body() }).Next()
				return nil, nil
			}).Switch()
		},
		"raw in generator": func(body func() error) {
			greenlet.Generate(func(*greenlet.Yielder[int, int]) error {
				_, err := greenlet.New(func(...any) (any, error) { return nil, body() }).Switch()
				return err
			}).Next()
		},
	} {
		for how, kill := range map[string]func(g *Greenlet) error{
			"by another": (*Greenlet).Kill,
			"by itself":  (*Greenlet).Join,
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				var lines []string
				cleanUp := func(what string) {
					_ = Sleep(time.Millisecond)
					lines = append(lines, what)
				}
				run(t, func() error {
					g := Spawn(func() error {
						defer cleanUp("outer")
						for {
							inner(func() error {
								defer cleanUp("inner")
								if how == "by itself" {
									Exit()
								}
								return Sleep(time.Hour)
							})
						}
					})
					Yield()
					require.NoError(t, kill(g))
					require.ErrorIs(t, g.Err(), ErrExit)
					return nil
				})
				require.Equal(t, []string{"inner", "outer"}, lines)
			})
		}
	}
}

// What a posted function leaves suspended ends with it.
func TestGeneratorInPost(t *testing.T) {
	ended := false
	run(t, func() error {
		GetHub().Post(func() {
			greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
				defer func() { ended = true }()
				y.Yield(1)
				return nil
			}).Next()
		})
		require.NoError(t, Sleep(1))
		require.True(t, ended)
		return nil
	})
}

// Run inside a raw greenlet is refused, and leaves the thread as it was.
func TestRunInsideRawGreenlet(t *testing.T) {
	before := openFds()
	require.NoError(t, greenlet.Run(func() error {
		_, err := greenlet.New(func(...any) (any, error) {
			require.PanicsWithValue(t, "gevent: Run inside a coroutine, such as a raw greenlet or a task; call it on the goroutine itself, "+
				"or on another one", func() { _ = Run(func() error { return nil }) })
			return nil, nil
		}).Switch()
		return err
	}))
	noDescriptors(t, before)
	run(t, func() error { return Sleep(1) })
}

// A generator ends with the greenlet that asked it first; another one that asks it later is told so.
func TestGeneratorOfAGreenletThatEnded(t *testing.T) {
	run(t, func() error {
		var numbers *greenlet.Generator[int, int]
		first := Spawn(func() error {
			numbers = greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
				for n := range 10 {
					y.Yield(n)
				}
				return nil
			})
			numbers.Next()
			return nil
		})
		require.NoError(t, first.Get())
		for range numbers.All() {
			t.Error("it has ended")
		}
		require.ErrorIs(t, numbers.Err(), greenlet.ErrExit)
		return nil
	})
}

// What a greenlet has abandoned is ended while all wait, by the hub.
func TestAbandonedRawGreenletsAreEndedWhileTheHubWaits(t *testing.T) {
	reported := make(chan error, 1)
	c := Config{OnError: func(_ *Greenlet, err error, _ []byte) { reported <- err }}
	require.NoError(t, runConfig(t, c, func() error {
		abandon := func(fn func()) {
			main := greenlet.Current()
			greenlet.New(func(...any) (any, error) {
				defer fn()
				return main.Switch()
			}).Switch()
		}
		ended := make(chan struct{})
		abandon(func() {
			Yield() // it may wait, too
			close(ended)
		})
		abandon(func() { panic("in a deferred function") })
		_, err := await(func() (bool, error) { // the hub sleeps meanwhile
			for {
				runtime.GC()
				select {
				case <-ended:
					if len(reported) > 0 {
						return true, nil
					}
				default:
				}
			}
		})
		require.ErrorContains(t, <-reported, "in a deferred function")
		return err
	}))
}
