//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type nothing = struct{}

var (
	sleeps = mp.Define("sleeps", func(nothing) error { return gevent.Sleep(time.Hour) })
	exits  = mp.Define("exits", func(how string) error {
		switch how {
		case "nil":
			return nil
		case "error":
			return errMade
		case "status":
			defer func() { _ = gevent.Sleep(time.Millisecond) }()
			return mp.ExitStatus(8)
		case "huge":
			return mp.ExitStatus(256) // the system would make 0 of it
		case "panic":
			panic("as a test wants it")
		case "os.Exit":
			os.Exit(9)
		case "gevent.Exit":
			gevent.Exit()
		case "Goexit":
			runtime.Goexit()
		case "signal":
			return syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		}
		return errors.New("unknown")
	})
)

// JoinAll waits for all, and tells of the first that failed.
func TestJoinAll(t *testing.T) {
	run(t, func() error {
		require.NoError(t, mp.JoinAll())
		ps := []*mp.Process{begin(t, exits, "nil"), begin(t, exits, "status"), begin(t, exits, "os.Exit")}
		require.EqualError(t, mp.JoinAll(ps...), ps[1].Name()+": exit status 8")
		require.False(t, ps[2].IsAlive())
		require.ErrorIs(t, mp.JoinAll(ps[0], exits.Process("nil")), mp.ErrNotStarted)
		p, err := sleeps.StartDaemon(nothing{})
		require.NoError(t, err)
		require.True(t, p.Daemon())
		require.Equal(t, gevent.ErrTimeout, within(time.Millisecond, func() error { return mp.JoinAll(p) }))
		return p.Kill()
	})
}

func within(d time.Duration, fn func() error) error {
	t := gevent.NewTimeout(d)
	err := t.Do(fn)
	if t.Is(err) {
		return gevent.ErrTimeout
	}
	return err
}

func TestExitCodes(t *testing.T) {
	run(t, func() error {
		for how, want := range map[string]int{
			"nil": 0, "error": 1, "status": 8, "huge": 255, "panic": 1, "os.Exit": 9, "gevent.Exit": 0, "Goexit": 0, "other": 1,
		} {
			p := exits.Process(how)
			p.SetName(how)
			require.NoError(t, p.Start())
			ends(t, p, want)
			if want == 0 {
				require.NoError(t, p.Err())
				continue
			}
			var exited *gevent.ExitError
			require.ErrorAs(t, p.Err(), &exited)
			require.Equal(t, want, exited.ExitCode())
		}
		return nil
	})
}

// What a child says of its end is on standard error.
func TestChildTellsWhyItEnds(t *testing.T) {
	cases := map[string]string{
		"error": "Process Process-1: made for a test\n",
		"panic": "Process Process-1: panic: as a test wants it\n\ngoroutine ",
	}
	for how, want := range cases {
		out, err := roleOf("starts one", "HOW="+how).CombinedOutput()
		require.NoError(t, err, string(out))
		require.True(t, strings.HasPrefix(string(out), want), string(out))
		require.Equal(t, how == "panic", strings.Contains(string(out), "process_test.go"), "the line that panicked")
	}
	out, err := roleOf("starts one", "HOW=status").CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, out)
}

func init() {
	roles["starts one"] = func() {
		err := gevent.Run(func() error {
			p, err := exits.Start(os.Getenv("HOW"))
			return errors.Join(err, p.Join())
		})
		if err != nil {
			os.Exit(2)
		}
	}
}

func TestSignalledProcess(t *testing.T) {
	run(t, func() error {
		p := begin(t, sleeps, nothing{})
		require.True(t, p.IsAlive())
		_, over := p.ExitCode()
		require.False(t, over)
		require.ErrorIs(t, p.JoinTimeout(time.Millisecond), gevent.ErrTimeout)
		require.ErrorIs(t, p.JoinTimeout(0), gevent.ErrTimeout)
		require.NoError(t, p.Err())
		require.NoError(t, p.Terminate())
		ends(t, p, -int(syscall.SIGTERM))
		require.EqualError(t, p.Err(), "signal: terminated")
		require.False(t, p.IsAlive())
		require.NoError(t, p.Terminate(), "it has ended")
		require.NoError(t, p.Kill())

		p = begin(t, sleeps, nothing{})
		require.NoError(t, p.Kill())
		ends(t, p, -int(syscall.SIGKILL))
		return nil
	})
}

