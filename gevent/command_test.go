//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func shell(script string) *Cmd { return Command("/bin/sh", "-c", script) }

// processes is run that also checks that no process is left.
func processes(t *testing.T, main func() error) {
	t.Helper()
	run(t, func() error {
		err := main()
		noZombies(t)
		return err
	})
}

// noZombies checks that no child of this process is left, dead or alive, where the system tells.
func noZombies(t *testing.T) {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		rest := string(stat[bytes.LastIndexByte(stat, ')')+1:])
		var state string
		var parent int
		_, err = fmt.Sscan(rest, &state, &parent)
		require.NoError(t, err)
		require.NotEqual(t, os.Getpid(), parent, "a child is left: %s", stat)
	}
}

// gonePid checks that the process is no more, not even as a zombie.
func gonePid(t *testing.T, pid int) {
	t.Helper()
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

// eventually waits, in a greenlet, for what other processes do.
func eventually(t testing.TB, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !what(); {
		require.True(t, time.Now().Before(deadline), "it never happened")
		require.NoError(t, Sleep(time.Millisecond))
	}
}

func TestCommandExit(t *testing.T) {
	processes(t, func() error {
		c := shell("exit 0")
		require.NoError(t, c.Run())
		code, ended := c.ExitCode()
		require.True(t, ended)
		require.Zero(t, code)
		require.True(t, c.ProcessState.Success())

		c = shell("exit 7")
		var exited *ExitError
		require.ErrorAs(t, c.Run(), &exited)
		require.Equal(t, 7, exited.ExitCode())
		code, _ = c.ExitCode()
		require.Equal(t, 7, code)
		gonePid(t, c.Pid())
		return nil
	})
}

func TestCommandEndedBySignalHasNegativeCode(t *testing.T) {
	processes(t, func() error {
		c := shell("kill -TERM $$; sleep 10")
		var exited *ExitError
		require.ErrorAs(t, c.Run(), &exited)
		require.EqualError(t, exited, "signal: terminated")
		code, _ := c.ExitCode()
		require.Equal(t, -int(syscall.SIGTERM), code)
		return nil
	})
}

// What cannot be started is told by Start, in the parent, and leaves nothing.
func TestCommandNotFound(t *testing.T) {
	notExecutable := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(notExecutable, []byte("text"), 0o600))
	processes(t, func() error {
		before := openFds()
		for name, want := range map[string]error{
			"no-such-program-anywhere": exec.ErrNotFound, "/no/such/program": fs.ErrNotExist, notExecutable: fs.ErrPermission,
		} {
			c := Command(name)
			_, err := c.StdinPipe()
			require.NoError(t, err)
			out, err := c.StdoutPipe()
			require.NoError(t, err)
			c.Stderr = new(bytes.Buffer)
			require.ErrorIs(t, c.Start(), want)
			require.ErrorIs(t, c.Wait(), want)
			require.True(t, c.Ready())
			_, err = out.Read(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrClosed)
			_, err = Command(name).Output()
			require.ErrorIs(t, err, want)
			require.ErrorIs(t, Command(name).RunTimeout(time.Hour), want)
		}
		c := shell("exit 0")
		c.Dir = "/no/such/directory"
		require.ErrorIs(t, c.Run(), fs.ErrNotExist)
		require.Equal(t, before, openFds())
		return nil
	})
}

func TestCommandEnvironment(t *testing.T) {
	dir := t.TempDir()
	processes(t, func() error {
		c := shell(`echo $WHO $#; pwd; echo oops >&2`)
		c.Args = append(c.Args, "name", "a b", "c")
		c.Env = []string{"WHO=me", "WHO=you"}
		c.Dir = dir
		out, err := c.CombinedOutput()
		require.NoError(t, err)
		real, _ := filepath.EvalSymlinks(dir)
		require.Contains(t, []string{"you 2\n" + dir + "\noops\n", "you 2\n" + real + "\noops\n"}, string(out))
		return nil
	})
}

