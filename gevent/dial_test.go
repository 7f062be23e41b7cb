//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDialRefused(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		address := l.Addr().String()
		closeAll(t, l)
		c, err := Dial("tcp", address)
		require.Nil(t, c)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "dial", op.Op)
		require.Equal(t, address, op.Addr.String())
		return nil
	})
}

// On Linux a socket that dials a free port of the range from which its own is chosen may get that very port, and be
// connected to itself. The ports go round, the even ones for diallers, so that it comes to this in the end.
func TestDialOneself(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("15,000 calls to see one behaviour of Linux")
	}
	run(t, func() error {
		var address string
		for port := 40000; address == ""; port += 2 {
			if l, err := Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
				address = l.Addr().String()
				closeAll(t, l)
			}
		}
		for range 15_000 {
			c, err := Dial("tcp", address)
			if err == nil { // another process may listen there by now
				require.NotEqual(t, c.RemoteAddr().String(), c.LocalAddr().String())
				closeAll(t, c)
			}
		}
		return nil
	})
}

func TestDialBadArguments(t *testing.T) {
	run(t, func() error {
		for _, network := range []string{"udp", "", "tcp5"} {
			_, err := Dial(network, "127.0.0.1:1")
			require.ErrorIs(t, err, net.UnknownNetworkError(network))
			_, err = Listen(network, "127.0.0.1:0")
			require.ErrorIs(t, err, net.UnknownNetworkError(network))
		}
		for _, address := range []string{"", "127.0.0.1", "127.0.0.1:99999", "[::1:80", "127.0.0.1:80:80", "a b:80"} {
			_, err := DialTimeout("tcp", address, patience)
			var op *net.OpError
			require.ErrorAs(t, err, &op, address)
		}
		for _, address := range []string{"127.0.0.1", "127.0.0.1:99999", "192.0.2.1:0"} {
			_, err := Listen("tcp", address)
			var op *net.OpError
			require.ErrorAs(t, err, &op, address)
		}
		_, err := Dial("tcp4", "[::1]:80")
		require.Error(t, err)
		l := listen(t)
		_, err = Listen("tcp", l.Addr().String())
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		closeAll(t, l)
		return nil
	})
}

func TestDialThisHost(t *testing.T) {
	run(t, func() error {
		for network, address := range map[string]string{"tcp4": ":0", "tcp6": "[::1]:0", "tcp": "127.0.0.1:0"} {
			l, err := Listen(network, address)
			if err != nil && network == "tcp6" {
				continue // no IPv6 here
			}
			require.NoError(t, err)
			_, port, err := net.SplitHostPort(l.Addr().String())
			require.NoError(t, err)
			c, err := Dial(network, ":"+port)
			require.NoError(t, err, network)
			require.True(t, c.RemoteAddr().(*net.TCPAddr).IP.IsLoopback())
			closeAll(t, c, l)
		}
		return nil
	})
}

// A name is looked up on a goroutine, while the others run.
func TestDialByName(t *testing.T) {
	run(t, func() error {
		l, err := Listen("tcp", "localhost:0")
		require.NoError(t, err)
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		ticks := 0
		ticker := Spawn(func() error {
			for {
				ticks++
				Yield()
			}
		})
		c, err := DialTimeout("tcp", "localhost:"+port, patience)
		require.NoError(t, err)
		require.Positive(t, ticks)
		require.NoError(t, ticker.Kill())
		closeAll(t, c, l)
		return nil
	})
}

// full returns the address of a listener on loopback whose queue is full, so that who dials it waits.
func full(t *testing.T) (address string, free func()) { return fullOn(t, "127.0.0.1:0") }

// fullOn is full on an address.
func fullOn(t *testing.T, on string) (address string, free func()) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere a full queue refuses")
	}
	s, err := sysSocket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	a, err := net.ResolveTCPAddr("tcp", on)
	require.NoError(t, err)
	require.NoError(t, syscall.Bind(s, &syscall.SockaddrInet4{Port: a.Port, Addr: [4]byte(a.IP.To4())}))
	require.NoError(t, syscall.Listen(s, 0)) // room for one
	address = localAddr(s).String()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	return address, func() {
		require.NoError(t, c.Close())
		require.NoError(t, syscall.Close(s))
	}
}

func TestDialTimeout(t *testing.T) {
	run(t, func() error {
		address, free := full(t)
		defer free()
		for _, d := range []time.Duration{5 * time.Millisecond, 0, -1} {
			began := time.Now()
			c, err := DialTimeout("tcp", address, d)
			require.Nil(t, c)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.GreaterOrEqual(t, time.Since(began), d)
			var op *net.OpError
			require.ErrorAs(t, err, &op)
			require.True(t, op.Timeout())
		}
		return nil
	})
}

func TestInterruptedDial(t *testing.T) {
	run(t, func() error {
		address, free := full(t)
		defer free()
		killed := Spawn(func() error { _, err := Dial("tcp", address); return err })
		thrown := Spawn(func() error { _, err := DialTimeout("tcp", address, time.Hour); return err })
		parked(t, killed, thrown)
		require.NoError(t, killed.Kill())
		throw(thrown, errMade)
		require.ErrorIs(t, thrown.Get(), errMade)
		require.Zero(t, GetHub().poll.Len())
		return nil
	})
}

// An error that is thrown at a dialler ends it, however many addresses there are left to try.
func TestThrowEndsAllAddresses(t *testing.T) {
	run(t, func() error {
		address, free := full(t)
		defer free()
		l := listen(t)
		to := func(address string) *net.TCPAddr {
			a, err := net.ResolveTCPAddr("tcp", address)
			require.NoError(t, err)
			return a
		}
		dial := func(addrs ...*net.TCPAddr) error {
			a := new(asker)
			a.begin(context.Background(), GetHub(), Never)
			defer a.end()
			c, err := (&race{asker: a, dialer: new(Dialer), network: "tcp", addrs: addrs}).run()
			if err == nil {
				closeAll(t, c)
			}
			return err
		}
		g := Spawn(func() error { return dial(to(address), l.Addr().(*net.TCPAddr)) })
		parked(t, g)
		throw(g, errMade)
		require.ErrorIs(t, g.Get(), errMade)

		gone := listen(t)
		closeAll(t, gone)
		require.NoError(t, dial(gone.Addr().(*net.TCPAddr), l.Addr().(*net.TCPAddr)), "the second one answers")
		closeAll(t, l)
		return nil
	})
}

// slowResolver makes the look-up of names wait until it is released or given up.
func slowResolver(t *testing.T) (asked chan struct{}, free func()) {
	asked = make(chan struct{}, 16)
	release := make(chan struct{})
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		asked <- struct{}{}
		select {
		case <-release:
			return nil, errors.New("released")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	return asked, func() {
		close(release)
		net.DefaultResolver = old
	}
}

func TestInterruptedLookUp(t *testing.T) {
	run(t, func() error {
		asked, free := slowResolver(t)
		defer free()
		const address = "slow.test:80"
		_, err := DialTimeout("tcp", address, 10*time.Millisecond)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		for len(asked) > 0 {
			<-asked
		}
		for _, end := range []func(g *Greenlet){
			func(g *Greenlet) { throw(g, errMade); require.ErrorIs(t, g.Get(), errMade) },
			func(g *Greenlet) { require.NoError(t, g.Kill()) },
		} {
			g := Spawn(func() error { _, err := Dial("tcp", address); return err })
			_, err := await(func() (struct{}, error) { return <-asked, nil })
			require.NoError(t, err)
			parked(t, g)
			end(g)
		}
		return nil
	})
}
