package gevent

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
)

// A second kill, of a greenlet that ends what it has left suspended, ends the deferred function that waits there, and
// no more than that: the rest of them is ended, too.
func TestKillWhileWhatIsLeftIsEnded(t *testing.T) {
	var lines []string
	run(t, func() error {
		left := func(name string) {
			_, _ = greenlet.New(func(...any) (any, error) {
				defer func() {
					lines = append(lines, name)
					_ = Sleep(time.Hour)
				}()
				return greenlet.Current().Parent().Switch()
			}).Switch()
			greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
				defer func() {
					lines = append(lines, name+" generator")
					_ = Sleep(time.Hour)
				}()
				y.Yield(1)
				return nil
			}).Next()
		}
		g := Spawn(func() error {
			for i := range 3 {
				left(fmt.Sprint(i))
			}
			return Sleep(time.Hour)
		})
		Yield()
		for range 7 {
			require.False(t, g.Ready())
			g.KillAsync()
			Yield()
			Yield()
		}
		return g.Join()
	})
	require.Equal(t, []string{"2 generator", "2", "1 generator", "1", "0 generator", "0"}, lines)
}

// A generator that another greenlet waits in, when the one that asked it first ends, ends with that other one.
func TestGeneratorInWhichAnotherGreenletWaits(t *testing.T) {
	ended := false
	run(t, func() error {
		var numbers *greenlet.Generator[int, int]
		first := Spawn(func() error {
			numbers = greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
				defer func() { ended = true }()
				y.Yield(1)
				_ = Sleep(time.Millisecond)
				y.Yield(2)
				return nil
			})
			numbers.Next()
			Yield()
			return nil
		})
		second := Spawn(func() error {
			v, ok := numbers.Next()
			require.True(t, ok)
			require.Equal(t, 2, v)
			require.True(t, first.Ready())
			require.False(t, ended)
			return nil
		})
		return errors.Join(first.Get(), second.Get())
	})
	require.True(t, ended)
}

// A kill is not lost where a deferred function of a raw greenlet or generator panics because of it: who recovers from
// that panic is killed all the same.
func TestKillOutlivesAPanicInARawGreenlet(t *testing.T) {
	for name, inner := range map[string]func(body func()){
		"raw": func(body func()) {
			_, _ = greenlet.New(func(...any) (any, error) { body(); return nil, nil }).Switch()
		},
		"generator": func(body func()) {
			greenlet.Generate(func(*greenlet.Yielder[int, int]) error { body(); return nil }).Next()
		},
		"both": func(body func()) {
			_, _ = greenlet.New(func(...any) (any, error) {
				greenlet.Generate(func(*greenlet.Yielder[int, int]) error { body(); return nil }).Next()
				return nil, nil
			}).Switch()
		},
		"neither": func(body func()) { body() },
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			run(t, func() error {
				g := Spawn(func() error {
					defer func() { lines = append(lines, "ends") }()
					func() {
						defer func() { lines = append(lines, fmt.Sprint(recover())) }()
						inner(func() {
							defer panic("in a deferred function")
							_ = Sleep(time.Hour)
						})
					}()
					lines = append(lines, "swallowed")
					return nil
				})
				Yield()
				require.NoError(t, g.Kill())
				require.ErrorIs(t, g.Err(), ErrExit)
				return nil
			})
			require.Equal(t, []string{"in a deferred function", "ends"}, lines)
		})
	}
}

// Nor where a tracer panics.
func TestKillOutlivesATracer(t *testing.T) {
	for name, fn := range map[string]func(){
		"panic": func() { panic("tracer") },
		"none":  func() {},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			run(t, func() error {
				g := Spawn(func() error {
					defer func() { lines = append(lines, "ends") }()
					defer func() { greenlet.SetTrace(nil) }()
					func() {
						defer func() { lines = append(lines, fmt.Sprint(recover() != nil)) }()
						_, _ = greenlet.New(func(...any) (any, error) {
							greenlet.SetTrace(func(greenlet.Event, *greenlet.Greenlet, *greenlet.Greenlet) { fn() })
							return nil, Sleep(time.Hour)
						}).Switch()
					}()
					lines = append(lines, "swallowed")
					return nil
				})
				Yield()
				require.NoError(t, g.Kill())
				return nil
			})
			require.Equal(t, []string{fmt.Sprint(name == "panic"), "ends"}, lines)
		})
	}
}

// An abandoned greenlet that saves itself, when the hub has come to end it, ends with the hub.
func TestAbandonedThatSavesItselfEndsWithTheHub(t *testing.T) {
	var ends []string
	var failures []error
	var held *greenlet.Greenlet // else it would be abandoned again
	c := Config{OnError: func(_ *Greenlet, err error, _ []byte) { failures = append(failures, err) }}
	require.NoError(t, runConfig(t, c, func() error {
		saved := make(chan struct{})
		func() {
			main := greenlet.Current()
			_, _ = greenlet.New(func(...any) (any, error) {
				defer panic("the last one")
				defer func() { ends = append(ends, "ends") }()
				defer func() {
					held = greenlet.Current()
					close(saved)
					greenlet.Current().Parent().Switch()
				}()
				return main.Switch()
			}).Switch()
		}()
		_, err := await(func() (bool, error) { // the hub sleeps meanwhile
			for {
				runtime.GC()
				select {
				case <-saved:
					return true, nil
				default:
				}
			}
		})
		require.Empty(t, ends)
		return err
	}))
	require.True(t, held.Dead())
	require.Equal(t, []string{"ends"}, ends)
	require.Len(t, failures, 1)
	require.ErrorContains(t, failures[0], "the last one")
}

// A hub that runs where there are greenlets already leaves their settings as they were.
func TestHubGivesBackTheSettingsOfGreenlets(t *testing.T) {
	before := openFds()
	require.NoError(t, greenlet.Run(func() error {
		told := 0
		greenlet.OnPanic(func(*greenlet.PanicError) { told++ })
		notify := func() {}
		greenlet.Notify(notify)
		if err := Run(func() error { return Sleep(1) }); err != nil {
			return err
		}
		greenlet.OnPanic(nil)(nil)
		require.Equal(t, 1, told)
		require.NotNil(t, greenlet.Notify(nil))
		require.NoError(t, Run(func() error { return Sleep(1) }))
		require.Nil(t, greenlet.Notify(nil))
		require.Nil(t, greenlet.OnPanic(nil))
		return nil
	}))
	noDescriptors(t, before)
}

// A generator that yields in a deferred function, while the greenlet that asked it is killed, does not save that one,
// and does not take the kill to another one that asks it later.
func TestKillOutlivesAYield(t *testing.T) {
	var lines []string
	say := func(line string) { lines = append(lines, line) }
	run(t, func() error {
		numbers := greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			defer say("body ends")
			defer y.Yield(1)
			return Sleep(time.Hour)
		})
		first := Spawn(func() error {
			defer say("first ends")
			numbers.Next()
			say("swallowed")
			return nil
		})
		Yield()
		require.NoError(t, first.Kill())
		require.ErrorIs(t, first.Err(), ErrExit)
		return Spawn(func() error {
			_, ok := numbers.Next()
			say(fmt.Sprint("second goes on, ", ok))
			return nil
		}).Get()
	})
	require.Equal(t, []string{"body ends", "first ends", "second goes on, false"}, lines)
}