// The descriptors of this process are not passed on, our ends of the pipes least of all.
func TestCommandInheritsNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("the system does not tell")
	}
	processes(t, func() error {
		listen(t)
		_, _, err := Pipe()
		require.NoError(t, err)
		other := Command("cat")
		_, err = other.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, other.Start())
		f, err := os.Open(os.DevNull)
		require.NoError(t, err)
		defer f.Close()
		c := Command("ls", "/proc/self/fd")
		c.ExtraFiles = []*os.File{f}
		c.Stdin = strings.NewReader("x")
		out, err := c.Output()
		require.NoError(t, err)
		like := exec.Command("ls", "/proc/self/fd")
		like.ExtraFiles = c.ExtraFiles
		want, err := like.Output() // what the test itself was started with may be there, too
		require.NoError(t, err)
		require.Equal(t, string(want), string(out))
		require.NoError(t, other.Process.Kill())
		require.Error(t, other.Wait())
		return nil
	})
}

func TestOutputKeepsStandardError(t *testing.T) {
	processes(t, func() error {
		out, err := shell("echo out; echo oops >&2; exit 3").Output()
		require.Equal(t, "out\n", string(out))
		var exited *ExitError
		require.ErrorAs(t, err, &exited)
		require.Equal(t, "oops\n", string(exited.Stderr))

		_, err = shell("head -c 100000 /dev/zero >&2; exit 3").Output()
		require.ErrorAs(t, err, &exited)
		require.Len(t, exited.Stderr, maxHead)

		c := shell("exit 0")
		c.Stdout = io.Discard
		_, err = c.Output()
		require.ErrorContains(t, err, "Stdout already set")
		_, err = c.CombinedOutput()
		require.ErrorContains(t, err, "already set")
		return nil
	})
}

// A program that writes while it reads fills both pipes, unless both are served.
func TestLargeInputAndOutput(t *testing.T) {
	processes(t, func() error {
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
		c := Command("cat")
		c.Stdin = bytes.NewReader(data)
		out, err := c.Output()
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, out))

		c = shell("cat; cat >&2 /dev/null")
		c.Stdin = bytes.NewReader(data)
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		require.NoError(t, c.Run())
		require.True(t, bytes.Equal(data, stdout.Bytes()))
		require.Empty(t, stderr.Bytes())

		c = Command("true") // reads nothing of it
		c.Stdin = bytes.NewReader(data)
		require.NoError(t, c.Run())
		return nil
	})
}

func TestCommandFilesGoStraight(t *testing.T) {
	dir := t.TempDir()
	processes(t, func() error {
		require.NoError(t, WriteFile(filepath.Join(dir, "in"), []byte("from a file"), 0o600))
		in, err := Open(filepath.Join(dir, "in"))
		require.NoError(t, err)
		out, err := os.Create(filepath.Join(dir, "out"))
		require.NoError(t, err)
		c := Command("cat")
		c.Stdin, c.Stdout, c.Stderr = in, out, out
		require.NoError(t, c.Start())
		require.Equal(t, 2, GetHub().Stats().Live, "main and the conductor")
		require.NoError(t, c.Wait())
		require.NoError(t, in.Close())
		require.NoError(t, out.Close())
		got, err := ReadFile(filepath.Join(dir, "out"))
		require.NoError(t, err)
		require.Equal(t, "from a file", string(got))
		return nil
	})
}

// A conversation, line by line, through pipes that park the greenlet alone.
func TestCommandPipes(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		errs, err := c.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		for range 3 {
			put(t, in, "hello")
			expect(t, out, "hello")
		}
		require.NoError(t, out.SetReadDeadline(time.Now().Add(time.Millisecond)))
		_, err = out.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, out.SetReadDeadline(time.Time{}))
		require.NoError(t, in.Close())
		for range 2 {
			_, err = out.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
		}
		require.NoError(t, c.Wait())
		require.ErrorIs(t, out.Close(), os.ErrClosed, "it closed itself at its end")
		require.NoError(t, errs.Close())
		for _, pipe := range []func() (*Stream, error){c.StdinPipe, c.StdoutPipe, c.StderrPipe} {
			_, err = pipe()
			require.ErrorContains(t, err, "after Start")
		}
		return nil
	})
}

// Wait may come before the reading, and cuts nothing off.
func TestWaitBeforeReading(t *testing.T) {
	processes(t, func() error {
		c := shell("echo all of it")
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		require.NoError(t, c.Wait())
		all, err := io.ReadAll(out)
		require.NoError(t, err)
		require.Equal(t, "all of it\n", string(all))
		return nil
	})
}

