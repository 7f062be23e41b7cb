//go:build unix

package examples

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// limit bounds a program; none is expected to come near it.
const limit = time.Minute

// binaries is where build puts the programs, for all tests.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if binaries, err = os.MkdirTemp("", "examples"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(binaries)
		return m.Run()
	}())
}

// build builds the example of that name, once.
func build(t *testing.T, name string) string {
	t.Helper()
	binary := filepath.Join(binaries, name)
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	args := []string{"build", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "./"+name)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

func TestTour(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, build(t, "tour")).CombinedOutput()
	require.NoError(t, err, string(out))
	text := string(out)
	for _, want := range []string{
		"producer: bakes bun 1, plain",
		"consumer: eats bun 3 (with sesame)",
		"main gets: game over",
		"1000 clients, 1000 connected at the same time, 10 messages each: all came back",
		"sleeper: cleans up, which takes a while, and is gone",
		"deadlock: all 3 tasks wait and nothing can wake them",
		"in main.deadlock.func1.1 (",
	} {
		require.Contains(t, text, want)
	}
}

// Each file of an example fits a page or two.
func TestExamplesAreShort(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	require.NoError(t, err)
	shared, err := filepath.Glob("internal/*/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range append(files, shared...) {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.LessOrEqual(t, bytes.Count(text, []byte("\n")), 100, f)
	}
}

// server is a running example that prints "listening on ADDRESS".
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	addr string
	out  *bufio.Reader
	errs bytes.Buffer
}

func start(t *testing.T, name string, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	s := &server{t: t, cmd: exec.CommandContext(ctx, name, args...)}
	s.cmd.Stderr = &s.errs
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	s.out = bufio.NewReader(stdout)
	line, err := s.out.ReadString('\n')
	if err != nil {
		_ = s.cmd.Wait() // after it, what the program said of the reason is complete
		require.NoError(t, err, s.errs.String())
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	s.addr = addr
	return s
}

// stop sends the signal and returns what the server printed after its first line, once it has ended.
func (s *server) stop(sig os.Signal) (rest string, err error) {
	s.t.Helper()
	require.NoError(s.t, s.cmd.Process.Signal(sig))
	out, err := io.ReadAll(s.out)
	require.NoError(s.t, err)
	return string(out), s.cmd.Wait()
}

func (s *server) dial() *net.TCPConn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { c.Close() })
	require.NoError(s.t, c.SetDeadline(time.Now().Add(limit)))
	return c.(*net.TCPConn)
}

// exchange sends text and returns what comes back until the end of the stream.
func exchange(t *testing.T, c *net.TCPConn, text string) string {
	t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	back, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(back)
}

func TestEchoServesAndStops(t *testing.T) {
	binary := build(t, "echo")
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s := start(t, binary, "-addr", "127.0.0.1:0")
		long := strings.Repeat("0123456789", 100_000)
		require.Equal(t, "hello", exchange(t, s.dial(), "hello"))
		require.Equal(t, long, exchange(t, s.dial(), long))
		rest, err := s.stop(sig)
		require.NoError(t, err, s.errs.String())
		require.Equal(t, fmt.Sprintf("served 2 connections, %d bytes\n", 5+len(long)), rest)
		require.Empty(t, s.errs.String())
	}
}

// After a signal nobody new is served, and what is in flight is finished.
func TestEchoFinishesWhatIsInFlight(t *testing.T) {
	s := start(t, build(t, "echo"), "-addr", "127.0.0.1:0", "-grace", "50s")
	c := s.dial()
	_, err := io.WriteString(c, "before")
	require.NoError(t, err)
	_, err = io.ReadFull(c, make([]byte, 6)) // it is being served
	require.NoError(t, err)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		late, err := net.Dial("tcp", s.addr)
		if err == nil {
			late.Close()
		}
		return err != nil
	}, limit, time.Millisecond, "the listener closes")
	require.Equal(t, " and after", exchange(t, c, " and after"))
	out, err := io.ReadAll(s.out)
	require.NoError(t, err)
	require.NoError(t, s.cmd.Wait(), s.errs.String())
	require.Regexp(t, `^served \d+ connections, 16 bytes\n$`, string(out)) // dials that came before the close count
}

// Who does not finish in time is cut off.
func TestEchoGraceIsBounded(t *testing.T) {
	s := start(t, build(t, "echo"), "-addr", "127.0.0.1:0", "-grace", "10ms")
	c := s.dial()
	_, err := io.WriteString(c, "x")
	require.NoError(t, err)
	_, err = io.ReadFull(c, make([]byte, 1))
	require.NoError(t, err)
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Equal(t, "served 1 connections, 1 bytes\n", rest)
}

// When descriptors run out, accepting pauses and goes on; nobody is lost and nothing crashes.
func TestEchoOutOfDescriptors(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sets the limit through the shell's ulimit -n, which counts differently elsewhere")
	}
	s := start(t, "sh", "-c", `ulimit -n 24; exec "$0" "$@"`, build(t, "echo"), "-addr", "127.0.0.1:0")
	const n = 60
	conns := make([]*net.TCPConn, n)
	for i := range conns {
		conns[i] = s.dial() // the kernel accepts them all
	}
	for i, c := range conns { // each that ends makes room for another
		text := fmt.Sprint("client ", i)
		require.Equal(t, text, exchange(t, c, text))
		c.Close()
	}
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Regexp(t, regexp.MustCompile(fmt.Sprintf(`^served %d connections, \d+ bytes\n$`, n)), rest)
	require.Contains(t, s.errs.String(), "too many open files")
}

func TestEchoBadAddress(t *testing.T) {
	out, err := exec.Command(build(t, "echo"), "-addr", "127.0.0.1:port").CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode())
	require.Contains(t, string(out), "echo: ")
}
