//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// The same work in greenlets and with crypto/tls on goroutines: messages there and back, bytes one way, handshakes.

// onGoroutines returns both ends of a connection of crypto/tls's over package net's.
func onGoroutines(b *testing.B) (client, server *tls.Conn) {
	cc, sc := configs(b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	x, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	y, err := l.Accept()
	require.NoError(b, err)
	return tls.Client(x, cc), tls.Server(y, sc)
}

// both runs work on a pair of either kind; aside runs a function at the same time.
func both(b *testing.B, work func(b *testing.B, client, server net.Conn, aside func(func()))) {
	b.Run("greenlets", func(b *testing.B) {
		b.ReportAllocs()
		require.NoError(b, gevent.Run(func() error {
			x, y := shaken(b)
			work(b, x, y, func(fn func()) { gevent.Spawn(func() error { fn(); return nil }) })
			closeAll(b, x, y)
			return nil
		}))
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		x, y := onGoroutines(b)
		ended := make(chan error, 1)
		go func() { ended <- y.Handshake() }()
		require.NoError(b, errors.Join(x.Handshake(), <-ended))
		work(b, x, y, func(fn func()) { go fn() })
		x.Close()
		y.Close()
	})
}

func BenchmarkEcho(b *testing.B) {
	both(b, func(b *testing.B, client, server net.Conn, aside func(func())) {
		aside(func() { _, _ = io.Copy(struct{ io.Writer }{server}, struct{ io.Reader }{server}) })
		message := make([]byte, 64)
		for b.Loop() {
			if _, err := client.Write(message); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(client, message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTransfer(b *testing.B) {
	both(b, func(b *testing.B, client, server net.Conn, aside func(func())) {
		aside(func() { _, _ = io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{server}) })
		message := make([]byte, 1<<20)
		b.SetBytes(int64(len(message)))
		for b.Loop() {
			if _, err := client.Write(message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHandshake(b *testing.B) {
	b.Run("greenlets", func(b *testing.B) {
		b.ReportAllocs()
		require.NoError(b, gevent.Run(func() error {
			for b.Loop() {
				x, y := shaken(b)
				closeAll(b, x, y)
			}
			return nil
		}))
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, y := onGoroutines(b)
			ended := make(chan error, 1)
			go func() { ended <- y.Handshake() }()
			require.NoError(b, errors.Join(x.Handshake(), <-ended))
			x.Close()
			y.Close()
		}
	})
}

var _ net.Conn = (*ssl.Conn)(nil)