func TestOthersRunWhileACommandDoes(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		ticks := 0
		ticker := Spawn(func() error {
			for {
				if ticks++; ticks == 50 {
					require.NoError(t, in.Close())
				}
				if err := Sleep(time.Millisecond / 10); err != nil {
					return err
				}
			}
		})
		require.NoError(t, c.Run())
		require.GreaterOrEqual(t, ticks, 50)
		return ticker.Kill()
	})
}

// Who only waits for a process burns no CPU: the poller is asked a few times, not all the time.
func TestWaitingForACommandIsIdle(t *testing.T) {
	processes(t, func() error {
		h := GetHub()
		before := h.Stats().Polls
		require.NoError(t, shell("sleep 0.3").Run())
		require.Less(t, h.Stats().Polls-before, uint64(20))
		return nil
	})
}

// The process lives on when a wait for it is over, however it ended.
func TestEndedWaitLeavesTheProcess(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.EqualError(t, c.Wait(), "gevent: command not started")
		require.NoError(t, c.Start())
		require.EqualError(t, c.Start(), "gevent: command already started")
		require.EqualError(t, c.Run(), "gevent: command already started")
		for name, end := range ends {
			if name == "timeout" {
				require.ErrorIs(t, c.WaitTimeout(time.Millisecond), ErrTimeout)
				require.ErrorIs(t, c.WaitTimeout(0), ErrTimeout)
				continue
			}
			g := Spawn(c.Wait)
			parked(t, g)
			require.Contains(t, g.task.Why().String(), "end of cat (process ")
			end(t, g)
		}
		over, _ := c.TryWait()
		require.False(t, over)
		require.False(t, c.Ready())
		require.NoError(t, syscall.Kill(c.Pid(), 0))
		_, ended := c.ExitCode()
		require.False(t, ended)

		var l log
		var gs []*Greenlet
		for i := range 3 {
			gs = append(gs, Spawn(func() error { err := c.Wait(); l.add(fmt.Sprint(i)); return err }))
		}
		parked(t, gs...)
		require.NoError(t, in.Close())
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "0 1 2", l.String())
		require.NoError(t, c.Wait(), "again")
		require.NoError(t, c.WaitTimeout(0), "again")
		over, err = c.TryWait()
		require.True(t, over)
		return err
	})
}

// ends are the ways in which a greenlet's wait is ended by others; each returns when the greenlet has ended.
var ends = map[string]func(t *testing.T, g *Greenlet){
	"kill":   func(t *testing.T, g *Greenlet) { require.NoError(t, g.Kill()); require.Equal(t, ErrExit, g.Err()) },
	"throw":  func(t *testing.T, g *Greenlet) { throw(g, errMade); require.ErrorIs(t, g.Get(), errMade) },
	"cancel": func(t *testing.T, g *Greenlet) { g.hub.sched.Cancel(&g.task, errMade); require.ErrorIs(t, g.Get(), errMade) },
	"timeout": func(t *testing.T, g *Greenlet) {
		g.hub.sched.SetTimeout(&g.task, 1)
		require.ErrorIs(t, g.Get(), ErrTimeout)
	},
}

// Run and Output leave no process behind, however they are ended, not even if something else holds on to the pipes.
func TestEndedRunKillsTheProcess(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			processes(t, func() error {
				for _, script := range []string{"echo begun; exec sleep 1000", "trap '' TERM; sleep 0.05 & echo begun; read x; wait"} {
					c := shell(script)
					out := new(bytes.Buffer)
					c.Stdout = out
					in, err := c.StdinPipe()
					require.NoError(t, err)
					g := Spawn(c.Run)
					eventually(t, func() bool { return out.Len() > 0 })
					require.NoError(t, syscall.Kill(c.Pid(), 0))
					end(t, g)
					eventually(t, c.Ready) // after a cancel it is not waited for
					gonePid(t, c.Pid())
					require.Equal(t, "begun\n", out.String())
					code, _ := c.ExitCode()
					require.Equal(t, -int(syscall.SIGKILL), code)
					_, err = in.Write([]byte("x"))
					require.ErrorIs(t, err, os.ErrClosed)
				}
				return nil
			})
		})
	}
}

