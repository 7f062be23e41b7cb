//go:build unix

package examples

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// runToEnd runs a program that ends by itself, and returns what it says on its two outputs, and its exit code.
func runToEnd(t *testing.T, name string, args ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	_ = cmd.Run()
	require.NoError(t, ctx.Err())
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// openPort returns a port of this machine on which something listens.
func openPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

func TestPortscanFindsWhatListens(t *testing.T) {
	binary := build(t, "portscan")
	a, b := openPort(t), openPort(t)
	low, high := min(a, b), max(a, b)
	for _, c := range []struct {
		args []string
		host string
	}{
		{[]string{"127.0.0.1", fmt.Sprintf("%d,%d,%d-%d,1", high, low, low, low)}, `127\.0\.0\.1`},
		{[]string{"-workers", "1", "127.0.0.1", fmt.Sprintf("1,%d,%d", low, high)}, `127\.0\.0\.1`},
	} {
		out, errs, code := runToEnd(t, binary, c.args...)
		require.Zero(t, code, errs)
		require.Regexp(t, fmt.Sprintf(`^PORT   STATE  ANSWERED IN\n%-6d open   \S+\n%-6d open   \S+\n`+
			`%s: 3 ports, 2 open, 1 closed, 0 silent, 0 failed, in \S+\n$`, low, high, c.host), out)
		require.Empty(t, errs)
	}
}

func TestPortscanFindsAName(t *testing.T) {
	out, errs, code := runToEnd(t, build(t, "portscan"), "localhost", fmt.Sprint(openPort(t)))
	require.Zero(t, code, errs)
	require.Contains(t, out, " 1 ports, ") // which of the addresses comes first is the system's business
}

// With no argument it finds the ports that it has opened itself.
func TestPortscanByItself(t *testing.T) {
	out, errs, code := runToEnd(t, build(t, "portscan"))
	require.Zero(t, code, errs)
	own := regexp.MustCompile(`(?m)^listening on port (\d+)$`).FindAllStringSubmatch(out, -1)
	require.Len(t, own, 3)
	for _, port := range own {
		require.Regexp(t, `(?m)^`+port[1]+` +open `, out)
	}
	require.Contains(t, out, " 0 silent, 0 failed, ")
}

// A thousand ports, of which far fewer are tried at a time.
func TestPortscanOfAThousandPorts(t *testing.T) {
	port := openPort(t)
	first := min(max(1, port-500), 65535-999)
	out, errs, code := runToEnd(t, build(t, "portscan"), "-workers", "16", "127.0.0.1", fmt.Sprintf("%d-%d", first, first+999))
	require.Zero(t, code, errs)
	require.Regexp(t, fmt.Sprintf(`(?m)^%d +open `, port), out)
	require.Contains(t, out, ": 1000 ports, ")
}

// mutePorts returns a list of n ports that do not answer: nobody accepts there, and the one place in the queue is taken.
func mutePorts(t *testing.T, n int) string {
	if runtime.GOOS != "linux" {
		t.Skip("other systems refuse when a queue is full, or count its places in another way")
	}
	var ports []string
	for range n {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		require.NoError(t, err)
		syscall.CloseOnExec(fd)
		t.Cleanup(func() { _ = syscall.Close(fd) })
		require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
		require.NoError(t, syscall.Listen(fd, 0))
		own, err := syscall.Getsockname(fd)
		require.NoError(t, err)
		port := fmt.Sprint(own.(*syscall.SockaddrInet4).Port)
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		ports = append(ports, port)
	}
	return strings.Join(ports, ",")
}

// No answer is something else than no; and what could not be tried is neither.
func TestPortscanWithoutAnAnswer(t *testing.T) {
	binary, ports := build(t, "portscan"), mutePorts(t, 30)
	out, errs, code := runToEnd(t, binary, "-timeout", "50ms", "127.0.0.1", ports)
	require.Zero(t, code, errs)
	require.Contains(t, out, ": 30 ports, 0 open, 0 closed, 30 silent, 0 failed, ")

	out, errs, code = runToEnd(t, "sh", "-c", `ulimit -n 20; exec "$0" "$@"`, binary, "-timeout", "50ms", "127.0.0.1", ports)
	require.Equal(t, 1, code)
	require.Regexp(t, `: 30 ports, 0 open, 0 closed, \d+ silent, [1-9]\d* failed, `, out)
	require.Regexp(t, "^portscan: some ports could not be tried: .*too many open files\n$", errs)
}

func TestPortscanBadArguments(t *testing.T) {
	binary := build(t, "portscan")
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"127.0.0.1", "0"}, `portscan: ports "0": not a port, 1 to 65535, nor a range of them`, 1},
		{[]string{"127.0.0.1", "1,65536"}, `portscan: ports "65536": `, 1},
		{[]string{"127.0.0.1", "9-1"}, `portscan: ports "9-1": `, 1},
		{[]string{"127.0.0.1", "1-2-3"}, `portscan: ports "1-2-3": `, 1},
		{[]string{"127.0.0.1", "http"}, `portscan: ports "http": `, 1},
		{[]string{"-workers", "0"}, "usage: portscan ", 2},
		{[]string{"-timeout", "-1s"}, "usage: portscan ", 2},
		{[]string{"a", "1", "b"}, "usage: portscan ", 2},
	} {
		out, errs, code := runToEnd(t, binary, c.args...)
		require.Equal(t, c.code, code, c.args)
		require.Contains(t, errs, c.want)
		require.Empty(t, out)
	}
}