// The state is right without Join, also if the hub has had no turn to notice.
func TestExitCodeWithoutJoin(t *testing.T) {
	run(t, func() error {
		p := begin(t, exits, "os.Exit")
		deadline := time.Now().Add(patience)
		for p.IsAlive() && time.Now().Before(deadline) {
			runtime.Gosched() // no other greenlet runs
		}
		code, over := p.ExitCode()
		require.True(t, over)
		require.Equal(t, 9, code)
		require.True(t, p.Ready())

		p = begin(t, exits, "os.Exit")
		for p.Err() == nil && time.Now().Before(deadline) {
			runtime.Gosched()
		}
		require.ErrorContains(t, p.Err(), "9")
		return nil
	})
}

func TestActiveChildren(t *testing.T) {
	run(t, func() error {
		require.Empty(t, mp.ActiveChildren())
		a := begin(t, sleeps, nothing{})
		b := begin(t, exits, "nil")
		eventually(t, func() bool { return len(mp.ActiveChildren()) == 1 })
		require.Equal(t, []*mp.Process{a}, mp.ActiveChildren())
		noZombie(t, b.PID())
		require.NoError(t, a.Kill())
		require.NoError(t, a.Join())
		require.Empty(t, mp.ActiveChildren())
		return nil
	})
}

func noZombie(t *testing.T, pid int) {
	t.Helper()
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

func TestManyProcesses(t *testing.T) {
	n := 100
	if raceEnabled || testing.Short() {
		n = 20
	}
	run(t, func() error {
		var all []*mp.Process
		for range n {
			all = append(all, begin(t, sleeps, nothing{}))
		}
		require.Len(t, mp.ActiveChildren(), n)
		for i, p := range all {
			if i%2 == 0 {
				require.NoError(t, p.Terminate())
			} else {
				require.NoError(t, p.Kill())
			}
		}
		for i, p := range all {
			want := -int(syscall.SIGTERM)
			if i%2 == 1 {
				want = -int(syscall.SIGKILL)
			}
			ends(t, p, want)
		}
		require.Empty(t, mp.ActiveChildren())
		return nil
	})
}

func TestProcessMisuse(t *testing.T) {
	run(t, func() error {
		p := sleeps.Process(nothing{})
		require.ErrorIs(t, p.Join(), mp.ErrNotStarted)
		require.ErrorIs(t, p.JoinTimeout(time.Second), mp.ErrNotStarted)
		require.ErrorIs(t, p.Kill(), mp.ErrNotStarted)
		require.ErrorIs(t, p.Terminate(), mp.ErrNotStarted)
		require.PanicsWithValue(t, "mp: Sentinel: mp: process not started", func() { p.Sentinel() })
		require.False(t, p.IsAlive())
		require.False(t, p.Ready())
		require.Zero(t, p.PID())
		require.NoError(t, p.Err())

		require.NoError(t, p.Start())
		require.ErrorIs(t, p.Start(), mp.ErrStarted)
		require.Panics(t, func() { p.SetDaemon(true) })
		require.ErrorIs(t, p.Close(), mp.ErrAlive)
		require.NoError(t, p.Kill())
		require.NoError(t, p.Join())
		require.ErrorIs(t, p.Start(), mp.ErrStarted)

		for range 2 {
			require.NoError(t, p.Close())
			require.ErrorIs(t, p.Start(), mp.ErrClosed)
			require.ErrorIs(t, p.Join(), mp.ErrClosed)
			require.ErrorIs(t, p.JoinTimeout(1), mp.ErrClosed)
			require.ErrorIs(t, p.Kill(), mp.ErrClosed)
			require.ErrorIs(t, p.Terminate(), mp.ErrClosed)
			require.Panics(t, func() { p.IsAlive() })
			require.Panics(t, func() { p.ExitCode() })
			require.Panics(t, func() { p.PID() })
			require.Panics(t, func() { p.Sentinel() })
		}

		self := mp.CurrentProcess()
		require.Error(t, self.Start())
		require.Error(t, self.Join())
		require.Error(t, self.Kill())
		require.Error(t, self.Close())
		require.True(t, self.IsAlive())
		return nil
	})
	require.PanicsWithValue(t, `mp: Define of the name "sleeps", which is taken`, func() {
		mp.Define("sleeps", func(int) error { return nil })
	})
}

// A program that does not call Main would be run again by each child.
func TestStartNeedsMain(t *testing.T) {
	out, err := roleOf("forgets Main", "MULTIPROCESSING_TEST_EARLY=1").CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, mp.ErrNoMain.Error(), string(out))
}

