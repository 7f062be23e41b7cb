//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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

// What is in the pipe is read even if nobody has had the time to before the cut.
func TestCutReadsWhatIsThere(t *testing.T) {
	processes(t, func() error {
		r, w, err := Pipe()
		require.NoError(t, err)
		put(t, w, "last words")
		var out bytes.Buffer
		p := &copies{outputs: []*Stream{r}, jobs: []copyJob{{name: "out", pipe: r, out: &out}}}
		conductor := GetHub().sched.Spawn("conductor", func() { p.cut(GetHub()) })
		p.begin(GetHub(), conductor)
		require.NoError(t, conductor.Join())
		require.Equal(t, "last words", out.String())
		require.Zero(t, p.running)
		require.NoError(t, p.err)
		return w.Close()
	})
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

// One writer for both outputs is one pipe: what comes keeps its order.
func TestCombinedOutputKeepsTheOrder(t *testing.T) {
	processes(t, func() error {
		script, want := "", ""
		for i := range 50 {
			script += fmt.Sprintf("echo %d; echo %d >&2\n", 2*i, 2*i+1)
			want += fmt.Sprintf("%d\n%d\n", 2*i, 2*i+1)
		}
		out, err := shell(script).CombinedOutput()
		require.NoError(t, err)
		require.Equal(t, want, string(out))

		n := 0
		count := writerFunc(func(b []byte) (int, error) { n += len(b); return len(b), nil })
		c := shell(script)
		c.Stdout, c.Stderr = count, count // cannot be compared
		require.NoError(t, c.Run())
		require.Len(t, out, n)
		return nil
	})
}
