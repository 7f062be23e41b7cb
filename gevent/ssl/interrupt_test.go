//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// Each call that parks, ended early in each way there is.

var errThrown = errors.New("thrown")

// endings end what a greenlet waits for, and say with which error; nil stands for a kill.
var endings = map[string]struct {
	end  func(t *testing.T, g *gevent.Greenlet, c *ssl.Conn)
	want error
}{
	"kill":  {func(t *testing.T, g *gevent.Greenlet, _ *ssl.Conn) { require.NoError(t, g.Kill()) }, gevent.ErrExit},
	"throw": {func(_ *testing.T, g *gevent.Greenlet, _ *ssl.Conn) { g.Throw(errThrown) }, errThrown},
	"close": {func(t *testing.T, _ *gevent.Greenlet, c *ssl.Conn) { closeAll(t, c) }, net.ErrClosed},
	"deadline": {func(t *testing.T, _ *gevent.Greenlet, c *ssl.Conn) {
		require.NoError(t, c.SetDeadline(time.Unix(1, 0)))
	}, os.ErrDeadlineExceeded},
	"deadline to come": {func(t *testing.T, _ *gevent.Greenlet, c *ssl.Conn) {
		require.NoError(t, c.SetDeadline(time.Now().Add(time.Millisecond)))
	}, os.ErrDeadlineExceeded},
}

func TestInterruptedRead(t *testing.T) {
	for name, e := range endings {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := shaken(t)
				first := gevent.Spawn(func() error { _, err := a.Read(make([]byte, 9)); return err })
				second := gevent.Spawn(a.WaitRead)
				parked(t, first, second)
				e.end(t, first, a)
				require.ErrorIs(t, first.GetTimeout(patience), e.want)
				switch {
				case name == "close":
					require.ErrorIs(t, second.GetTimeout(patience), net.ErrClosed)
					closeAll(t, b)
					return nil
				case e.want == os.ErrDeadlineExceeded:
					require.ErrorIs(t, second.GetTimeout(patience), e.want)
					require.NoError(t, a.SetDeadline(time.Time{}))
					second = gevent.Spawn(a.WaitRead)
				}
				parked(t, second)
				talk(t, b, a, "what comes after that")
				require.NoError(t, second.GetTimeout(patience), "it waited in turn, and has taken nothing")
				closeAll(t, a, b)
				return nil
			})
		})
	}
}

// A Write that was ended has written as much as it said, and another one goes on behind it.
func TestInterruptedWrite(t *testing.T) {
	for name, e := range endings {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := shaken(t)
				text := pattern(16 << 20)
				wrote := -1
				first := gevent.Spawn(func() (err error) {
					wrote, err = a.Write(text)
					return err
				})
				require.NoError(t, gevent.Idle())
				second := gevent.Spawn(func() error { _, err := a.Write([]byte("second")); return err })
				parked(t, first, second)
				e.end(t, first, a)
				require.ErrorIs(t, first.GetTimeout(patience), e.want)
				if name == "close" {
					require.ErrorIs(t, second.GetTimeout(patience), net.ErrClosed)
					closeAll(t, b)
					return nil
				}
				want := "second"
				if e.want == os.ErrDeadlineExceeded {
					require.ErrorIs(t, second.GetTimeout(patience), e.want)
					require.NoError(t, a.SetDeadline(time.Time{}))
					want = ""
				}
				third := gevent.Spawn(func() error {
					if _, err := io.WriteString(a, "third"); err != nil {
						return err
					}
					return a.CloseWrite()
				})
				got, err := io.ReadAll(b)
				require.NoError(t, err)
				require.NoError(t, third.GetTimeout(patience))
				rest := len(got) - len(want+"third")
				require.Equal(t, want+"third", string(got[rest:]))
				require.Equal(t, text[:rest], got[:rest], "in one piece")
				if wrote >= 0 { // it was not killed
					require.Equal(t, rest, wrote)
				}
				closeAll(t, a, b)
				return nil
			})
		})
	}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// A handshake that was ended ends that of those who wait for it, too, and does not begin anew.
