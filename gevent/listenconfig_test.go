//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// tcpOptions are the options of a connection that package net sets.
func tcpOptions(t testing.TB, c any) map[string]int {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	require.NoError(t, err)
	options := map[string]int{}
	require.NoError(t, raw.Control(func(sysfd uintptr) {
		for name, o := range map[string][2]int{
			"no delay":            {unix.IPPROTO_TCP, unix.TCP_NODELAY},
			"keep-alive":          {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
			"keep-alive idle":     {unix.IPPROTO_TCP, keepAliveIdle},
			"keep-alive interval": {unix.IPPROTO_TCP, keepAliveInterval},
			"keep-alive count":    {unix.IPPROTO_TCP, keepAliveCount},
		} {
			if o[1] == notThere {
				continue
			}
			v, err := unix.GetsockoptInt(int(sysfd), o[0], o[1])
			require.NoError(t, err)
			options[name] = v
		}
		if runtime.GOOS != "linux" { // elsewhere such a flag is not zero, which is all that counts
			options["no delay"], options["keep-alive"] = min(options["no delay"], 1), min(options["keep-alive"], 1)
		}
		if options["keep-alive"] == 0 { // then the rest does not count
			options = map[string]int{"no delay": options["no delay"]}
		}
	}))
	return options
}

// Whoever accepts it, greenlet or goroutine: a connection has the options that package net gives it.
func TestListenConfigOptionsAsNet(t *testing.T) {
	for name, std := range map[string]net.ListenConfig{
		"default":       {},
		"off":           {KeepAlive: -1},
		"period":        {KeepAlive: 1500 * time.Millisecond},
		"config":        {KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 7 * time.Second, Count: 3}},
		"part":          {KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: -1, Count: 4}},
		"config counts": {KeepAlive: -1, KeepAliveConfig: net.KeepAliveConfig{Enable: true}},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				theirs, err := std.Listen(context.Background(), "tcp", "127.0.0.1:0")
				require.NoError(t, err)
				config := ListenConfig{KeepAlive: std.KeepAlive, KeepAliveConfig: std.KeepAliveConfig}
				ours, err := config.Listen("tcp", "127.0.0.1:0")
				require.NoError(t, err)
				want := acceptedOptions(t, theirs)
				require.Equal(t, want, acceptedOptions(t, ours))
				if name != "part" { // -1 leaves it as it is: there, as the listener's own
					require.NoError(t, outsideErr(func() error {
						require.Equal(t, want, acceptedOptions(t, ours), "on a goroutine")
						return nil
					}))
				}
				closeAll(t, theirs, ours)
				return nil
			})
		})
	}
}

// acceptedOptions returns the options of a connection that l accepts.
func acceptedOptions(t testing.TB, l net.Listener) map[string]int {
	client, err := net.Dial("tcp", l.Addr().String()) // the kernel completes it without Accept
	require.NoError(t, err)
	c, err := l.Accept()
	require.NoError(t, err)
	options := tcpOptions(t, c)
	closeAll(t, client, c)
	return options
}

// A connection that was dialled has them, too, and the Set calls do what those of package net do.
func TestTCPOptionsAsNet(t *testing.T) {
	type tcp interface {
		SetNoDelay(bool) error
		SetLinger(int) error
		SetKeepAlive(bool) error
		SetKeepAlivePeriod(time.Duration) error
		SetKeepAliveConfig(net.KeepAliveConfig) error
	}
	steps := []func(c tcp) error{
		func(tcp) error { return nil },
		func(c tcp) error { return c.SetNoDelay(false) },
		func(c tcp) error { return c.SetKeepAlive(false) },
		func(c tcp) error { return c.SetKeepAlivePeriod(time.Minute + 1) },
		func(c tcp) error {
			return c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Hour, Interval: -1, Count: 5})
		},
		func(c tcp) error { return c.SetKeepAliveConfig(net.KeepAliveConfig{}) },
		func(c tcp) error { return c.SetLinger(3) },
		func(c tcp) error { return c.SetLinger(-1) },
	}
	run(t, func() error {
		l := listen(t)
		std, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		c, err := Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		for i, step := range steps {
			require.NoError(t, step(std.(tcp)), i)
			if i%2 == 0 {
				require.NoError(t, step(c.(tcp)), i)
			} else {
				require.NoError(t, outsideErr(func() error { return step(c.(tcp)) }), i)
			}
			require.Equal(t, tcpOptions(t, std), tcpOptions(t, c), i)
		}
		closeAll(t, c)
		for _, step := range steps[1:] {
			require.ErrorIs(t, step(c.(tcp)), net.ErrClosed)
		}
		closeAll(t, std, l)
		return nil
	})
}