// A timeout returns what was written until then, and is not held up by a grandchild that has the pipe open.
func TestOutputTimeoutWithGrandchild(t *testing.T) {
	calls := map[string]func(c *Cmd, d time.Duration) ([]byte, error){
		"Output":         (*Cmd).OutputTimeout,
		"CombinedOutput": (*Cmd).CombinedOutputTimeout,
		"Run": func(c *Cmd, d time.Duration) ([]byte, error) {
			var out bytes.Buffer
			c.Stdout = &out
			err := c.RunTimeout(d)
			return out.Bytes(), err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				c := shell("sleep 1000 & echo $!; wait")
				out, err := call(c, 300*time.Millisecond)
				require.ErrorIs(t, err, ErrTimeout)
				gonePid(t, c.Pid())
				var grandchild int
				_, err = fmt.Sscan(string(out), &grandchild)
				require.NoError(t, err)
				return syscall.Kill(grandchild, syscall.SIGKILL)
			})
		})
	}
}

func TestWaitDelay(t *testing.T) {
	run(t, func() error {
		var out bytes.Buffer
		c := shell("sleep 1000 & echo $!; exit 0")
		c.Stdout = &out
		c.WaitDelay = 10 * time.Millisecond
		require.Equal(t, ErrWaitDelay, c.Run())
		require.Equal(t, "exit status 0", c.ProcessState.String())
		var grandchild int
		_, err := fmt.Sscan(out.String(), &grandchild)
		require.NoError(t, err)
		return syscall.Kill(grandchild, syscall.SIGKILL)
	})
}

// What is in the pipe is read even if nobody has had the time to before the cut.
func TestCutReadsWhatIsThere(t *testing.T) {
	processes(t, func() error {
		r, w, err := Pipe()
		require.NoError(t, err)
		put(t, w, "last words")
		var out bytes.Buffer
		p := &copies{outputs: []*Stream{r}, jobs: []job{{name: "out", pipe: r, out: &out}}}
		conductor := GetHub().sched.Spawn("conductor", func() { p.cut(GetHub()) })
		p.begin(GetHub(), conductor)
		require.NoError(t, conductor.Join())
		require.Equal(t, "last words", out.String())
		require.Zero(t, p.running)
		require.NoError(t, p.err)
		return w.Close()
	})
}

func TestCommandContext(t *testing.T) {
	processes(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		c := CommandContext(ctx, "sleep", "1000")
		g := Spawn(c.Run)
		parked(t, g)
		go cancel()
		err := g.Get()
		require.ErrorIs(t, err, context.Canceled)
		var exited *ExitError
		require.ErrorAs(t, err, &exited)
		require.Equal(t, "signal: killed", exited.Error())
		gonePid(t, c.Pid())
		require.ErrorIs(t, CommandContext(ctx, "sleep", "1000").Run(), context.Canceled, "it does not even start")

		ctx, cancel = context.WithTimeout(context.Background(), time.Hour)
		c = CommandContext(ctx, "true")
		require.NoError(t, c.Run(), "the context does not matter to what ends before")
		cancel()
		require.NoError(t, c.Wait())

		c = Command("true")
		c.Cancel = func() error { return nil }
		require.ErrorContains(t, c.Run(), "make it with CommandContext")
		require.Panics(t, func() { CommandContext(nil, "true") }) //nolint:staticcheck // that is the point
		return nil
	})
}

func TestCommandCancel(t *testing.T) {
	processes(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		c := CommandContext(ctx, "/bin/sh", "-c", `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done`)
		var out bytes.Buffer
		c.Stdout = &out
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
		require.NoError(t, c.Start())
		eventually(t, func() bool { return out.Len() > 0 })
		cancel()
		require.Equal(t, context.Canceled, errors.Unwrap(onlyOne(t, c.Wait())), "though it exited with 0")
		require.Equal(t, "ready\nbye\n", out.String(), "its last words are read")

		ctx, cancel = context.WithCancel(context.Background())
		c = CommandContext(ctx, "/bin/sh", "-c", `trap '' TERM; echo ready; while :; do sleep 0.01; done`)
		c.Stdout = &out
		c.Cancel = func() error { _ = c.Process.Signal(syscall.SIGTERM); return errMade }
		c.WaitDelay = 20 * time.Millisecond
		out.Reset()
		require.NoError(t, c.Start())
		eventually(t, func() bool { return out.Len() > 0 })
		cancel()
		err := c.Wait()
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errMade)
		code, _ := c.ExitCode()
		require.Equal(t, -int(syscall.SIGKILL), code, "it did not want to end")
		return nil
	})
}