func TestInterruptedHandshake(t *testing.T) {
	for name, e := range endings {
		for side, wrap := range map[string]func(testing.TB, net.Conn) *ssl.Conn{
			"client": func(t testing.TB, c net.Conn) *ssl.Conn { cfg, _ := configs(t); return ssl.Client(c, cfg) },
			"server": func(t testing.TB, c net.Conn) *ssl.Conn { _, cfg := configs(t); return ssl.Server(c, cfg) },
		} {
			t.Run(name+" "+side, func(t *testing.T) {
				run(t, func() error {
					x, y := sockets(t)
					a := wrap(t, x)
					first := gevent.Spawn(a.Handshake)
					second := gevent.Spawn(func() error { _, err := a.Read(make([]byte, 1)); return err })
					parked(t, first, second)
					e.end(t, first, a)
					require.ErrorIs(t, first.GetTimeout(patience), e.want)
					err := second.GetTimeout(patience)
					if errors.Is(e.want, net.ErrClosed) || errors.Is(e.want, os.ErrDeadlineExceeded) {
						require.ErrorIs(t, err, e.want)
					} else {
						require.EqualError(t, err, "ssl: the handshake was interrupted; it cannot be taken up again")
					}
					require.Equal(t, err, a.Handshake())
					require.False(t, a.ConnectionState().HandshakeComplete)
					if name != "close" {
						closeAll(t, a)
					}
					closeAll(t, y)
					return nil
				})
			})
		}
	}
}

// Who waits for another one's handshake may leave.
func TestInterruptedWaitForHandshake(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		first := gevent.Spawn(a.Handshake)
		killed := gevent.Spawn(a.Handshake)
		thrown := gevent.Spawn(a.Handshake)
		parked(t, first, killed, thrown)
		require.NoError(t, killed.Kill())
		thrown.Throw(errThrown)
		require.ErrorIs(t, thrown.Get(), errThrown)
		require.ErrorContains(t, gevent.WithTimeout(time.Millisecond, a.Handshake), "timed out")
		talk(t, b, a, "as if nothing had been")
		require.NoError(t, first.Get())
		closeAll(t, a, b)
		return nil
	})
}

func TestHandshakeContext(t *testing.T) {
	run(t, func() error {
		a, b := sockets(t)
		cfg, _ := configs(t)
		c := ssl.Client(a, cfg)
		ctx, cancel := context.WithCancelCause(t.Context())
		g := gevent.Spawn(func() error { return c.HandshakeContext(ctx) })
		parked(t, g)
		cancel(errThrown)
		require.ErrorIs(t, g.GetTimeout(patience), errThrown)
		require.Error(t, c.Handshake())
		require.Error(t, c.HandshakeContext(ctx))
		closeAll(t, c, b)

		x, y := pair(t)
		ctx, stop := context.WithCancel(t.Context())
		g = gevent.Spawn(y.Handshake)
		require.NoError(t, x.HandshakeContext(ctx))
		require.NoError(t, g.Get())
		stop()
		require.NoError(t, x.HandshakeContext(ctx), "it was made")
		talk(t, x, y, "the context does not matter any more")
		closeAll(t, x, y)
		return nil
	})
}

// The hub ends under greenlets and goroutines in each state; nothing is left of them.
func TestHubEnds(t *testing.T) {
	before := openFds()
	outside := make(chan error, 2)
	var states []*ssl.Conn
	require.NoError(t, gevent.Run(func() error {
		a, b := shaken(t)
		c, d := pair(t)
		states = append(states, a, b)
		stuck(t, a)
		reads(a)
		e, _ := pair(t)
		states = append(states, e)
		gevent.Spawn(e.Handshake)
		gevent.Spawn(c.Handshake)
		gevent.Spawn(func() error {
			defer d.Close()
			defer d.Write([]byte("x"))
			return d.WaitRead()
		})
		for _, op := range []func([]byte) (int, error){a.Read, a.Write} {
			go func() { _, err := op(make([]byte, 9)); outside <- err }()
		}
		return gevent.Sleep(time.Millisecond)
	}))
	for range 2 {
		require.ErrorIs(t, <-outside, net.ErrClosed)
	}
	for i, c := range states {
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, c.SetDeadline(time.Time{}), net.ErrClosed)
		require.Equal(t, i < 2, c.ConnectionState().HandshakeComplete)
		_ = c.VerifyHostname("server.test")
	}
	require.Equal(t, before, openFds())
}

// What a greenlet writes and closes while the hub ends arrives, as it would on a plain connection.
func TestLastWordsWhileHubEnds(t *testing.T) {
	cc, _ := configs(t)
	got := make(chan string, 1)
	require.NoError(t, gevent.Run(func() error {
		_, sc := configs(t)
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		if err != nil {
			return err
		}
		go func() {
			text, _ := readFromOutside(l.Addr().String(), cc)
			got <- text
		}()
		c, err := l.Accept()
		if err != nil {
			return err
		}
		if err := c.(*ssl.Conn).Handshake(); err != nil {
			return err
		}
		gevent.Spawn(func() error {
			defer c.Close()
			defer io.WriteString(c, "good bye")
			return gevent.Sleep(time.Hour)
		})
		gevent.Yield()
		return nil
	}))
	require.Equal(t, "good bye", <-got, "and a proper end: else the reader would have failed")
}
