package gevent

import (
	"fmt"
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

// A kill of a greenlet that waits inside a raw one ends the raw one, and then itself at its next wait.
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
	require.Equal(t, []string{"raw ends", greenlet.ErrExit.Error() + " <nil>", "outer ends"}, lines)
}