func init() {
	roles["forgets Main"] = func() {
		_ = gevent.Run(func() error {
			_, err := sleeps.Start(nothing{})
			_, _ = os.Stdout.WriteString(err.Error())
			return nil
		})
	}
}

// A child is told its target by name: one that is not defined in it says so.
func TestUnknownTarget(t *testing.T) {
	out, err := roleOf("defines more", "MULTIPROCESSING_TEST_EARLY=1").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "Process Process-1: mp: no target has the name \"late\" in this program: "+
		"Define it in a variable at package level\n", string(out))
}

func init() {
	roles["defines more"] = func() {
		var late *mp.Target[nothing]
		if os.Getenv("GREENLOOP_MULTIPROCESSING") == "" { // not in the child
			late = mp.Define("late", func(nothing) error { return nil })
		}
		mp.Main()
		err := gevent.Run(func() error {
			p, err := late.Start(nothing{})
			if err := errors.Join(err, p.Join()); err != nil {
				return err
			}
			if code, _ := p.ExitCode(); code != 1 {
				return errMade
			}
			return nil
		})
		if err != nil {
			panic(err)
		}
	}
}

var (
	bad  = mp.Define("bad", func(chan int) error { return nil })
	null = mp.Define("null", func(*worker) error { return nil })
)

func TestArgumentsThatCannotBeEncoded(t *testing.T) {
	run(t, func() error {
		p, err := bad.Start(make(chan int))
		require.ErrorContains(t, err, "mp: cannot send a chan int: ")
		require.ErrorIs(t, p.Join(), mp.ErrNotStarted)
		_, err = null.Start(nil)
		require.ErrorContains(t, err, "nil")
		require.Empty(t, mp.ActiveChildren())
		return nil
	})
}

// What cannot be started keeps its handles here, and can be started later.
func TestStartThatFails(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		p := worksFor.Process(worker{Out: s, N: 3})
		var limit, none syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		none = limit
		none.Cur = 3
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
		err := p.Start()
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		require.ErrorIs(t, err, syscall.EMFILE)
		require.False(t, p.IsAlive())
		require.NoError(t, s.Send(1))
		require.Equal(t, 1, got[int](t)(r.Recv()))

		require.NoError(t, p.Start())
		require.ErrorIs(t, s.Send(1), mp.ErrMoved)
		require.ErrorIs(t, s.Close(), mp.ErrMoved)
		require.Equal(t, 3, got[int](t)(r.Recv()))
		ends(t, p, 0)
		_, err = r.Recv()
		require.Equal(t, io.EOF, err)
		return r.Close()
	})
}

type worker struct {
	Out *mp.Sender[int]
	N   int
}

func (w *worker) Run() error { return w.Out.Send(w.N) }

var worksFor = mp.DefineType[worker]("worker")

// A kill of whoever calls Start either comes before the process or leaves it whole.
func TestKilledInStart(t *testing.T) {
	run(t, func() error {
		for turns := range 6 {
			r, s := pipe[int](t)
			p := worksFor.Process(worker{s, 5})
			g := gevent.Spawn(p.Start)
			for range turns {
				gevent.Yield()
			}
			require.NoError(t, g.Kill())
			gevent.Yield()
			if !p.IsAlive() && p.PID() == 0 {
				require.NoError(t, s.Close())
				_, err := r.Recv()
				require.Equal(t, io.EOF, err)
			} else {
				require.Equal(t, 5, got[int](t)(r.Recv()))
				ends(t, p, 0)
			}
			require.NoError(t, r.Close())
		}
		return nil
	})
}

