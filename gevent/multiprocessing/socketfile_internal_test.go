//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// leaveSocket leaves the file of a socket at path, as a process that was killed does.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
}

// socketStarters begin to listen at a path, and return how to end that.
var socketStarters = map[string]func(path string) (end func() error, err error){
	"listener": func(path string) (func() error, error) {
		l, err := Listen(path, []byte("key"))
		return func() error { return l.Close() }, err
	},
	"manager": func(path string) (func() error, error) {
		m, err := ServeManager(ManagerConfig{Address: path, Key: []byte("key")})
		return func() error { return m.Shutdown() }, err
	},
	"server": func(path string) (func() error, error) {
		m, err := socketServer.Listen(Prefork{Bind: []string{unixPrefix + path}}, 0)
		return func() error { m.closeSockets(); return nil }, err
	},
}

var socketServer = DefineServer("socket file: server", func(*Worker[int]) error { return nil })

// Of two that start at once where a dead one's file is, the second does not take the first one's for that.
func TestSocketFileOfTwoStarters(t *testing.T) {
	before := turnTime
	turnTime = time.Minute
	defer func() { turnTime = before }()
	for name, start := range socketStarters {
		t.Run(name, func(t *testing.T) {
			inHub(t, func() {
				path := filepath.Join(t.TempDir(), "socket")
				leaveSocket(t, path)
				first, err := os.Open(filepath.Dir(path))
				require.NoError(t, err)
				require.NoError(t, syscall.Flock(int(first.Fd()), syscall.LOCK_EX)) // it has just looked
				second := gevent.Spawn(func() error { _, err := start(path); return err })
				killed := gevent.Spawn(func() error { _, err := start(path); return err })
				thrown := gevent.Spawn(func() error { _, err := start(path); return err })
				gevent.Yield()
				require.NoError(t, killed.Kill())
				thrown.Throw(ErrClosed)
				require.ErrorIs(t, thrown.Get(), ErrClosed)
				require.NoError(t, os.Remove(path))
				bound, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
				require.NoError(t, err)
				require.NoError(t, syscall.Bind(bound, &syscall.SockaddrUnix{Name: path}))
				gevent.Yield() // it does not listen yet
				require.NoError(t, syscall.Listen(bound, 1))
				require.NoError(t, first.Close())
				require.ErrorIs(t, second.Get(), syscall.EADDRINUSE)
				require.FileExists(t, path)
				require.NoError(t, syscall.Close(bound))
				end, err := start(path)
				require.NoError(t, err)
				require.NoError(t, end())
				require.NoFileExists(t, path)
			})
		})
	}
}

// Somebody who keeps the directory locked for ever keeps nobody from listening, but files stay that may be anybody's.
func TestSocketFileInLockedDirectory(t *testing.T) {
	before := turnTime
	turnTime = time.Millisecond
	defer func() { turnTime = before }()
	inHub(t, func() {
		path := filepath.Join(t.TempDir(), "socket")
		leaveSocket(t, path)
		dir, err := os.Open(filepath.Dir(path))
		require.NoError(t, err)
		require.NoError(t, syscall.Flock(int(dir.Fd()), syscall.LOCK_EX))
		for name, start := range socketStarters {
			_, err := start(path)
			require.ErrorIs(t, err, syscall.EADDRINUSE)
			end, err := start(path + name)
			require.NoError(t, err)
			require.NoError(t, end())
		}
		require.NoError(t, dir.Close())
	})
}

// The end of a manager's process does not take the address from who listens there now, though the file system has given
// its file the number of the old one.
func TestSocketFileOfSameNumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	leaveSocket(t, path)
	was, err := os.Lstat(path)
	require.NoError(t, err)
	m := &Manager{place: &managerPlace{address: path}, file: was}
	require.NoError(t, os.Chtimes(path, time.Time{}, was.ModTime().Add(time.Second)))
	m.clear("")
	require.FileExists(t, path)
	require.NoError(t, os.Chtimes(path, time.Time{}, was.ModTime()))
	m.clear("")
	require.NoFileExists(t, path)
}

// A server that ends does not take the address from who listens there now, such as its successor.
func TestSocketFileOfSuccessor(t *testing.T) {
	inHub(t, func() {
		path := filepath.Join(t.TempDir(), "socket")
		o := Prefork{Bind: []string{unixPrefix + path}}
		m, err := socketServer.Listen(o, 0)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		next, err := socketServer.Listen(o, 0)
		require.NoError(t, err)
		m.Stop()
		require.NoError(t, m.Serve())
		c, err := gevent.Dial("unix", path)
		require.NoError(t, err)
		require.NoError(t, c.Close())
		next.Stop()
		require.NoError(t, next.Serve())
		require.NoFileExists(t, path)
	})
}
