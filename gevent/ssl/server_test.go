//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// Many handshakes; run checks that no descriptor and no goroutine is left.
func TestManyHandshakes(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	run(t, func() error {
		cc, sc := configs(t)
		cc.ClientSessionCache = tls.NewLRUClientSessionCache(0)
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		require.NoError(t, err)
		echo := &gevent.StreamServer{Handler: func(c net.Conn) error {
			_, err := io.Copy(c, c)
			return err
		}}
		server := gevent.Spawn(func() error { return echo.Serve(l) })
		before := openFds()
		for range rounds {
			c, err := ssl.Dial("tcp", l.Addr().String(), cc)
			require.NoError(t, err)
			talk(t, c, c, "x")
			closeAll(t, c)
		}
		until(t, func() bool { return echo.Active() == 0 })
		require.Equal(t, before, openFds())
		require.Zero(t, echo.Stop(patience))
		require.ErrorIs(t, server.Get(), gevent.ErrServerClosed)
		return nil
	})
}

// A client that says nothing, or something else, holds up nobody, and is given up after a while.
func TestHandshakeThatNeverComes(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		require.NoError(t, err)
		var gone []error
		limit := time.Second
		echo := &gevent.StreamServer{
			Handler: func(c net.Conn) error {
				if err := gevent.WithTimeout(limit, c.(*ssl.Conn).Handshake); err != nil {
					return err
				}
				_, err := io.Copy(c, c)
				return err
			},
			OnError: func(_ net.Conn, err error) { gone = append(gone, err) },
		}
		server := gevent.Spawn(func() error { return echo.Serve(l) })
		silent, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		c, err := ssl.Dial("tcp", l.Addr().String(), cc)
		require.NoError(t, err)
		talk(t, c, c, "served meanwhile")
		other, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		_, err = io.WriteString(other, "this is no TLS\n")
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, other)
		require.NoError(t, err)
		talk(t, c, c, "served after that")
		_, err = silent.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.Len(t, gone, 2)
		require.ErrorContains(t, gone[0], "does not look like a TLS handshake")
		require.ErrorIs(t, gone[1], gevent.ErrTimeout)
		closeAll(t, c, other, silent)
		echo.Stop(patience)
		require.ErrorIs(t, server.Get(), gevent.ErrServerClosed)
		return nil
	})
}

func TestDialFailures(t *testing.T) {
	run(t, func() error {
		cc, _ := configs(t)
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		for range 2 { // killed, and out of time, while the other side says nothing
			g := gevent.Spawn(func() error { _, err := ssl.Dial("tcp", l.Addr().String(), cc); return err })
			c, err := l.Accept()
			require.NoError(t, err)
			parked(t, g)
			require.NoError(t, g.Kill())
			_, err = io.Copy(io.Discard, c)
			require.NoError(t, err, "its connection is closed")
			closeAll(t, c)
		}
		require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, func() error {
			_, err := ssl.DialContext(t.Context(), "tcp", l.Addr().String(), cc)
			return err
		}), gevent.ErrTimeout)
		closeAll(t, l)
		_, err = ssl.Dial("tcp", l.Addr().String(), cc)
		require.Error(t, err)
		_, err = ssl.Listen("tcp", "127.0.0.1:0", &tls.Config{})
		require.ErrorContains(t, err, "needs Certificates")
		_, err = ssl.Listen("tcp", "nonsense", &tls.Config{Certificates: make([]tls.Certificate, 1)})
		require.Error(t, err)
		return nil
	})
}

// Dial verifies the certificate for the host that it was told to dial.
func TestDialNamesTheHost(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		cc.ServerName = ""
		var seen []string
		sc.VerifyConnection = func(s tls.ConnectionState) error { seen = append(seen, s.ServerName); return nil }
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		require.NoError(t, err)
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		for _, host := range []string{"localhost", "127.0.0.1"} {
			server := gevent.Spawn(func() error {
				c, err := l.Accept()
				if err != nil {
					return err
				}
				defer c.Close()
				_, err = io.WriteString(c, "hello")
				return err
			})
			c, err := ssl.Dial("tcp4", net.JoinHostPort(host, port), cc)
			require.NoError(t, err)
			text, err := io.ReadAll(c)
			require.NoError(t, err)
			require.Equal(t, "hello", string(text))
			require.NoError(t, server.Get())
			closeAll(t, c)
		}
		require.Equal(t, []string{"localhost", ""}, seen, "an address is no name to send")
		require.Empty(t, cc.ServerName, "the caller's is left alone")
		server := gevent.Spawn(func() error {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			return c.(*ssl.Conn).Handshake()
		})
		_, err = ssl.Dial("tcp4", l.Addr().String(), nil)
		var unknown x509.UnknownAuthorityError
		require.ErrorAs(t, err, &unknown)
		require.EqualError(t, server.GetTimeout(patience), "remote error: tls: bad certificate")
		closeAll(t, l)
		return nil
	})
}

func TestRenegotiationIsRefused(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		cc.Renegotiation = tls.RenegotiateOnceAsClient
		a, b := pairOf(t, cc, sc)
		require.ErrorIs(t, a.Handshake(), errors.ErrUnsupported)
		closeAll(t, a, b)
		return nil
	})
}