func onlyOne(t *testing.T, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	require.Len(t, joined.Unwrap(), 1)
	return fmt.Errorf("%w", joined.Unwrap()[0])
}

// A reader and a writer that do not return do not keep a command from ending.
func TestStuckReaderAndWriter(t *testing.T) {
	processes(t, func() error {
		stuck, nothing, err := Pipe()
		require.NoError(t, err)
		c := Command("true")
		c.Stdin = stuck
		require.NoError(t, c.Run(), "who reads no input needs none")

		c = shell("echo x; exec sleep 1000")
		c.Stdout = writerFunc(func([]byte) (int, error) { return stuck.Read(make([]byte, 1)) })
		require.ErrorIs(t, c.RunTimeout(50*time.Millisecond), ErrTimeout)
		require.NoError(t, stuck.Close())
		return nothing.Close()
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestCopyingFails(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		c := shell("echo x")
		c.Stdout = writerFunc(func([]byte) (int, error) { return 0, errMade })
		require.ErrorIs(t, c.Run(), errMade)
		c = Command("cat")
		c.Stdin = io.MultiReader(strings.NewReader("x"), readerFunc(func([]byte) (int, error) { return 0, errMade }))
		out, err := c.Output()
		require.ErrorIs(t, err, errMade)
		require.Equal(t, "x", string(out))
		c = shell("echo x")
		c.Stdout = writerFunc(func([]byte) (int, error) { panic(errMade) })
		var p *PanicError
		require.ErrorAs(t, c.Run(), &p)
		require.Len(t, r.errs, 1)
		require.Contains(t, r.greenlets[0].Name(), "stdout of sh (process ")
		noZombies(t)
		return nil
	}))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// Nobody calls Wait, and yet no zombie stays.
func TestUnwaitedCommandIsReaped(t *testing.T) {
	processes(t, func() error {
		c := Command("true")
		require.NoError(t, c.Start())
		eventually(t, c.Ready)
		gonePid(t, c.Pid())
		return nil
	})
}

// A process that was started lives on after the hub, and is reaped; one inside Run does not live on.
func TestHubEndsBeforeTheProcess(t *testing.T) {
	before := openFds()
	var started, inRun, unbegun *Cmd
	require.NoError(t, Run(func() error {
		started = Command("cat")
		_, err := started.StdinPipe() // its end ends cat
		require.NoError(t, err)
		require.NoError(t, started.Start())
		inRun = Command("sleep", "1000")
		parked(t, Spawn(inRun.Run))
		unbegun = Command("true")
		return unbegun.Start()
	}))
	noGoroutines(t)
	for _, c := range []*Cmd{started, inRun, unbegun} {
		gonePid(t, c.Pid())
	}
	noZombies(t)
	require.Equal(t, before, openFds())
}

func TestRunWhileTheHubEnds(t *testing.T) {
	var c *Cmd
	require.NoError(t, Run(func() error {
		Spawn(func() error {
			defer func() {
				c = Command("sleep", "1000")
				require.Equal(t, ErrExit, c.Run())
			}()
			return Sleep(time.Hour)
		})
		Yield()
		return nil
	}))
	noGoroutines(t)
	gonePid(t, c.Pid())
}

func TestManyCommandsInARow(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	processes(t, func() error {
		require.NoError(t, Command("true").Run())
		before := openFds()
		for range rounds {
			c := shell("exit 3")
			c.Stdin, c.Stdout = strings.NewReader("x"), io.Discard
			require.Error(t, c.Run())
			gonePid(t, c.Pid())
		}
		require.Equal(t, before, openFds())
		return nil
	})
}

func TestManyCommandsAtOnce(t *testing.T) {
	processes(t, func() error {
		before := openFds()
		var gs []*Result[[]byte]
		for i := range 50 {
			gs = append(gs, Go(func() ([]byte, error) {
				c := shell("read x; echo $x")
				c.Stdin = strings.NewReader(fmt.Sprintln(i))
				return c.Output()
			}))
		}
		for i, g := range gs {
			out, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintln(i), string(out))
		}
		noZombies(t)
		require.Equal(t, before, openFds())
		return nil
	})
}

