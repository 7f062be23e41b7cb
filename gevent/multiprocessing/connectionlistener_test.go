//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var listenerKey = []byte("a key for tests")

func listenAt(t testing.TB, address string, key []byte) *mp.ConnectionListener {
	t.Helper()
	return got[*mp.ConnectionListener](t)(mp.Listen(address, key))
}

// meet returns the two ends of a connection.
func meet(t testing.TB, l *mp.ConnectionListener, key []byte) (dialed, accepted *mp.Connection) {
	t.Helper()
	dialing := gevent.Go(func() (*mp.Connection, error) { return mp.Dial(l.Address(), key) })
	accepted = got[*mp.Connection](t)(l.Accept())
	return got[*mp.Connection](t)(dialing.Get()), accepted
}

func TestListenerAddresses(t *testing.T) {
	run(t, func() error {
		path := filepath.Join(t.TempDir(), "socket")
		for _, address := range []string{"", path, "127.0.0.1:0"} {
			l := listenAt(t, address, listenerKey)
			a, b := meet(t, l, listenerKey)
			for range 2 {
				long := make([]byte, 100_000)
				sending := gevent.Spawn(func() error { return a.SendBytes(long) })
				require.Len(t, got[[]byte](t)(b.RecvBytes()), len(long))
				require.NoError(t, sending.Get())
				a, b = b, a
			}
			closeAll(t, a)
			_, err := b.RecvBytes()
			require.Equal(t, io.EOF, err)
			closeAll(t, b, l)
			require.Equal(t, mp.ErrClosed, l.Close())
			_, err = l.Accept()
			require.Equal(t, mp.ErrClosed, err)
			_, err = mp.Dial(l.Address(), listenerKey)
			require.Error(t, err)
		}
		_, err := os.Stat(path)
		require.ErrorIs(t, err, os.ErrNotExist)

		l := listenAt(t, path, nil)
		a, b := meet(t, l, nil)
		closeAll(t, a, b, l)
		_, err = mp.Listen("127.0.0.1:0", nil)
		require.Equal(t, mp.ErrNoKey, err)
		_, err = mp.Dial("127.0.0.1:1", nil)
		require.Equal(t, mp.ErrNoKey, err)
		return nil
	})
}

// A file that a dead listener has left is replaced, that of a living one is not.
func TestListenerDesertedFile(t *testing.T) {
	run(t, func() error {
		path := filepath.Join(t.TempDir(), "socket")
		dead := got[*net.UnixListener](t)(net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}))
		dead.SetUnlinkOnClose(false)
		require.NoError(t, dead.Close())
		l := listenAt(t, path, listenerKey)
		_, err := mp.Listen(path, listenerKey)
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		_, err = l.Accept() // that one has looked whether somebody is there
		require.ErrorIs(t, err, mp.ErrAuthentication)
		a, b := meet(t, l, listenerKey)
		closeAll(t, a, b, l)
		return nil
	})
}

// A file that is no socket stays what it is.
func TestListenerOtherFile(t *testing.T) {
	run(t, func() error {
		path := filepath.Join(t.TempDir(), "precious")
		require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(path, link))
		for _, address := range []string{path, link} {
			_, err := mp.Listen(address, listenerKey)
			require.ErrorIs(t, err, syscall.EADDRINUSE)
			_, err = mp.StartManager(mp.ManagerConfig{Address: address})
			require.ErrorIs(t, err, syscall.EADDRINUSE)
			require.Equal(t, "text", string(got[[]byte](t)(os.ReadFile(address))))
		}
		return nil
	})
}

func TestListenerWrongKey(t *testing.T) {
	run(t, func() error {
		for _, address := range []string{"", "127.0.0.1:0"} {
			l := listenAt(t, address, listenerKey)
			silent := got[net.Conn](t)(gevent.Dial(networkOf(l), l.Address()))
			for range 3 {
				_, err := mp.Dial(l.Address(), []byte("another"))
				require.ErrorIs(t, err, mp.ErrAuthentication)
				_, err = l.Accept()
				require.ErrorIs(t, err, mp.ErrAuthentication)
			}
			a, b := meet(t, l, listenerKey)
			closeAll(t, a, b, l, silent)
		}
		return nil
	})
}

func networkOf(l *mp.ConnectionListener) string {
	if l.Address()[0] == '@' || l.Address()[0] == '/' {
		return "unix"
	}
	return "tcp"
}

