package greenlet

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
)

// The rows of docs/SEMANTICS.md that tell of what nobody can resume any more.

// collecting returns when n greenlets or generators have been found abandoned, and ended.
func collecting(n int) {
	for n -= Collect(); n > 0; n -= Collect() {
		runtime.GC()
	}
}

// settled returns when what is abandoned by now has surely been found, and ended.
func settled() {
	for range 3 {
		_, _ = lose(func() (any, error) { return Current().Parent().Switch() })
		collecting(1) // which was lost later than all the others
	}
}

// lose starts a greenlet of fn and drops its handle; nothing of it stays on the stack of the caller.
//
//go:noinline
func lose(fn func() (any, error)) (any, error) {
	return New(func(...any) (any, error) { return fn() }).Switch()
}

// test_dealloc, test_dealloc_weakref
func TestRowAbandonedGreenletRunsItsDeferredFunctions(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main, thread := Current(), coro.Current()
		l.got("main")(lose(func() (any, error) {
			defer func() {
				require.Same(t, thread, coro.Current(), "on its own thread")
				require.Same(t, main, Current().Parent())
				l.add(fmt.Sprint("deferred ", recover()))
			}()
			main.Switch("abandoned")
			l.add("never")
			return nil, nil
		}))
		collecting(1)
		l.add("main goes on")
		return nil
	})
	l.is("main got abandoned <nil>", "deferred <nil>", "main goes on")
}

func TestRowAbandonedGeneratorRunsItsDeferredFunctions(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		func() {
			g := Generate(func(y *Yielder[int, int]) error {
				defer l.add("deferred")
				y.Yield(1)
				l.add("never")
				return nil
			})
			v, ok := g.Next()
			l.add(fmt.Sprint(v, ok))
		}()
		collecting(1)
		l.add("the consumer goes on")
		l.is("1 true", "deferred", "the consumer goes on")
	})
}

// Unstarted or dead ones are memory, and no more than that.
func TestRowAbandonedUnstartedOrDeadIsJustFreed(t *testing.T) {
	run(t, func() error {
		var pending, ended weak.Pointer[Greenlet]
		func() {
			pending = weak.Make(New(func(...any) (any, error) { t.Error("never"); return nil, nil }))
			ended = weak.Make(finished())
		}()
		for pending.Value() != nil || ended.Value() != nil {
			runtime.GC()
		}
		settled()
		return nil
	})
}

// test_parent_restored_on_kill: the end of what is abandoned goes to who collects it, not to its parent; one that saves
// itself has its parent again.
func TestRowAbandonedGreenletThatSavesItself(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		parent := New(l.waiting("parent"))
		parent.Switch()
		var saved *Greenlet
		_, _ = lose(func() (any, error) {
			require.NoError(t, Current().SetParent(parent))
			defer func() {
				saved = Current()
				require.Same(t, parent, saved.Parent())
				l.got("g")(main.Switch("nobody gets this"))
				l.got("g")(main.Switch("still here"))
			}()
			return main.Switch()
		})
		collecting(1)
		l.add(fmt.Sprint(saved.Dead(), saved.Parent() == parent))
		settled() // it is held now, so nothing happens to it
		l.got("main")(saved.Switch("are you there?"))
		l.got("main")(saved.Switch("good bye"))
		l.add(fmt.Sprint(saved.Dead()))
		return nil
	})
	l.is("false true", "g got are you there? <nil>", "main got still here <nil>", "g got good bye <nil>",
		"parent got greenlet: exit <nil>", "main got parent waits <nil>", "true", "parent ends")
}

// One that saved itself and is lost again is found again.
func TestRowAbandonedTwice(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		_, _ = lose(func() (any, error) {
			defer l.add("2")
			defer func() { main.Switch(); l.add("never") }()
			defer l.add("1")
			return main.Switch()
		})
		collecting(1)
		l.is("1")
		collecting(1)
		l.is("1", "2")
		return nil
	})
}

// test_dealloc_catches_GreenletExit_throws_other
func TestRowPanicOfTheAbandonedGoesToOnPanic(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		OnPanic(func(p *PanicError) {
			require.Contains(t, string(p.Stack), "greenlet.spill")
			l.add(fmt.Sprint("told of ", p.Value))
		})
		_, _ = lose(func() (any, error) {
			defer spill()
			return main.Switch()
		})
		func() {
			Generate(func(y *Yielder[int, int]) error {
				defer spill()
				y.Yield(1)
				return nil
			}).Next()
		}()
		for len(l.lines) < 2 {
			runtime.GC()
			require.NotPanics(t, func() { Collect() })
		}
		return nil
	})
	l.is("told of spilt", "told of spilt")
}

func TestRowPanicOfTheAbandonedIsLogged(t *testing.T) {
	var text bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	run(t, func() error {
		OnPanic(nil)
		main := Current()
		_, _ = lose(func() (any, error) {
			defer spill()
			return main.Switch()
		})
		for text.Len() == 0 {
			runtime.GC()
			Collect()
		}
		return nil
	})
	require.Contains(t, text.String(), "panic=spilt")
	require.Contains(t, text.String(), "greenlet.spill")
}

