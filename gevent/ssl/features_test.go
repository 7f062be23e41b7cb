//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bytes"
	"crypto/tls"
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

func TestTalk(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		talk(t, a, b, "from the client")
		talk(t, b, a, "from the server")
		closeAll(t, a, b)
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
		a, b := pairOf(t, cc, sc)
		shake(t, a, b)
		require.Equal(t, "a client", b.ConnectionState().PeerCertificates[0].Subject.CommonName)
		closeAll(t, a, b)
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
