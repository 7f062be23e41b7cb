//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/rand"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// outcome makes the handshake of both sides and returns how each saw it end.
func outcome(t *testing.T, cc, sc *tls.Config) (client, server error, cs, ss tls.ConnectionState) {
	a, b := pairOf(t, cc, sc)
	g := gevent.Spawn(func() error {
		err := b.Handshake()
		if err != nil {
			b.Close() // in the same step: the alert must have been sent
		}
		return err
	})
	client = a.Handshake()
	if client == nil {
		// Under TLS 1.3 a client learns of a refusal by its first read.
		_ = a.SetReadDeadline(time.Now().Add(patience))
		if server = g.GetTimeout(patience); server != nil {
			_, client = a.Read(make([]byte, 1))
		}
	} else {
		a.Close()
		server = g.GetTimeout(patience)
	}
	cs, ss = a.ConnectionState(), b.ConnectionState()
	a.Close()
	b.Close()
	return client, server, cs, ss
}

// onGoroutinesOutcome is outcome of crypto/tls on goroutines.
func onGoroutinesOutcome(t *testing.T, cc, sc *tls.Config) (client, server error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ended := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			ended <- err
			return
		}
		defer c.Close()
		ended <- tls.Server(c, sc).Handshake()
	}()
	x, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer x.Close()
	c := tls.Client(x, cc)
	if client = c.Handshake(); client == nil {
		if server = <-ended; server != nil {
			_, client = c.Read(make([]byte, 1))
		}
		return client, server
	}
	c.Close()
	return client, <-ended
}

// What is wrong with a handshake is reported as crypto/tls does, on both sides.
func TestErrorsAreThoseOfCryptoTLS(t *testing.T) {
	a := sharedCast(t).authority
	later := time.Now().Add(time.Hour)
	good := a.issue(t, later, "server.test")
	cases := map[string]func(cc, sc *tls.Config){
		"all is well":          func(_, _ *tls.Config) {},
		"unknown authority":    func(cc, _ *tls.Config) { cc.RootCAs = newAuthority(t).pool },
		"wrong name":           func(cc, _ *tls.Config) { cc.ServerName = "other.test" },
		"expired":              func(_, sc *tls.Config) { sc.Certificates[0] = a.issue(t, time.Now().Add(-time.Hour), "server.test") },
		"no name":              func(cc, _ *tls.Config) { cc.ServerName = "" },
		"no certificate":       func(_, sc *tls.Config) { sc.Certificates = nil },
		"no common version":    func(cc, sc *tls.Config) { cc.MaxVersion, sc.MinVersion = tls.VersionTLS12, tls.VersionTLS13 },
		"no common protocol":   func(cc, sc *tls.Config) { cc.NextProtos, sc.NextProtos = []string{"a"}, []string{"b"} },
		"client unknown":       func(_, sc *tls.Config) { sc.ClientAuth = tls.RequireAnyClientCert },
		"client unknown (1.2)": func(cc, sc *tls.Config) { sc.ClientAuth, cc.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 },
		"callback fails": func(_, sc *tls.Config) {
			sc.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errThrown }
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			configs := func() (cc, sc *tls.Config) {
				cc, sc = &tls.Config{RootCAs: a.pool, ServerName: "server.test"}, &tls.Config{Certificates: []tls.Certificate{good}}
				change(cc, sc)
				return cc, sc
			}
			var client, server error
			run(t, func() error {
				cc, sc := configs()
				client, server, _, _ = outcome(t, cc, sc)
				return nil
			})
			cc, sc := configs()
			wantClient, wantServer := onGoroutinesOutcome(t, cc, sc)
			same(t, wantClient, client)
			same(t, wantServer, server)
			require.Equal(t, name == "all is well", client == nil && server == nil)
		})
	}
}

// same compares errors by their types and texts.
func same(t *testing.T, want, got error) {
	t.Helper()
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.EqualError(t, got, want.Error())
	require.IsType(t, want, got)
}

func TestNotTLSAtAll(t *testing.T) {
	run(t, func() error {
		a, b := sockets(t)
		_, sc := configs(t)
		c := ssl.Server(b, sc)
		_, err := io.WriteString(a, "GET / HTTP/1.1\r\n\r\n")
		require.NoError(t, err)
		var refused tls.RecordHeaderError
		require.ErrorAs(t, c.Handshake(), &refused)
		require.Equal(t, "tls: first record does not look like a TLS handshake", refused.Error())
		require.Same(t, b, refused.Conn, "for an answer in plain text, as net/http gives")
		closeAll(t, a, c)
		return nil
	})
}

func TestResumptionAndProtocol(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		run(t, func() error {
			cc, sc := configs(t)
			cc.ClientSessionCache = tls.NewLRUClientSessionCache(0)
			cc.MaxVersion = version
			cc.NextProtos, sc.NextProtos = []string{"b", "a"}, []string{"a", "b"}
			for i := range 3 {
				a, b := pairOf(t, cc, sc)
				talk(t, a, b, "there")
				talk(t, b, a, "and back") // with which a ticket has come
				for _, c := range []*ssl.Conn{a, b} {
					s := c.ConnectionState()
					require.Equal(t, version, s.Version)
					require.Equal(t, i > 0, s.DidResume)
					require.Equal(t, "a", s.NegotiatedProtocol)
				}
				closeAll(t, a, b)
			}
			return nil
		})
	}
}

