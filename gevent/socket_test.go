//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// listen listens on a port of the loopback interface.
func listen(t testing.TB) *TCPListener {
	t.Helper()
	l, err := Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l.(*TCPListener)
}

// pair returns the two ends of a connection.
func pair(t testing.TB) (a, b *TCPConn) {
	t.Helper()
	l := listen(t)
	defer l.Close()
	return connect2(t, l)
}

// connect2 returns a new connection through l. The kernel completes it before it is accepted.
func connect2(t testing.TB, l *TCPListener) (client, server *TCPConn) {
	t.Helper()
	client = dialTo(t, l.Addr().String())
	c, err := l.Accept()
	require.NoError(t, err)
	return client, c.(*TCPConn)
}

// peer returns a connection whose other end is one of package net, for what only that can do.
func peer(t testing.TB) (ours *TCPConn, theirs *net.TCPConn) {
	t.Helper()
	l := listen(t)
	defer l.Close()
	// It blocks the hub for as long as the kernel needs, which does not wait for Accept.
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	s, err := l.Accept()
	require.NoError(t, err)
	return s.(*TCPConn), c.(*net.TCPConn)
}

func closeAll(t testing.TB, cs ...io.Closer) {
	t.Helper()
	for _, c := range cs {
		require.NoError(t, c.Close())
	}
}

func mustRead(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func mustWrite(t testing.TB, c net.Conn, text string) {
	t.Helper()
	n, err := c.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

// pattern returns n bytes of which no two stretches are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// narrow gives the connection from one to the other little room in the kernel.
func narrow(t testing.TB, from, to *TCPConn) {
	sendBuffer(t, from, 16<<10)
	require.NoError(t, syscall.SetsockoptInt(int(to.fd.sysfd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10))
}

func sendBuffer(t testing.TB, c *TCPConn, size int) {
	require.NoError(t, syscall.SetsockoptInt(int(c.fd.sysfd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, size))
}

// fill writes until the connection takes no more, so that the next Write parks, and returns how many bytes those were.
func fill(t testing.TB, c *TCPConn) (n int) {
	t.Helper()
	chunk := pattern(64 << 10)
	for {
		m, errno := sysWrite(int(c.fd.sysfd), true, chunk)
		if m < 0 {
			require.True(t, isAgain(errno), errno)
			return n
		}
		n += m
	}
}

// drain reads n bytes.
func drain(t testing.TB, c net.Conn, n int) {
	t.Helper()
	got, err := io.CopyN(io.Discard, c, int64(n))
	require.NoError(t, err)
	require.EqualValues(t, n, got)
}

// readAll returns a greenlet that reads to the end of the stream, and what it has read.
func readAll(c net.Conn) *Result[[]byte] {
	return Go(func() ([]byte, error) {
		var all bytes.Buffer
		_, err := io.Copy(&all, c)
		return all.Bytes(), err
	})
}
