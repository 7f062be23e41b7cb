//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// dialling runs fn with a listener, whose port is a part of the addresses in tests.
func dialling(t *testing.T, fn func(l *TCPListener, port string)) {
	run(t, func() error {
		l := listen(t)
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		fn(l, port)
		return nil
	})
}

// Errors read as package net's do, and say the same of what went wrong.
func TestDialerErrorsEqualNet(t *testing.T) {
	run(t, func() error {
		n := newNameServer()
		n.addrs["none-here.test."] = nil
		gone := listen(t)
		refusing := gone.Addr().String()
		closeAll(t, gone)
		cases := []struct {
			network, address string
			local            net.Addr
		}{
			{"tcp", "", nil}, {"tcp", "127.0.0.1", nil}, {"tcp", "127.0.0.1:99999", nil}, {"tcp", "127.0.0.1:-1", nil},
			{"tcp", "[::1:80", nil}, {"tcp", "127.0.0.1:80:80", nil}, {"tcp", "::1:80", nil}, {"tcp", ":99999", nil},
			{"tcp", "127.0.0.1:no-such-service", nil}, {"tcp", "none.test.:80", nil}, {"tcp", "none.test.:no-such-service", nil},
			{"tcp", "none-here.test.:80", nil}, {"tcp4", "six.test.:80", nil}, {"tcp6", "one.test.:80", nil},
			{"tcp4", "[::1]:80", nil}, {"tcp6", "127.0.0.1:80", nil}, {"tcp6", "[::ffff:127.0.0.1]:80", nil},
			{"tcp", "a b:80", nil}, {"tcp5", "127.0.0.1:80", nil}, {"", "127.0.0.1:80", nil},
			{"tcp", refusing, nil}, {"tcp4", refusing, nil}, {"tcp", "[::ffff:127.0.0.1]" + refusing[len("127.0.0.1"):], nil},
			{"tcp", refusing, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}, {"tcp", refusing, &net.TCPAddr{IP: net.IPv6loopback}},
			{"tcp", refusing, &net.UDPAddr{}}, {"tcp", "one.test.:80", &net.TCPAddr{IP: net.IPv6loopback}},
			{"tcp", "none.test.:80", &net.TCPAddr{}}, {"tcp", refusing, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 99)}},
		}
		for _, c := range cases {
			want, err := await(func() (error, error) {
				d := &net.Dialer{LocalAddr: c.local, Resolver: n.net()}
				_, err := d.Dial(c.network, c.address)
				return err, nil
			})
			require.NoError(t, err)
			d := &Dialer{LocalAddr: c.local, Resolver: &Resolver{Net: n.net()}}
			_, err = d.Dial(c.network, c.address)
			require.EqualError(t, err, want.Error(), c)
			var ours, theirs *net.OpError
			require.ErrorAs(t, err, &ours)
			require.ErrorAs(t, want, &theirs)
			require.Equal(t, theirs.Timeout(), ours.Timeout(), c)
			require.Equal(t, theirs.Temporary(), ours.Temporary(), c)
			var errno syscall.Errno
			if errors.As(want, &errno) {
				require.ErrorIs(t, err, errno)
			}
		}
		return nil
	})
}

func TestDialerLocalAddr(t *testing.T) {
	dialling(t, func(l *TCPListener, port string) {
		if other := "127.0.0.2"; canListen(other) {
			d := &Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(other)}}
			c, err := d.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			require.Equal(t, other, c.LocalAddr().(*net.TCPAddr).IP.String())
			closeAll(t, c)
		}
		free := listen(t)
		local := &net.TCPAddr{Port: free.Addr().(*net.TCPAddr).Port}
		closeAll(t, free)
		c, err := (&Dialer{LocalAddr: local}).Dial("tcp", "127.0.0.1:"+port)
		require.NoError(t, err)
		require.Equal(t, local.Port, c.LocalAddr().(*net.TCPAddr).Port)
		closeAll(t, c)
	})
}

// canListen reports whether the host has an address.
func canListen(host string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		l.Close()
	}
	return err == nil
}

// Of a host's addresses those of the local one's family are dialled alone.
func TestDialerLocalAddrChoosesTheFamily(t *testing.T) {
	dialling(t, func(_ *TCPListener, port string) {
		n := newNameServer()
		n.addrs["mixed.test."] = []string{"2001:db8::1", "127.0.0.1"}
		d := &Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, Resolver: &Resolver{Net: n.net()}}
		d.Control = func(network, address string, _ syscall.RawConn) error {
			require.Equal(t, "tcp4 127.0.0.1:"+port, network+" "+address)
			return nil
		}
		c, err := d.Dial("tcp", "mixed.test.:"+port)
		require.NoError(t, err)
		closeAll(t, c)
	})
}

func TestDialerControl(t *testing.T) {
	dialling(t, func(l *TCPListener, _ string) {
		var socket uintptr
		d := &Dialer{Control: func(network, address string, c syscall.RawConn) error {
			require.Equal(t, "tcp4", network)
			require.Equal(t, l.Addr().String(), address)
			require.ErrorIs(t, c.Read(func(uintptr) bool { return true }), syscall.ENOTCONN)
			require.ErrorIs(t, c.Write(func(uintptr) bool { return true }), syscall.ENOTCONN)
			Yield()
			return c.Control(func(fd uintptr) {
				socket = fd
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 16<<10))
			})
		}}
		c, err := d.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		require.EqualValues(t, socket, c.(*TCPConn).fd.sysfd)
		closeAll(t, c)

		d.Control = func(string, string, syscall.RawConn) error { return errMade }
		_, err = d.Dial("tcp", l.Addr().String())
		require.ErrorIs(t, err, errMade)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, l.Addr().String(), op.Addr.String())
	})
}

