package greenlet

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
)

// Rows of docs/SEMANTICS.md that no other test shows.

// test_main_from_other_thread, test_implicit_parent_with_threads
func TestRowEachGoroutineHasItsMainGreenlet(t *testing.T) {
	run(t, func() error {
		main := Current()
		theirs := make(chan *Greenlet)
		go func() {
			_ = Run(func() error {
				own := Current()
				require.NotSame(t, main, own)
				require.Nil(t, own.Parent())
				require.Same(t, own, New(func(...any) (any, error) { return nil, nil }).Parent())
				require.False(t, own.Dead())
				return nil
			})
			theirs <- Current()
			_ = Leave()
			theirs <- nil
		}()
		other := <-theirs
		<-theirs
		require.True(t, other.Dead())
		require.Equal(t, "main greenlet 1 (dead)", other.String())
		require.False(t, main.Dead())
		return nil
	})
}

// A kill is not an error that some code might handle and go on: test_kill, GreenletExit is no Exception.
func TestRowKillCannotBeSwallowed(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			defer l.add("deferred")
			for {
				func() {
					defer func() { l.add(fmt.Sprint("recovered ", recover())) }()
					_, _ = main.Switch()
				}()
				l.add("never")
			}
		})
		g.Switch()
		g.Kill()
		return nil
	})
	l.is("recovered <nil>", "deferred")
}

// test_running_greenlet_has_no_run
func TestRowFunctionIsLetGoAtTheStart(t *testing.T) {
	run(t, func() error {
		main := Current()
		var held weak.Pointer[[1 << 10]byte]
		g := func() *Greenlet {
			load := new([1 << 10]byte)
			held = weak.Make(load)
			return New(func(...any) (any, error) {
				load[0] = 1
				return main.Switch()
			})
		}()
		runtime.GC()
		require.NotNil(t, held.Value())
		g.Switch()
		require.Nil(t, g.flow.run)
		for held.Value() != nil {
			runtime.GC()
		}
		g.Kill()
		return nil
	})
}

// What Python's arity error is: a function that cannot take its arguments panics, and that goes to its parent.
func TestRowWrongArgumentsPanicInTheParent(t *testing.T) {
	run(t, func() error {
		g := New(func(args ...any) (any, error) { return args[0].(int), nil })
		require.PanicsWithError(t, "interface conversion: interface {} is string, not int", func() { g.Switch("one") })
		require.True(t, g.Dead())

		parent := New(func(args ...any) (any, error) { return args[0].(int), nil })
		child := NewChild(parent, func(...any) (any, error) { return "not a number", nil })
		require.PanicsWithError(t, "interface conversion: interface {} is string, not int", func() { child.Switch() })
		require.True(t, parent.Started(), "test_falling_off_end_switches_to_unstarted_parent_raises_error")
		require.Nil(t, child.Panicked())
		return nil
	})
}

// test_inactive_weakref
func TestRowWeakPointers(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) { return main.Switch() })
		known := weak.Make(g)
		g.Switch()
		settled()
		require.Same(t, g, known.Value())
		require.Equal(t, known, weak.Make(g))
		g.Switch()
		g = nil
		for known.Value() != nil {
			runtime.GC()
		}
		return nil
	})
}

// test_exc_state: a panic that is under way in one greenlet is not another one's to recover.
func TestRowPanicUnderWayIsOfItsGreenlet(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			l.add(fmt.Sprint("g recovers ", recover()))
			func() {
				defer func() {
					main.Switch()
					l.add(fmt.Sprint("g recovers ", recover()))
				}()
				panic("g's")
			}()
			return nil, nil
		})
		func() {
			defer func() {
				g.Switch()
				l.add(fmt.Sprint("main recovers ", recover()))
				g.Switch()
			}()
			panic("main's")
		}()
		l.add(fmt.Sprint("main recovers ", recover()))
		return nil
	})
	l.is("g recovers <nil>", "main recovers main's", "g recovers g's", "main recovers <nil>")
}

// test_deepcopy: a copy of what a handle points to is no greenlet of its own.
func TestRowHandlesAreEqualIfTheyAreTheSame(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) { return main.Switch(Current()) })
		again, err := g.Switch()
		require.NoError(t, err)
		require.True(t, again == any(g))
		known := map[*Greenlet]string{main: "main", g: "g"}
		require.Equal(t, "g", known[again.(*Greenlet)])
		settled()
		require.Same(t, main, g.Parent(), "also after a garbage collection")
		return nil
	})
}

// test_finally_block_during_thread_exit: a goroutine that leaves ends what it has left suspended.
func TestRowEndOfAGoroutinesRunEndsWhatIsSuspended(t *testing.T) {
	l := &log{t: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		_ = Run(func() error {
			New(l.waiting("one")).Switch()
			New(func(...any) (any, error) { return New(l.waiting("nested")).Switch() }).Switch()
			return nil
		})
		l.add(fmt.Sprint("thread left: ", coro.Current() == nil))
	}()
	<-done
	l.is("nested ends", "one ends", "thread left: true")
}

// test_multiple_active_greenlets_at_shutdown, test_deeply_nested_greenlets_at_shutdown: the process ends without a word,
// with the status that it was given. Deferred functions do not run, as nowhere in Go at the end of a process.
func TestRowProcessEndsWithSuspendedGreenlets(t *testing.T) {
	if os.Getenv("GREENLET_EXIT") != "" {
		var nest func(depth int) (any, error)
		nest = func(depth int) (any, error) {
			if depth == 50 {
				os.Exit(7)
			}
			return New(func(...any) (any, error) {
				defer fmt.Println("deferred")
				return nest(depth + 1)
			}).Switch()
		}
		for range 50 {
			New(func(...any) (any, error) { return Current().Parent().Switch() }).Switch()
		}
		_, _ = nest(0)
	}
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestRowProcessEndsWithSuspendedGreenlets$")
	cmd.Env = append(os.Environ(), "GREENLET_EXIT=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 7, exit.ExitCode(), string(out))
	require.Empty(t, string(out))
}
