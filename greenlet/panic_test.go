package greenlet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func spill() { panic("spilt") }

func TestPanicKeepsValueAndFirstStack(t *testing.T) {
	run(t, func() error {
		inner := New(func(...any) (any, error) { spill(); return nil, nil })
		outer := New(func(...any) (any, error) { return nil, nil })
		middle := NewChild(outer, func(...any) (any, error) { _ = inner.SetParent(Current()); return inner.Switch() })
		_ = outer
		require.PanicsWithValue(t, "spilt", func() { middle.Switch() })
		p := inner.Panicked()
		require.Equal(t, "spilt", p.Value)
		require.Contains(t, string(p.Stack), "greenlet.spill")
		require.Same(t, p, middle.Panicked(), "it is the same panic, however many parents it passes")
		require.True(t, outer.Dead())
		require.Equal(t, "panic: spilt", p.Error())
		require.NoError(t, p.Unwrap())
		require.ErrorIs(t, &PanicError{Value: errTea}, errTea)
		return nil
	})
}

// A panic of one's own with an equal value is another panic.
func TestRecoveredPanicIsOver(t *testing.T) {
	run(t, func() error {
		inner := New(func(...any) (any, error) { spill(); return nil, nil })
		outer := New(func(...any) (any, error) {
			func() {
				defer func() { recover() }()
				_ = inner.SetParent(Current())
				inner.Switch()
			}()
			panic("spilt")
		})
		require.PanicsWithValue(t, "spilt", func() { outer.Switch() })
		require.NotSame(t, inner.Panicked(), outer.Panicked())
		require.NotContains(t, string(outer.Panicked().Stack), "greenlet.spill")
		return nil
	})
}

func TestUncomparablePanic(t *testing.T) {
	run(t, func() error {
		outer := New(func(...any) (any, error) {
			return New(func(...any) (any, error) { panic([]int{1}) }).Switch()
		})
		defer func() { require.Equal(t, []int{1}, recover()) }()
		outer.Switch()
		return nil
	})
}

// The report of a crash must show where the panic came from, not only where it arrived.
func TestCrashReportShowsFirstStack(t *testing.T) {
	if os.Getenv("GREENLET_CRASH") != "" {
		_ = Run(func() error {
			_, err := New(func(...any) (any, error) { spill(); return nil, nil }).Switch()
			return err
		})
		return
	}
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashReportShowsFirstStack$")
	cmd.Env = append(os.Environ(), "GREENLET_CRASH=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "spilt, on a stack of its own:")
	require.Contains(t, string(out), "greenlet.spill")
	require.Regexp(t, `(?m)^\s*panic: spilt`, string(out))
}

func TestRunPassesOnWhatEndsIt(t *testing.T) {
	clean(t)
	l := &log{t: t}
	leave := func() {
		New(l.waiting("g")).Switch()
	}
	require.ErrorIs(t, Run(func() error { leave(); return errTea }), errTea)
	require.PanicsWithValue(t, "spilt", func() { _ = Run(func() error { leave(); spill(); return nil }) })
	done := make(chan bool)
	go func() {
		defer func() { done <- true }()
		_ = Run(func() error { leave(); runtime.Goexit(); return nil })
		l.add("never")
	}()
	<-done
	l.is("g ends", "g ends", "g ends")
	clean(t)
}

func TestRunEndsTheNewestFirst(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		for i := range 3 {
			New(l.waiting(fmt.Sprint("g", i))).Switch()
		}
		gen := Generate(func(y *Yielder[int, int]) error {
			defer l.add("generator ends")
			y.Yield(1)
			return nil
		})
		gen.Next()
		New(l.waiting("g3")).Switch()
		New(l.waiting("never started"))
		return nil
	})
	l.is("g3 ends", "generator ends", "g2 ends", "g1 ends", "g0 ends")
}

// Each of them waits again and again while it is being ended, starts others, and panics in the end.
func TestRunEndsTheStubborn(t *testing.T) {
	clean(t)
	l := &log{t: t}
	stubborn := func(name string) func(...any) (any, error) {
		return func(...any) (any, error) {
			main := Current().Parent()
			defer func() { panic(name) }()
			defer l.add(name + " 3")
			defer func() { main.Switch(); l.add("never") }()
			defer func() { New(l.waiting(name + "'s child")).Switch() }()
			defer l.add(name + " 2")
			defer main.Switch()
			defer l.add(name + " 1")
			return main.Switch()
		}
	}
	require.PanicsWithValue(t, "b", func() {
		_ = Run(func() error {
			New(stubborn("a")).Switch()
			New(stubborn("b")).Switch()
			return errors.New("hidden by the panic")
		})
	})
	l.is("b 1", "b 2", "b's child ends", "b 3", "a 1", "a 2", "a's child ends", "a 3")
	clean(t)
}