// test_dealloc_other_thread
func TestRowDroppedByAnotherGoroutineEndsOnItsOwnThread(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main, thread := Current(), coro.Current()
		holds, drop, dropped := make(chan *Greenlet), make(chan bool), make(chan bool)
		go func() {
			g := <-holds
			<-drop
			runtime.KeepAlive(g)
			close(dropped)
		}()
		func() {
			g := New(func(...any) (any, error) {
				defer func() {
					require.Same(t, thread, coro.Current())
					l.add("deferred")
				}()
				return main.Switch()
			})
			g.Switch()
			holds <- g
		}()
		settled()
		l.is()
		close(drop)
		<-dropped
		collecting(1)
		return nil
	})
	l.is("deferred")
}

// Any call that switches or makes a greenlet ends first what was found abandoned.
func TestRowAbandonedIsEndedAtTheNextCall(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(main, g *Greenlet)
	}{
		{"Switch", func(_, g *Greenlet) { g.Switch() }},
		{"Throw", func(_, g *Greenlet) { g.Throw(nil) }},
		{"Kill", func(_, g *Greenlet) { g.Kill() }},
		{"New", func(*Greenlet, *Greenlet) { New(func(...any) (any, error) { return nil, nil }) }},
		{"Next", func(*Greenlet, *Greenlet) { FromSeq(func(func(int) bool) {}).Next() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func() error {
				main, ended := Current(), false
				g := New(func(...any) (any, error) { return main.Switch() })
				g.Switch()
				_, _ = lose(func() (any, error) {
					defer func() { ended = true }()
					return main.Switch()
				})
				l := enter()
				for !l.passed.Load() || !l.alert.Load() {
					runtime.GC()
				}
				Collect() // it has grown old by that
				for found := false; !found || !l.alert.Load(); {
					runtime.GC()
					l.lost.Lock()
					found = len(l.lost.list) > 0
					l.lost.Unlock()
				}
				require.False(t, ended)
				c.call(main, g)
				require.True(t, ended)
				return nil
			})
		})
	}
}

// test_dealloc_switch_args_not_lost
func TestRowValueOfWhoIsAbandonedIsNotLost(t *testing.T) {
	run(t, func() error {
		main := Current()
		v, err := lose(func() (any, error) { return main.Switch(new(int)) })
		collecting(1)
		require.NoError(t, err)
		require.Zero(t, *v.(*int))
		return nil
	})
}

// test_circular_greenlet: what its own stack leads to is not found, and is ended by Run.
func TestRowCycleThroughItsOwnStackIsEndedByRun(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		func() {
			var g *Greenlet
			g = New(func(...any) (any, error) {
				defer func() { l.add("deferred in " + g.String()) }()
				return main.Switch()
			})
			g.Switch()
		}()
		settled()
		l.is()
		return nil
	})
	l.is("deferred in greenlet 2 (current)")
}

// test_arg_refs: what went over is nobody's but the receiver's.
func TestRowArgumentsAreLetGo(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			for {
				main.Switch(new([1 << 10]byte))
			}
		})
		var sent, got []weak.Pointer[[1 << 10]byte]
		func() {
			for range 100 {
				v := new([1 << 10]byte)
				back, _ := g.Switch(v)
				sent, got = append(sent, weak.Make(v)), append(got, weak.Make(back.(*[1 << 10]byte)))
			}
		}()
		for _, p := range append(sent, got...) {
			for p.Value() != nil {
				runtime.GC()
			}
		}
		g.Kill()
		return nil
	})
}

func TestRowNotifyTellsOfWhatIsAbandoned(t *testing.T) {
	run(t, func() error {
		told := make(chan bool, 1)
		Notify(func() {
			select {
			case told <- true:
			default: // it has been told already
			}
		})
		main, ended := Current(), false
		_, _ = lose(func() (any, error) {
			defer func() { ended = true }()
			return main.Switch()
		})
		for !ended {
			for waiting := true; waiting; {
				runtime.GC()
				select {
				case <-told:
					waiting = false
				default:
				}
			}
			Collect()
		}
		Notify(nil)
		settled()
		return nil
	})
}

// A goroutine that has no greenlets keeps what it was told until it leaves, and is not held by being told nothing.
func TestRowSettingsLastUntilLeave(t *testing.T) {
	clean(t)
	Notify(nil)
	OnPanic(nil)
	clean(t)
	told := 0
	var heard atomic.Int32
	OnPanic(func(*PanicError) { told++ })
	Notify(func() { heard.Add(1) })
	for range count(1).All() { // whose end lets a goroutine go that has nothing else
	}
	func() {
		Generate(func(y *Yielder[int, int]) error {
			defer spill()
			y.Yield(1)
			return nil
		}).Next()
	}()
	for told == 0 {
		runtime.GC()
		Collect()
	}
	require.NotZero(t, heard.Load())
	require.NoError(t, Leave())
	clean(t)
}
