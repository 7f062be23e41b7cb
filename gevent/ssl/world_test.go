//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// patience is how long a test waits for what must come. It is reached by failing tests only.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go's own poller keeps a few descriptors from its first use on
	}
	os.Exit(m.Run())
}

// run runs main in a hub, in bounded time, requires that it succeeds, and checks that it leaves nothing behind.
func run(t testing.TB, main func() error) {
	t.Helper()
	before := openFds()
	// Not by the hub's own means: it is the very thing that may stand still.
	guard := time.AfterFunc(4*patience, func() { panic("the hub stands still") })
	defer guard.Stop()
	require.NoError(t, gevent.Run(func() error {
		err := gevent.WithTimeout(3*patience, main)
		gevent.Yield()
		require.Equal(t, 1, gevent.GetHub().Stats().Live, "greenlets left: %v", gevent.GetHub().Dump())
		return err
	}))
	goleak.VerifyNone(t)
	require.Equal(t, before, openFds(), "descriptors left")
}

// openFds counts the process's descriptors where the system tells.
func openFds() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	a := &authority{cert, key, x509.NewCertPool()}
	a.pool.AddCert(cert)
	return a
}

// issue returns a certificate for names, good for clients and for servers until then.
func (a *authority) issue(t testing.TB, until time.Time, names ...string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// configs returns matching configurations of a client and a server, made once.
func configs(t testing.TB) (client, server *tls.Config) {
	cast := sharedCast(t)
	client = &tls.Config{RootCAs: cast.authority.pool, ServerName: "server.test"}
	server = &tls.Config{Certificates: []tls.Certificate{cast.cert}}
	return client, server
}

type cast struct {
	authority *authority
	cert      tls.Certificate
}

var (
	castOnce  sync.Once
	castValue cast
)

func sharedCast(t testing.TB) cast {
	castOnce.Do(func() {
		a := newAuthority(t)
		castValue = cast{a, a.issue(t, time.Now().Add(time.Hour), "server.test", "localhost")}
	})
	return castValue
}

// sockets returns both ends of a TCP connection of the hub's.
func sockets(t testing.TB) (a, b *gevent.TCPConn) {
	l, err := gevent.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dialled, err := gevent.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	accepted, err := l.Accept()
	require.NoError(t, err)
	return dialled.(*gevent.TCPConn), accepted.(*gevent.TCPConn)
}

// pair returns both ends of a TLS connection, the handshake not made yet.
func pair(t testing.TB) (client, server *ssl.Conn) {
	cc, sc := configs(t)
	return pairOf(t, cc, sc)
}

func pairOf(t testing.TB, cc, sc *tls.Config) (client, server *ssl.Conn) {
	a, b := sockets(t)
	return ssl.Client(a, cc), ssl.Server(b, sc)
}

// shaken is pair after the handshake.
func shaken(t testing.TB) (client, server *ssl.Conn) {
	client, server = pair(t)
	shake(t, client, server)
	return client, server
}

func shake(t testing.TB, client, server *ssl.Conn) {
	g := gevent.Spawn(server.Handshake)
	require.NoError(t, client.Handshake())
	require.NoError(t, g.Get())
}

func closeAll(t testing.TB, cs ...io.Closer) {
	for _, c := range cs {
		require.NoError(t, c.Close())
	}
}

// parked lets all run that is ready, and checks that gs wait then.
func parked(t testing.TB, gs ...*gevent.Greenlet) {
	t.Helper()
	gevent.Yield()
	gevent.Yield() // what was written is sent by a greenlet of its own
	for _, g := range gs {
		require.False(t, g.Ready(), "ended with: %v", g.Err())
	}
}

// stuck returns a greenlet that writes to c for ever, and has filled all that there is up to a peer that does not read.
func stuck(t testing.TB, c net.Conn) *gevent.Greenlet {
	g := gevent.Spawn(func() error {
		much := make([]byte, 1<<20)
		for {
			if _, err := c.Write(much); err != nil {
				return err
			}
		}
	})
	require.NoError(t, gevent.Idle())
	parked(t, g)
	return g
}

// alive checks that other greenlets run.
func alive(t testing.TB) {
	t.Helper()
	ticks := 0
	ticker := gevent.Spawn(func() error {
		for ticks < 3 {
			if err := gevent.Sleep(time.Millisecond); err != nil {
				return err
			}
			ticks++
		}
		return nil
	})
	require.NoError(t, ticker.GetTimeout(patience))
}

// talk writes text to a and reads it from b.
func talk(t testing.TB, a, b net.Conn, text string) {
	g := gevent.Spawn(func() error { _, err := io.WriteString(a, text); return err })
	buf := make([]byte, len(text))
	_, err := io.ReadFull(b, buf)
	require.NoError(t, err)
	require.Equal(t, text, string(buf))
	require.NoError(t, g.Get())
}