// Lingering for no time, what was not sent is dropped: the peer sees a reset.
func TestSetLingerResets(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		require.NoError(t, a.SetLinger(0))
		closeAll(t, a)
		_, err := b.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		closeAll(t, b)
		return nil
	})
}

func TestSetBuffers(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		require.NoError(t, a.SetWriteBuffer(16<<10))
		require.NoError(t, b.SetReadBuffer(16<<10))
		n := fill(t, a)
		require.Less(t, n, 1<<20, "so little fits")
		drain(t, b, n)
		closeAll(t, a, b)
		return nil
	})
}

// Several listeners share an address if each asks for it, and only then.
func TestListenReusePort(t *testing.T) {
	run(t, func() error {
		config := ListenConfig{ReusePort: true}
		one, err := config.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		other, err := config.Listen("tcp", one.Addr().String())
		require.NoError(t, err)
		_, err = Listen("tcp", one.Addr().String())
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		closeAll(t, one)
		c, err := Dial("tcp", other.Addr().String())
		require.NoError(t, err)
		s, err := other.Accept()
		require.NoError(t, err)
		closeAll(t, c, s, other)
		return nil
	})
}

// With a short queue, and nobody who accepts, further connections are not completed.
func TestListenBacklog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("where a queue ends differs between systems")
	}
	run(t, func() error {
		l, err := (&ListenConfig{Backlog: 1}).Listen("unix", unixName(t))
		require.NoError(t, err)
		var made []*UnixConn
		for range 2 { // Linux lets one more wait than was asked for
			made = append(made, dialUnixTo(t, l, nil))
		}
		_, err = dialUnix(GetHub(), l.Addr().(*net.UnixAddr), nil, nil)
		require.ErrorIs(t, err, syscall.EAGAIN)
		for _, c := range made {
			closeAll(t, c)
		}
		closeAll(t, l)
		return nil
	})
}

// Control sees each socket before it is bound; what it does not like ends Listen, and leaves nothing.
func TestListenControl(t *testing.T) {
	run(t, func() error {
		refused := errors.New("refused")
		for _, c := range []struct{ network, address, want string }{
			{"tcp", "127.0.0.1:0", "tcp4 127.0.0.1:0"},
			{"tcp4", ":0", "tcp4 :0"},
			{"unix", unixName(t), "unix "},
		} {
			var seen string
			var answer error
			config := &ListenConfig{Control: func(network, address string, raw syscall.RawConn) error {
				seen = network + " " + address
				require.ErrorIs(t, raw.Read(nil), syscall.ENOTCONN)
				require.ErrorIs(t, raw.Write(nil), syscall.ENOTCONN)
				return errors.Join(answer, raw.Control(func(sysfd uintptr) {
					require.NoError(t, setReadBuffer(int(sysfd), 1<<16))
				}))
			}}
			l, err := config.Listen(c.network, c.address)
			require.NoError(t, err)
			require.Contains(t, seen, c.want)
			closeAll(t, l)
			answer = refused
			_, err = config.Listen(c.network, c.address)
			require.ErrorIs(t, err, refused)
			require.PanicsWithValue(t, "control", func() {
				_, _ = (&ListenConfig{Control: func(string, string, syscall.RawConn) error { panic("control") }}).Listen(c.network, c.address)
			})
		}
		return nil
	})
}

// A socket that nobody ought to accept from is closed when its file cannot be made.
func TestListenWhereNoFileCanBe(t *testing.T) {
	run(t, func() error {
		_, err := Listen("unix", unixName(t)+"/no/such/directory")
		require.ErrorIs(t, err, os.ErrNotExist)
		return nil
	})
}
