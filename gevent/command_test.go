//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
		noDescriptors(t, before)
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

func TestOutsideAHub(t *testing.T) {
	calls := map[string]func(){
		"Pipe":              func() { _, _, _ = Pipe() },
		"NewStream":         func() { _, _ = NewStream(os.Stdin) },
		"NewFile":           func() { NewFile(os.Stdin) },
		"Open":              func() { _, _ = Open("x") },
		"ReadFile":          func() { _, _ = ReadFile("x") },
		"Notify":            func() { Notify() },
		"OnSignal":          func() { OnSignal(func(os.Signal) {}) },
		"Cmd.Run":           func() { _ = shell("").Run() },
		"Cmd.OutputTimeout": func() { _, _ = shell("").OutputTimeout(1) },
		"Cmd.StdinPipe":     func() { _, _ = shell("").StdinPipe() },
		"Cmd.Wait":          func() { _ = shell("").Wait() },
	}
	for name, call := range calls {
		require.PanicsWithValue(t, "gevent: "+name+" called outside a hub: call it inside gevent.Run, "+
			"on no goroutine started with go (there, use Hub.Post)", call)
	}
}
