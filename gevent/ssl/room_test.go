//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// A narrowConn is a connection whose system has room for what is written only while the test says so.
type narrowConn struct {
	*gevent.TCPConn
	room    gevent.Event
	hurried bool // a write deadline is set, which is taken to be over as soon as there is no room
}

func (c *narrowConn) Write(b []byte) (int, error) {
	if c.hurried && !c.room.IsSet() {
		return 0, os.ErrDeadlineExceeded
	}
	if err := c.room.Wait(); err != nil {
		return 0, err
	}
	return c.TCPConn.Write(b)
}

func (c *narrowConn) SetWriteDeadline(t time.Time) error {
	c.hurried = !t.IsZero()
	return nil
}

// narrowed returns a connection over a narrowConn without room, and its peer.
func narrowed(t *testing.T) (c *ssl.Conn, under *narrowConn, peer *ssl.Conn) {
	cc, sc := configs(t)
	x, y := sockets(t)
	under = &narrowConn{TCPConn: y}
	under.room.Set()
	c, peer = ssl.Server(under, sc), ssl.Client(x, cc)
	shake(t, peer, c)
	under.room.Clear()
	return c, under, peer
}

// The peer has ended its side just when something is about to be written: that is no reason to hurry.
func TestEndOfOneSideWhileTheOtherHasNoRoom(t *testing.T) {
	run(t, func() error {
		c, under, peer := narrowed(t)
		require.NoError(t, peer.CloseWrite())
		require.NoError(t, under.WaitRead())
		writer := gevent.Spawn(func() error { _, err := io.WriteString(c, "as long as it takes"); return err })
		reader := gevent.Spawn(func() error { _, err := c.Read(make([]byte, 1)); return err }) // before the flusher
		require.ErrorIs(t, reader.GetTimeout(patience), io.EOF)
		parked(t, writer)
		under.room.Set()
		require.NoError(t, writer.GetTimeout(patience))
		closeAll(t, c)
		text, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.Equal(t, "as long as it takes", string(text))
		closeAll(t, peer)
		return nil
	})
}

// A write that has failed for its deadline is sent when there is room; and one that comes too soon after it waits for
// that.
func TestRestOfAWriteIsSent(t *testing.T) {
	run(t, func() error {
		c, under, peer := narrowed(t)
		first := gevent.Go(func() (int, error) { return io.WriteString(c, "first ") })
		gevent.Yield()
		require.NoError(t, c.SetWriteDeadline(time.Now()))
		n, err := first.GetTimeout(patience)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, 6, n, "it is on its way")
		n, err = io.WriteString(c, "too much")
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Zero(t, n, "there is never more than one on its way")
		require.NoError(t, c.SetWriteDeadline(time.Time{}))
		second := gevent.Spawn(func() error { _, err := io.WriteString(c, "second"); return err })
		parked(t, second)
		under.room.Set()
		require.NoError(t, second.GetTimeout(patience))
		closeAll(t, c)
		text, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.Equal(t, "first second", string(text))
		closeAll(t, peer)
		return nil
	})
}

// Close does not wait for room, whatever is to be said.
func TestCloseWithoutRoom(t *testing.T) {
	run(t, func() error {
		c, _, peer := narrowed(t)
		require.NoError(t, gevent.AssertNoSwitch(c.Close))
		closeAll(t, peer)
		return nil
	})
	run(t, func() error {
		c, under, peer := narrowed(t)
		writer := gevent.Spawn(func() error { _, err := io.WriteString(c, "never sent"); return err })
		gevent.Yield()
		require.NoError(t, gevent.AssertNoSwitch(c.Close))
		require.ErrorIs(t, writer.GetTimeout(patience), net.ErrClosed)
		under.room.Set() // its Write does not know of Close
		closeAll(t, peer)
		return nil
	})
}

// A failed write is told by that same Write, with what had been sent before, and by all that follow. Reading goes on.
func TestWriteFails(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		require.NoError(t, a.NetConn().(*gevent.TCPConn).CloseWrite())
		n, err := a.Write(make([]byte, 100_000))
		require.Zero(t, n)
		require.ErrorContains(t, err, "broken pipe")
		_, again := a.Write([]byte("x"))
		require.Equal(t, err, again)
		talk(t, b, a, "still")
		closeAll(t, a)
		b.Close() // its close_notify may find the other end gone
		return nil
	})
}