func TestClientCertificate(t *testing.T) {
	run(t, func() error {
		cast := sharedCast(t)
		cc, sc := configs(t)
		sc.ClientAuth, sc.ClientCAs = tls.RequireAndVerifyClientCert, cast.authority.pool
		cc.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert := cast.authority.issue(t, time.Now().Add(time.Hour), "a client")
			return &cert, gevent.Sleep(1)
		}
		client, server, _, ss := outcome(t, cc, sc)
		require.NoError(t, errors.Join(client, server))
		require.Equal(t, "a client", ss.PeerCertificates[0].Subject.CommonName)
		return nil
	})
}

// The functions of a configuration run in the greenlet that makes the handshake.
func TestCallbacksMayWait(t *testing.T) {
	run(t, func() error {
		cast := sharedCast(t)
		cc, sc := configs(t)
		var names []string
		var found gevent.Event
		sc.Certificates = nil
		sc.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			names = append(names, hello.ServerName)
			require.NotNil(t, hello.Conn.RemoteAddr())
			return &cast.cert, found.Wait()
		}
		cc.VerifyConnection = func(tls.ConnectionState) error { return gevent.Sleep(1) }
		a, b := pairOf(t, cc, sc)
		gs := []*gevent.Greenlet{gevent.Spawn(a.Handshake), gevent.Spawn(b.Handshake), gevent.Spawn(b.WaitRead)}
		until(t, func() bool { return names != nil })
		parked(t, gs...)
		require.Equal(t, tls.ConnectionState{}, b.ConnectionState())
		alive(t)
		found.Set()
		require.NoError(t, errors.Join(gs[0].GetTimeout(patience), gs[1].GetTimeout(patience)))
		require.Equal(t, []string{"server.test"}, names)
		require.NoError(t, a.VerifyHostname("localhost"))
		require.Error(t, a.VerifyHostname("other.test"))
		closeAll(t, a, b)
		require.ErrorIs(t, gs[2].GetTimeout(patience), net.ErrClosed)
		return nil
	})
}

// A callback that panics, exits or is killed leaves no lock behind.
func TestCallbacksThatDoNotReturn(t *testing.T) {
	for name, leave := range map[string]func(){
		"exit": gevent.Exit, "panic": func() { panic("oops") }, "kill": func() { _ = gevent.Sleep(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			cc, sc := configs(t)
			sc.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { leave(); return nil, nil }
			quiet := gevent.Config{OnError: func(*gevent.Greenlet, error, []byte) {}}
			require.NoError(t, gevent.RunConfig(quiet, func() error {
				a, b := pairOf(t, cc, sc)
				client, server := gevent.Spawn(a.Handshake), gevent.Spawn(b.Handshake)
				if name == "kill" {
					require.NoError(t, gevent.Idle())
					require.NoError(t, server.Kill())
				}
				require.Error(t, server.GetTimeout(patience))
				require.EqualError(t, b.Handshake(), "ssl: the handshake was interrupted; it cannot be taken up again")
				_, err := b.Read(make([]byte, 1))
				require.Equal(t, b.Handshake(), err)
				require.False(t, b.ConnectionState().HandshakeComplete)
				closeAll(t, b)
				require.Error(t, client.GetTimeout(patience))
				closeAll(t, a)
				return nil
			}))
		})
	}
}

func TestHalfClose(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		require.EqualError(t, a.CloseWrite(), "tls: CloseWrite called before handshake complete")
		shake(t, a, b)
		require.NoError(t, a.CloseWrite())
		_, err := a.Write([]byte("x"))
		require.EqualError(t, err, "tls: protocol is shutdown")
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Empty(t, got)
		talk(t, b, a, "the other way it goes on")
		closeAll(t, b)
		n, err := a.Read(make([]byte, 1))
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
		closeAll(t, a)
		return nil
	})
}

// A connection that ends without a close_notify is told from one that ends with it, as far as crypto/tls does.
func TestCutOff(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		_, err := a.NetConn().Write([]byte{dataRecord, 3, 3, 0})
		require.NoError(t, err)
		closeAll(t, a.NetConn())
		for range 2 {
			_, err = b.Read(make([]byte, 1))
			require.Equal(t, io.ErrUnexpectedEOF, err)
		}
		closeAll(t, b)
		return nil
	})
}

func TestMuchBothWaysAtOnce(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		text := make([]byte, 10<<20)
		rand.New(rand.NewSource(1)).Read(text)
		var gs []*gevent.Greenlet
		for _, way := range [][2]*ssl.Conn{{a, b}, {b, a}} {
			gs = append(gs, gevent.Spawn(func() error {
				for rest := text; len(rest) > 0; {
					n := min(len(rest), 1+rand.Intn(100_000))
					if _, err := way[0].Write(rest[:n]); err != nil {
						return err
					}
					rest = rest[n:]
				}
				return way[0].CloseWrite()
			}), gevent.Spawn(func() error {
				got, err := io.ReadAll(way[1])
				if err == nil && !bytes.Equal(text, got) {
					err = errors.New("something else has come")
				}
				return err
			}))
		}
		require.NoError(t, gevent.JoinAll(gs...))
		for _, g := range gs {
			require.NoError(t, g.Err())
		}
		closeAll(t, a, b)
		return nil
	})
}

// A thousand handshakes; run checks that no descriptor and no goroutine is left.
func TestManyHandshakes(t *testing.T) {
	rounds := 1000
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

// A client that says nothing holds up nobody, and is given up after a while.
func TestHandshakeThatNeverComes(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		require.NoError(t, err)
		var gone []error
		echo := &gevent.StreamServer{
			Handler: func(c net.Conn) error {
				if err := gevent.WithTimeout(50*time.Millisecond, c.(*ssl.Conn).Handshake); err != nil {
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
		_, err = silent.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.Len(t, gone, 1)
		require.ErrorIs(t, gone[0], gevent.ErrTimeout)
		closeAll(t, c, silent)
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
