package gevent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
)

// A second kill, of a greenlet that ends what it has left suspended, ends the deferred function that waits there, and no more
// than that: the rest of them is ended, too.
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

// A kill is not lost where a deferred function of a raw greenlet or generator panics because of it: who recovers from that panic is
// killed all the same.
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
					defer greenlet.SetTrace(nil)
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