// Hubs, and others in the process, see the ends of their own processes only, and any Signals sees SIGCHLD.
func TestHubsDoNotStealProcesses(t *testing.T) {
	var group sync.WaitGroup
	for hub := range 3 {
		group.Go(func() {
			err := Run(func() error {
				for i := range 10 {
					c := shell(fmt.Sprintf("exit %d", 10*hub+i+1))
					if err := c.Run(); err == nil {
						return errors.New("no error")
					}
					if code, _ := c.ExitCode(); code != 10*hub+i+1 {
						return fmt.Errorf("%d instead of %d", code, 10*hub+i+1)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range 10 {
		if err := exec.Command("true").Run(); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
}

func TestChildSignalIsSeenByAll(t *testing.T) {
	processes(t, func() error {
		s := Notify(syscall.SIGCHLD)
		defer s.Stop()
		seen := 0
		defer OnSignal(func(os.Signal) { seen++ }, syscall.SIGCHLD)()
		require.NoError(t, Command("true").Run())
		sig, err := s.WaitTimeout(patience)
		require.NoError(t, err)
		require.Equal(t, syscall.SIGCHLD, sig)
		eventually(t, func() bool { return seen > 0 })
		return nil
	})
}

// A Cmd is something that one can wait for among others.
func TestCommandIsWaitable(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		var l log
		first, second := &observer{notify: func() { l.add("first") }}, &observer{notify: func() { l.add("second") }}
		for _, o := range []*observer{first, second} {
			Waitable(c).observe(o)
		}
		c.ignore(second)
		require.NoError(t, in.Close())
		require.NoError(t, c.Wait())
		c.observe(second)
		require.Equal(t, "first second", l.String())
		return nil
	})
}

// Where there is no descriptor of a process a goroutine waits for it.
func TestCommandWithoutPidfd(t *testing.T) {
	processes(t, func() error {
		in := exec.Command("/bin/sh", "-c", "exit 5")
		require.NoError(t, in.Start())
		h := GetHub()
		poll := h.poll
		h.poll = nil
		var e exit
		e.begin(h, in)
		h.poll = poll
		require.False(t, e.polled)
		for !e.over {
			e.wait(h, h.sched.After(patience))
		}
		var exited *ExitError
		require.ErrorAs(t, e.err, &exited)
		require.Equal(t, 5, exited.ExitCode())
		return nil
	})
}

// Without a poller package os/exec copies on goroutines, and the streams are refused.
func TestCommandWithoutPoller(t *testing.T) {
	virtual(t, func() error {
		c := Command("cat")
		c.Stdin = strings.NewReader("hello")
		out, err := c.Output()
		require.NoError(t, err)
		require.Equal(t, "hello", string(out))
		_, err = Command("cat").StdinPipe()
		require.ErrorIs(t, err, errors.ErrUnsupported)
		noZombies(t)
		return nil
	})
}

func TestCommandString(t *testing.T) {
	require.Equal(t, "/bin/sh -c exit 0", shell("exit 0").String())
	require.Zero(t, shell("exit 0").Pid())
}

// A program that is this one again: signals have their default effect there, and none of our greenlets runs.
func TestChildIsFresh(t *testing.T) {
	processes(t, func() error {
		defer OnSignal(func(os.Signal) {}, syscall.SIGTERM)()
		c := Command(os.Args[0])
		c.Env = append(os.Environ(), roleVariable+"=waits for a kill")
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		expect(t, out, "hubs: false\n")
		require.NoError(t, c.Process.Signal(syscall.SIGTERM))
		require.Error(t, c.Wait())
		code, _ := c.ExitCode()
		require.Equal(t, -int(syscall.SIGTERM), code)
		return out.Close()
	})
}

func init() {
	roles["waits for a kill"] = func() error {
		fmt.Println("hubs:", GetHub() != nil)
		time.Sleep(patience)
		return errors.New("nobody killed me")
	}
}
