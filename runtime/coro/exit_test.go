package coro

import (
	"errors"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run switches to a new coroutine with that body and returns how it ended.
func run(t *testing.T, body func()) *Exit {
	t.Helper()
	th := Current()
	k := newTask(th, body)
	k.Switch()
	require.Same(t, th.Main(), th.Current())
	require.Equal(t, Done, k.State())
	require.Equal(t, 1, k.ends)
	require.Zero(t, th.Live())
	return k.exit
}

func TestReturn(t *testing.T) {
	enter(t)
	require.Nil(t, run(t, func() {}))
	require.Nil(t, run(t, func() {
		defer func() { _ = recover() }()
		panic("recovered by the body itself")
	}))
}

func TestPanic(t *testing.T) {
	th := enter(t)
	bad := errors.New("bad")
	e := run(t, func() {
		th.Main().State()
		namedInTheStack(bad)
	})
	require.Equal(t, bad, e.Panic)
	require.False(t, e.Goexit)
	require.Contains(t, string(e.Stack), "coro.namedInTheStack(")
	require.Contains(t, string(e.Stack), "exit_test.go:")
	require.Len(t, th.idle, 1, "a panic does not cost the goroutine")
}

//go:noinline
func namedInTheStack(v any) { panic(v) }

func TestPanicNil(t *testing.T) {
	enter(t)
	e := run(t, func() { panic(nil) })
	require.IsType(t, new(runtime.PanicNilError), e.Panic)
}

func TestRuntimePanic(t *testing.T) {
	enter(t)
	var nothing *task
	e := run(t, func() { nothing.ends++ })
	require.ErrorContains(t, e.Panic.(runtime.Error), "nil pointer")
	require.Contains(t, string(e.Stack), "TestRuntimePanic")
}

func TestPanicInDeferReplacesPanic(t *testing.T) {
	enter(t)
	e := run(t, func() {
		defer func() { panic("second") }()
		panic("first")
	})
	require.Equal(t, "second", e.Panic)
	require.Contains(t, string(e.Stack), "TestPanicInDeferReplacesPanic")
}

func TestGoexit(t *testing.T) {
	th := enter(t)
	var trace []string
	e := run(t, func() {
		defer func() { trace = append(trace, "outer") }()
		defer func() {
			th.Main().State()
			if v := recover(); v != nil {
				t.Errorf("recovered %v", v)
			}
			trace = append(trace, "inner")
		}()
		runtime.Goexit()
		t.Error("went on")
	})
	require.Equal(t, &Exit{Goexit: true}, e)
	require.Equal(t, []string{"inner", "outer"}, trace)
	require.Empty(t, th.idle, "a Goexit costs the goroutine")
}

func TestGoexitCombinations(t *testing.T) {
	for name, body := range map[string]func(){
		"during a panic": func() {
			defer runtime.Goexit()
			panic("replaced")
		},
		"nested": func() {
			defer runtime.Goexit()
			defer runtime.Goexit()
			runtime.Goexit()
		},
		"panic in a deferred function": func() {
			defer func() { panic("cannot stop it") }()
			runtime.Goexit()
		},
		"panic in a deferred function, recovered": func() {
			defer func() { _ = recover() }()
			defer func() { panic("cannot stop it") }()
			runtime.Goexit()
		},
		"after a recovered panic": func() {
			func() {
				defer func() { _ = recover() }()
				panic("gone")
			}()
			runtime.Goexit()
		},
	} {
		t.Run(name, func(t *testing.T) {
			enter(t)
			exit := run(t, body)
			require.True(t, exit.Goexit)
			if name == "panic in a deferred function" {
				require.Equal(t, "cannot stop it", exit.Panic)
				require.Contains(t, string(exit.Stack), "TestGoexitCombinations")
			} else {
				require.Equal(t, &Exit{Goexit: true}, exit)
			}
			require.Nil(t, run(t, func() {}))
		})
	}
}

// Deferred functions of a coroutine that is being killed may switch, as those of one that returns.
func TestSwitchWhileInGoexit(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() {
		defer th.Main().Switch()
		defer th.Main().Switch()
		runtime.Goexit()
	})
	k.Switch()
	k.Switch()
	require.Equal(t, Suspended, k.State())
	k.Switch()
	require.Equal(t, &Exit{Goexit: true}, k.exit)
}

// What t.FailNow does inside a coroutine stays there; the test is marked as failed, and its goroutine goes on.
func TestFailNow(t *testing.T) {
	th := enter(t)
	failing := new(testing.T)
	k := newTask(th, func() { require.FailNow(failing, "no") })
	k.Switch()
	require.True(t, failing.Failed())
	require.True(t, k.exit.Goexit)
	require.Equal(t, Running, th.Main().State())
}

// The Goexit of a sequence of the user's own iter.Pull passes on to the coroutine that called next, as usual.
func TestGoexitInsideNestedPull(t *testing.T) {
	th := enter(t)
	bystander := newTask(th, th.Main().Switch)
	bystander.Switch()
	require.Equal(t, &Exit{Goexit: true}, run2(th, func() { pullOnce(runtime.Goexit) }))
	require.Equal(t, "out", run2(th, func() { pullOnce(func() { panic("out") }) }).Panic)
	bystander.Switch()
	require.Nil(t, bystander.exit)
}

// pullOnce runs f as the sequence of an iter.Pull.
func pullOnce(f func()) {
	next, stop := iter.Pull(func(func(int) bool) { f() })
	defer stop()
	next()
}