// Who connects and says nonsense is refused, and nobody else notices.
func TestListenerNonsense(t *testing.T) {
	run(t, func() error {
		l := listenAt(t, "", listenerKey)
		for _, nonsense := range []string{
			"", "\x00", "\x00\x00\x00\x00", "\x00\x00\x00\x40", "\x7f\xff\xff\xff",
			"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xfe\x00\x00\x00\xfd\x00\x00\x00\x40",
			"GET / HTTP/1.1\r\n\r\n", "\x00\x00\x00\x40" + string(make([]byte, 64)),
		} {
			c := got[net.Conn](t)(gevent.Dial("unix", l.Address()))
			got[int](t)(c.Write([]byte(nonsense)))
			require.NoError(t, c.(*gevent.UnixConn).CloseWrite())
			_, err := l.Accept()
			require.ErrorIs(t, err, mp.ErrAuthentication, "%q", nonsense)
			require.NoError(t, c.Close())
		}
		a, b := meet(t, l, listenerKey)
		closeAll(t, a, b, l)
		return nil
	})
}

// What has not the key cannot use what it is told as its own proof.
func TestListenerReflection(t *testing.T) {
	run(t, func() error {
		thief := listenAt(t, "", nil)
		dialing := gevent.Go(func() (*mp.Connection, error) { return mp.Dial(thief.Address(), listenerKey) })
		c := got[*mp.Connection](t)(thief.Accept())
		nonce := make([]byte, 32)
		require.NoError(t, c.SendBytes(append([]byte("greenloop mp 1\n"), nonce...)))
		answer := got[[]byte](t)(c.RecvBytes())
		require.NoError(t, c.SendBytes(answer[32:]))
		_, err := dialing.Get()
		require.Equal(t, mp.ErrAuthentication, err)
		closeAll(t, c)

		l := listenAt(t, "", listenerKey) // and the other way round: two connections to the same listener
		first := got[*mp.Connection](t)(mp.Dial(l.Address(), nil))
		second := got[*mp.Connection](t)(mp.Dial(l.Address(), nil))
		challenge := got[[]byte](t)(first.RecvBytes())
		got[[]byte](t)(second.RecvBytes())
		require.NoError(t, second.SendBytes(append(challenge[15:], answer[32:]...)))
		require.Equal(t, "refused", string(got[[]byte](t)(second.RecvBytes())))
		_, err = l.Accept()
		require.Equal(t, mp.ErrAuthentication, err)
		closeAll(t, first, second, l, thief)
		return nil
	})
}

// Close ends all that is under way, begun or not.
func TestListenerClose(t *testing.T) {
	run(t, func() error {
		l := listenAt(t, "", listenerKey)
		accepting := gevent.Go(l.Accept)
		silent := got[net.Conn](t)(gevent.Dial("unix", l.Address()))
		gevent.Yield()
		another := got[net.Conn](t)(gevent.Dial("unix", l.Address()))
		got[int](t)(silent.Read(make([]byte, 100))) // the handshake has begun
		unaccepted := gevent.Go(func() (*mp.Connection, error) { return mp.Dial(l.Address(), listenerKey) })
		require.NoError(t, accepting.Kill())
		c := got[*mp.Connection](t)(unaccepted.Get())
		accepting = gevent.Go(l.Accept)
		got[*mp.Connection](t)(accepting.Get()).Close()
		accepting = gevent.Go(l.Accept)
		gevent.Yield()
		require.NoError(t, l.Close())
		_, err := accepting.Get()
		require.Equal(t, mp.ErrClosed, err)
		got[[]byte](t)(io.ReadAll(another))
		closeAll(t, silent, another, c)
		return nil
	})
}

// A connection over TCP can be moved, but takes no handles along.
func TestListenerTCPHandles(t *testing.T) {
	run(t, func() error {
		l := listenAt(t, "127.0.0.1:0", listenerKey)
		a, b := meet(t, l, listenerKey)
		f := got[*os.File](t)(os.Open(os.DevNull))
		require.ErrorContains(t, a.SendFile(f), "Unix domain sockets only")
		p := begin(t, echoConnection, a)
		require.NoError(t, b.SendBytes([]byte("hello")))
		require.Equal(t, "hello", string(got[[]byte](t)(b.RecvBytes())))
		closeAll(t, b, l, f)
		ends(t, p, 0)
		return nil
	})
}

var echoConnection = mp.Define("listener: echo", func(c *mp.Connection) error {
	b, err := c.RecvBytes()
	if err != nil {
		return err
	}
	return c.SendBytes(b)
})

// Neither Close nor the end of the hub takes the file of another one that listens there now.
func TestListenerKeepsOthersFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	var other net.Listener
	for _, closes := range []bool{true, false} {
		run(t, func() error {
			l := listenAt(t, path, listenerKey)
			gevent.Yield()
			require.NoError(t, os.Remove(path))
			other = got[net.Listener](t)(net.Listen("unix", path))
			other.(*net.UnixListener).SetUnlinkOnClose(false)
			require.NoError(t, other.Close())
			if closes {
				return l.Close()
			}
			return nil
		})
		require.NoError(t, os.Remove(path))
	}
}
