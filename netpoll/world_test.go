//go:build unix

package netpoll

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	// Go's own poller opens its fds at the first use of a pipe; afterwards their number is steady.
	r, w, err := os.Pipe()
	if err == nil {
		_, _ = r.Close(), w.Close()
	}
	goleak.VerifyTestMain(m)
}

// world is where the fds of a backend's tests live: the machine, or a fakeKernel.
type world interface {
	pair(t testing.TB) (a, b end)    // a connected stream, each end non-blocking
	tcpPair(t testing.TB) (a, b end) // one that knows resets
	pipe(t testing.TB) (r, w end)
	open() int // fds in use
}

type end interface {
	fd() int
	read(b []byte) (int, error)
	write(b []byte) (int, error)
	closeWrite() error
	abort() error // close with a reset
	close() error
}

// backendTest is one backend with its world.
type backendTest struct {
	name  string
	setup func() (func(*registry) (backend, error), world)
}

// everyBackend is completed by backends_linux_test.go and backends_bsd_test.go.
var everyBackend = []backendTest{
	{"default", func() (func(*registry) (backend, error), world) { return openBackend, machine{} }},
	{"poll", func() (func(*registry) (backend, error), world) { return openPoll, machine{} }},
	{"kqueue-fake", func() (func(*registry) (backend, error), world) { return openFake(newFakeKernel(), false) }},
	{"kqueue-fake-pipe", func() (func(*registry) (backend, error), world) { return openFake(newFakeKernel(), true) }},
}

func openFake(k *fakeKernel, withPipe bool) (func(*registry) (backend, error), world) {
	return func(r *registry) (backend, error) { return newKqueue(r, k.system(withPipe)) }, fakeWorld{k}
}

type fakeWorld struct{ k *fakeKernel }

func (f fakeWorld) pair(testing.TB) (end, end)    { return f.streams() }
func (f fakeWorld) tcpPair(testing.TB) (end, end) { return f.streams() }
func (f fakeWorld) pipe(testing.TB) (end, end)    { return f.streams() }
func (f fakeWorld) open() int                     { return len(f.k.files) }

func (f fakeWorld) streams() (end, end) {
	a, b := f.k.streams()
	return a, b
}

// machine is the world of real fds.
type machine struct{}

func (machine) pair(t testing.TB) (end, end) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	return newFile(t, fds[0]), newFile(t, fds[1])
}

func (machine) pipe(t testing.TB) (end, end) {
	var fds [2]int
	require.NoError(t, unix.Pipe(fds[:]))
	return newFile(t, fds[0]), newFile(t, fds[1])
}

func (machine) tcpPair(t testing.TB) (end, end) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer unix.Close(listener)
	require.NoError(t, unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(listener, 1))
	addr, err := unix.Getsockname(listener)
	require.NoError(t, err)
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Connect(client, addr))
	server, _, err := unix.Accept(listener)
	require.NoError(t, err)
	return newFile(t, client), newFile(t, server)
}

func (machine) open() int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// file is a real fd.
type file struct{ number int }

func newFile(t testing.TB, fd int) *file {
	unix.CloseOnExec(fd)
	require.NoError(t, unix.SetNonblock(fd, true))
	return &file{fd}
}

func (f *file) fd() int           { return f.number }
func (f *file) closeWrite() error { return unix.Shutdown(f.number, unix.SHUT_WR) }
func (f *file) close() error      { return unix.Close(f.number) }

func (f *file) read(b []byte) (int, error) {
	n, err := unix.Read(f.number, b)
	return max(n, 0), err
}

func (f *file) write(b []byte) (int, error) {
	n, err := unix.Write(f.number, b)
	return max(n, 0), err
}

func (f *file) abort() error {
	_ = unix.SetsockoptLinger(f.number, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	return f.close()
}