func run2(th *Thread, body func()) *Exit {
	k := newTask(th, body)
	k.Switch()
	return k.exit
}

// The goroutine that sits in the slot of one that dies by Goexit is unharmed, whoever it is, and however it sits there.
// The random walk of TestRandomSwitches covers all of the cases; these are the ones to debug with.
func TestGoexitOccupant(t *testing.T) {
	t.Run("main sits there through next and is the next", func(t *testing.T) {
		th := enter(t)
		dying := newTask(th, func() {
			require.True(t, th.Main().at.turn)
			runtime.Goexit()
		})
		dying.Switch()
		require.True(t, dying.exit.Goexit)
	})

	t.Run("main sits there through yield and is the next", func(t *testing.T) {
		th := enter(t)
		dying := newTask(th, runtime.Goexit)
		dying.body = func() {
			th.Main().Switch() // now this goroutine sits in its own slot, through yield
			th.Main().Switch() // and so again, each time
			runtime.Goexit()
		}
		dying.Switch()
		dying.Switch()
		dying.Switch()
		require.True(t, dying.exit.Goexit)
	})

	// dying starts, so that main sits in its slot through next; it starts mate, which may move main about, and dies.
	for _, through := range []string{"next", "yield"} {
		for _, successor := range []string{"main", "mate", "unstarted", "unstarted with idle workers"} {
			t.Run("through "+through+", followed by "+successor, func(t *testing.T) {
				th := enter(t)
				if strings.HasSuffix(successor, "idle workers") {
					newTask(th, func() {}).Switch()
				}
				var dying, mate *task
				fresh := newTask(th, func() {})
				mate = newTask(th, func() {
					if through == "yield" {
						th.Main().Switch() // mate moves into dying's slot, through yield
					} else {
						dying.Switch()
					}
					th.Main().Switch()
				})
				dying = newTask(th, func() {
					mate.Switch()
					runtime.Goexit()
				})
				th.seat(&dying.Coroutine)
				own := dying.at
				switch successor {
				case "main":
				case "mate":
					dying.next = &mate.Coroutine
				default:
					dying.next = &fresh.Coroutine
				}
				dying.Switch()
				if through == "yield" {
					require.Same(t, own, mate.at)
					dying.Switch()
				}
				require.Equal(t, &Exit{Goexit: true}, dying.exit)
				for mate.State() != Done {
					mate.Switch()
				}
				require.Nil(t, mate.exit)
			})
		}
	}
}

// Behaviour that ends the process: the name of each case, what it does in a process of its own, what that one prints.
var crashes = map[string]struct {
	body   func(th *Thread)
	output string
}{
	"finished returns nil": {
		func(th *Thread) { k := newTask(th, func() {}); k.next = nil; k.Switch() },
		"coro: Finished must name a coroutine of the same thread that is not done; if no code of yours implements coro.Runner, please file a bug",
	},
	"finished returns itself": {
		func(th *Thread) { k := newTask(th, func() {}); k.next = &k.Coroutine; k.Switch() },
		"coro: Finished must name a coroutine of the same thread that is not done",
	},
	"finished returns a done one after Goexit": {
		func(th *Thread) {
			done := newTask(th, func() {})
			done.Switch()
			k := newTask(th, runtime.Goexit)
			k.next = &done.Coroutine
			k.Switch()
		},
		"coro: Finished must name a coroutine of the same thread that is not done",
	},
	"finished panics": {
		func(th *Thread) { runRude(th, func() {}, func() { panic("how rude") }) },
		"coro: Finished must return normally, but ended with: how rude",
	},
	"finished panics after Goexit": {
		func(th *Thread) { runRude(th, runtime.Goexit, func() { panic("how rude") }) },
		"coro: Finished must return normally, but ended with: how rude",
	},
	"finished calls Goexit": {
		func(th *Thread) { runRude(th, func() {}, runtime.Goexit) },
		"coro: Finished must return normally, but ended with: <nil>",
	},
	"finished calls Goexit after Goexit": {
		func(th *Thread) { runRude(th, runtime.Goexit, runtime.Goexit) },
		"coro: Finished must return normally, but ended with: <nil>",
	},
	"locked across a switch": {
		func(th *Thread) { run2(th, func() { runtime.LockOSThread(); th.Main().Switch() }) },
		"fatal error: coro: OS thread locking must match locking at coroutine creation",
	},
	"unlocked across a switch": {
		func(th *Thread) { run2(th, func() { runtime.UnlockOSThread(); th.Main().Switch() }) },
		"fatal error: coro: OS thread locking must match locking at coroutine creation",
	},
}

// rude has a Finished that does not return normally.
type rude struct{ body, finished func() }

func (r *rude) Run() { r.body() }

func (r *rude) Finished(*Exit) *Coroutine { r.finished(); return nil }

func runRude(th *Thread, body, finished func()) {
	c := new(Coroutine)
	c.Init(th, &rude{body, finished})
	c.Switch()
}

const crashVariable = "CORO_TEST_CRASH"

func TestCrashes(t *testing.T) {
	if name := os.Getenv(crashVariable); name != "" {
		crashes[name].body(Enter())
		os.Exit(0)
	}
	if runtime.GOARCH == "wasm" {
		t.Skip("no processes")
	}
	for name, c := range crashes {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashes$")
			cmd.Env = append(os.Environ(), crashVariable+"="+name)
			output, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", output)
			require.Contains(t, string(output), c.output)
		})
	}
}