// What ends a greenlet in Control, ends it there, and the socket is closed.
func TestKilledInDialerControl(t *testing.T) {
	dialling(t, func(l *TCPListener, _ string) {
		before := openFds()
		d := &Dialer{Control: func(string, string, syscall.RawConn) error { return Sleep(time.Hour) }}
		g := Spawn(func() error { _, err := d.Dial("tcp", l.Addr().String()); return err })
		parked(t, g)
		require.NoError(t, g.Kill())
		noDescriptors(t, before)
		d.Control = func(string, string, syscall.RawConn) error { panic("made up") }
		require.PanicsWithValue(t, "made up", func() { _, _ = d.Dial("tcp", l.Addr().String()) })
		noDescriptors(t, before)
	})
}

func TestDialerTimeLimits(t *testing.T) {
	run(t, func() error {
		address, free := full(t)
		defer free()
		soon := func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 5*time.Millisecond)
		}
		with := func(d *Dialer) func() (net.Conn, error) {
			return func() (net.Conn, error) { return d.Dial("tcp", address) }
		}
		for name, dial := range map[string]func() (net.Conn, error){
			"timeout":          with(&Dialer{Timeout: 5 * time.Millisecond}),
			"deadline":         with(&Dialer{Deadline: in(5 * time.Millisecond)}),
			"the earlier":      with(&Dialer{Timeout: time.Hour, Deadline: in(5 * time.Millisecond)}),
			"negative timeout": with(&Dialer{Timeout: -1}),
			"past":             with(&Dialer{Deadline: time.Unix(1, 0)}),
			"context": func() (net.Conn, error) {
				ctx, cancel := soon()
				defer cancel()
				return new(Dialer).DialContext(ctx, "tcp", address)
			},
			"context in a library": func() (net.Conn, error) {
				ctx, cancel := soon()
				defer cancel()
				child, cancel := context.WithCancel(ctx)
				defer cancel()
				return (&Dialer{Timeout: time.Hour}).DialContext(child, "tcp", address)
			},
		} {
			c, err := dial()
			require.Nil(t, c, name)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			var e net.Error
			require.ErrorAs(t, err, &e, name)
			require.True(t, e.Timeout(), name)
			require.Zero(t, GetHub().poll.Len(), name)
		}
		return nil
	})
}

func TestDialerContext(t *testing.T) {
	dialling(t, func(l *TCPListener, _ string) {
		address, free := full(t)
		defer free()
		watched := GetHub().poll.Len()
		ctx, cancel := context.WithCancelCause(context.Background())
		g := Spawn(func() error { _, err := new(Dialer).DialContext(ctx, "tcp", address); return err })
		parked(t, g)
		_, err := await(func() (bool, error) { cancel(errMade); return true, nil })
		require.NoError(t, err)
		err = g.Get()
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errMade)
		require.Equal(t, watched, GetHub().poll.Len())
		for network, address := range map[string]string{"tcp": l.Addr().String(), "unix": "no-such-socket"} {
			_, err = new(Dialer).DialContext(ctx, network, address)
			require.ErrorIs(t, err, context.Canceled, "though it need not wait")
		}

		ctx, stop := context.WithCancel(context.Background())
		c, err := new(Dialer).DialContext(ctx, "tcp", l.Addr().String())
		require.NoError(t, err)
		stop()
		s, err := l.Accept()
		require.NoError(t, err)
		mustWrite(t, c, "x")
		mustRead(t, s, "x")
		closeAll(t, c, s)
		var none context.Context
		require.PanicsWithValue(t, "gevent: DialContext of a nil context; use context.Background",
			func() { _, _ = new(Dialer).DialContext(none, "tcp", l.Addr().String()) })
	})
}

// A scope's own context brings the scope's error, which tells whose it is.
func TestDialerInItsScopesContext(t *testing.T) {
	run(t, func() error {
		address, free := full(t)
		defer free()
		scope := NewTimeout(5 * time.Millisecond)
		err := scope.Do(func() error { _, err := new(Dialer).DialContext(Context(), "tcp", address); return err })
		require.True(t, scope.Is(err), err)
		return nil
	})
}

// A library that dials on goroutines of its own is told, not ended.
func TestDialerOutsideAHub(t *testing.T) {
	_, err := new(Dialer).Dial("tcp", "127.0.0.1:1")
	require.ErrorIs(t, err, errNoHub)
	run(t, func() error {
		_, err := await(func() (net.Conn, error) { return new(Dialer).DialContext(context.Background(), "tcp", "127.0.0.1:1") })
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.ErrorIs(t, err, errNoHub)
		return nil
	})
}

func TestDialerWithoutAPoller(t *testing.T) {
	virtual(t, func() error {
		_, err := new(Dialer).Dial("tcp", "127.0.0.1:1")
		require.ErrorIs(t, err, errors.ErrUnsupported)
		return nil
	})
}
