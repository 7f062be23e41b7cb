//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// An embeddedConn is what users make of a connection, to see or to keep what goes through it.
type embeddedConn struct {
	*TCPConn
	kept    *bufio.Reader // nil: nothing is
	written []byte
}

func (c *embeddedConn) Read(b []byte) (int, error) {
	if c.kept == nil {
		c.kept = bufio.NewReader(c.TCPConn)
	}
	return c.kept.Read(b)
}

func (c *embeddedConn) Write(b []byte) (int, error) {
	c.written = append(c.written, b...)
	return c.TCPConn.Write(b)
}

func (c *embeddedConn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// A copy uses the Read and the Write of a type that embeds a connection: not those of the connection that is in it.
func TestCopyEmbeddedConn(t *testing.T) {
	run(t, func() error {
		client, source := pair(t)
		out, server := pair(t)
		require.NoError(t, source.SetReadDeadline(in(patience)))
		from := &embeddedConn{TCPConn: source}
		mustWrite(t, client, "some text")
		mustRead(t, from, "some")
		require.NotZero(t, from.kept.Buffered())
		n, err := io.CopyN(out, from, 5) // nothing more comes: to wait for it would be for ever
		require.NoError(t, err)
		require.EqualValues(t, 5, n)
		mustRead(t, server, " text")

		to := &embeddedConn{TCPConn: out}
		mustWrite(t, client, "more")
		closeAll(t, client)
		_, err = source.WriteTo(to)
		require.NoError(t, err)
		require.Equal(t, "more", string(to.written))
		mustRead(t, server, "more")
		closeAll(t, source, out, server)
		return nil
	})
}