var reports = mp.Define("reports", func(out *mp.Sender[[]any]) error {
	p, self := mp.ParentProcess(), mp.CurrentProcess()
	return out.Send([]any{
		p.PID(), p.Name(), p.IsAlive(), self.PID(), self.Name(), self.Daemon(), os.Getpid(), self.IsAlive(),
	})
})

func TestCurrentAndParent(t *testing.T) {
	run(t, func() error {
		require.Nil(t, mp.ParentProcess())
		require.Equal(t, "MainProcess", mp.CurrentProcess().Name())
		require.Equal(t, os.Getpid(), mp.CurrentProcess().PID())
		r, s := pipe[[]any](t)
		p := reports.Process(s)
		require.Regexp(t, `^Process-\d+$`, p.Name())
		p.SetDaemon(true)
		require.NoError(t, p.Start())
		want := []any{os.Getpid(), "MainProcess", true, p.PID(), p.Name(), true, p.PID(), true}
		require.Equal(t, want, got[[]any](t)(r.Recv()))
		ends(t, p, 0)
		return r.Close()
	})
}

var descends = mp.Define("descends", func(a descent) error {
	if a.Depth == 0 {
		return a.Out.Send(mp.CurrentProcess().Name())
	}
	a.Depth--
	p, err := descend.Start(a)
	if err != nil {
		return err
	}
	if err := p.Join(); err != nil {
		return err
	}
	return p.Err()
})

var descend *mp.Target[descent]

func init() { descend = descends }

type descent struct {
	Depth int
	Out   *mp.Sender[string]
}

func TestGrandchildren(t *testing.T) {
	run(t, func() error {
		r, s := pipe[string](t)
		p := begin(t, descends, descent{2, s})
		require.Equal(t, p.Name()+":1:1", got[string](t)(r.Recv()))
		ends(t, p, 0)
		return r.Close()
	})
}

// What is in a child is what it was given: no environment marker, no descriptor, no signal handler.
func TestChildIsFresh(t *testing.T) {
	run(t, func() error {
		defer gevent.OnSignal(func(os.Signal) {}, syscall.SIGTERM)()
		f, err := os.Open(os.Args[0])
		require.NoError(t, err)
		defer f.Close()
		unused, other := pipe[int](t)
		r, s := pipe[[]string](t)
		p := begin(t, looksAround, s)
		require.Equal(t, []string{os.DevNull, "stdin: 0 EOF", "marker: false"}, got[[]string](t)(r.Recv()))
		require.NoError(t, p.Terminate())
		ends(t, p, -int(syscall.SIGTERM))
		closeAll(t, r, unused, other)
		return nil
	})
}

var looksAround = mp.Define("looks around", func(out *mp.Sender[[]string]) error {
	var found []string
	name, _ := os.Readlink("/proc/self/fd/0")
	found = append(found, name)
	n, err := os.Stdin.Read(make([]byte, 1))
	found = append(found, strings.ReplaceAll("stdin: N E", "N E", string(rune('0'+n))+" "+err.Error()))
	_, marked := os.LookupEnv("GREENLOOP_MULTIPROCESSING")
	found = append(found, "marker: "+map[bool]string{true: "true", false: "false"}[marked])
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); to != "" && to == os.Args[0] {
			found = append(found, to)
		}
	}
	if err := out.Send(found); err != nil {
		return err
	}
	return gevent.Sleep(time.Hour)
})

// Arguments may be larger than what a socket holds, also if the parent's main function ends at once.
func TestLargeArguments(t *testing.T) {
	big := strings.Repeat("x", 16<<20)
	run(t, func() error {
		r, s := pipe[int](t)
		p := begin(t, counts, text{big, s})
		require.Equal(t, len(big), got[int](t)(r.Recv()))
		ends(t, p, 0)
		return r.Close()
	})
	run(t, func() error {
		_, err := counts.Start(text{big, nil})
		return err
	})
}

type text struct {
	S   string
	Out *mp.Sender[int]
}

var counts = mp.Define("counts", func(a text) error {
	if a.Out == nil {
		return nil
	}
	return a.Out.Send(len(a.S))
})
