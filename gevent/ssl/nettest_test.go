//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// The eleven cases of golang.org/x/net/nettest.TestConn, with greenlets where it has goroutines: as in package gevent, over TLS.

var (
	longAgo      = time.Unix(233431200, 0)
	neverTimeout = time.Time{}
)

func noise() io.Reader { return rand.New(rand.NewSource(0)) }

// chunked copies in pieces of a kilobyte.
func chunked(w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, 1024))
	return err
}

func greenBasicIO(t *testing.T, c1, c2 net.Conn) {
	want := make([]byte, 1<<20)
	_, err := noise().Read(want)
	require.NoError(t, err)
	var c crowd
	c.goes(func() {
		require.NoError(t, chunked(c1, bytes.NewReader(want)))
		require.NoError(t, c1.Close())
	})
	got := new(bytes.Buffer)
	c.goes(func() {
		require.NoError(t, chunked(got, c2))
		require.NoError(t, c2.Close())
	})
	c.wait(t)
	require.True(t, bytes.Equal(want, got.Bytes()))
}

func greenPingPong(t *testing.T, c1, c2 net.Conn) {
	pingPonger := func(c net.Conn) {
		buf := make([]byte, 8)
		var prev uint64
		for {
			_, err := io.ReadFull(c, buf)
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			v := binary.LittleEndian.Uint64(buf)
			binary.LittleEndian.PutUint64(buf, v+1)
			if prev != 0 {
				require.Equal(t, prev+2, v)
			}
			if prev = v; v == 1000 {
				break
			}
			_, err = c.Write(buf)
			require.NoError(t, err)
		}
		require.NoError(t, c.Close())
	}
	var c crowd
	c.goes(func() { pingPonger(c1) })
	c.goes(func() { pingPonger(c2) })
	_, err := c1.Write(make([]byte, 8))
	require.NoError(t, err)
	c.wait(t)
}

func greenRacyRead(t *testing.T, c1, c2 net.Conn) {
	var writer crowd
	writer.goes(func() { _ = chunked(c2, noise()) })
	greenRacy(t, c1.Read, c1.SetReadDeadline)
}

func greenRacyWrite(t *testing.T, c1, c2 net.Conn) {
	var reader crowd
	reader.goes(func() { _ = chunked(io.Discard, c2) })
	greenRacy(t, c1.Write, c1.SetWriteDeadline)
}

func greenRacy(t *testing.T, op func([]byte) (int, error), deadline func(time.Time) error) {
	require.NoError(t, deadline(soon(time.Millisecond)))
	var c crowd
	for range 10 {
		c.goes(func() {
			b1, b2 := make([]byte, 1024), make([]byte, 1024)
			for range 100 {
				_, err := op(b1)
				copy(b1, b2)
				if err != nil {
					mustTimeOut(t, err)
					require.NoError(t, deadline(soon(time.Millisecond)))
				}
			}
		})
	}
	c.wait(t)
}

func greenReadTimeout(t *testing.T, c1, c2 net.Conn) {
	var reader crowd
	reader.goes(func() { _ = chunked(io.Discard, c2) })
	require.NoError(t, c1.SetReadDeadline(longAgo))
	_, err := c1.Read(make([]byte, 1024))
	mustTimeOut(t, err)
	_, err = c1.Write(make([]byte, 1024))
	require.NoError(t, err)
}

func greenWriteTimeout(t *testing.T, c1, c2 net.Conn) {
	var writer crowd
	writer.goes(func() { _ = chunked(c2, noise()) })
	require.NoError(t, c1.SetWriteDeadline(longAgo))
	_, err := c1.Write(make([]byte, 1024))
	mustTimeOut(t, err)
	_, err = c1.Read(make([]byte, 1024))
	require.NoError(t, err)
}

func greenPastTimeout(t *testing.T, c1, c2 net.Conn) {
	var echo crowd
	echo.goes(func() { _ = chunked(c2, c2) })
	roundTrip(t, c1)
	require.NoError(t, c1.SetDeadline(longAgo))
	for _, op := range []func([]byte) (int, error){c1.Write, c1.Read} {
		n, err := op(make([]byte, 1024))
		require.Zero(t, n)
		mustTimeOut(t, err)
	}
	roundTrip(t, c1)
}

func greenPresentTimeout(t *testing.T, c1, _ net.Conn) {
	set := false
	var c crowd
	c.goes(func() {
		require.NoError(t, gevent.Sleep(20*time.Millisecond))
		set = true
		require.NoError(t, c1.SetReadDeadline(longAgo))
		require.NoError(t, c1.SetWriteDeadline(longAgo))
	})
	c.goes(func() {
		n, err := c1.Read(make([]byte, 1024))
		require.Zero(t, n)
		mustTimeOut(t, err)
		require.True(t, set)
	})
	c.goes(func() {
		mustTimeOut(t, writeUntilError(c1))
		require.True(t, set)
	})
	c.wait(t)
}

func writeUntilError(c net.Conn) (err error) {
	for err == nil {
		_, err = c.Write(make([]byte, 1024))
	}
	return err
}

func greenFutureTimeout(t *testing.T, c1, c2 net.Conn) {
	require.NoError(t, c1.SetDeadline(soon(20*time.Millisecond)))
	var c crowd
	c.goes(func() {
		_, err := c1.Read(make([]byte, 1024))
		mustTimeOut(t, err)
	})
	c.goes(func() { mustTimeOut(t, writeUntilError(c1)) })
	c.wait(t)
	c.goes(func() { _ = chunked(c2, c2) })
	resync(t, c1)
	roundTrip(t, c1)
}

func greenCloseTimeout(t *testing.T, c1, c2 net.Conn) {
	var echo, c crowd
	echo.goes(func() { _ = chunked(c2, c2) })
	require.NoError(t, c1.SetDeadline(neverTimeout))
	c.goes(func() {
		require.NoError(t, gevent.Sleep(20*time.Millisecond))
		require.NoError(t, c1.Close())
	})
	c.goes(func() { require.ErrorIs(t, chunked(io.Discard, c1), net.ErrClosed) })
	c.goes(func() { require.ErrorIs(t, writeUntilError(c1), net.ErrClosed) })
	c.wait(t)
}

func greenConcurrentMethods(t *testing.T, c1, c2 net.Conn) {
	var echo, c crowd
	echo.goes(func() { _ = chunked(c2, c2) })
	for range 100 {
		c.goes(func() { _, _ = c1.Read(make([]byte, 1024)) })
		c.goes(func() { _, _ = c1.Write(make([]byte, 1024)) })
		c.goes(func() { _ = c1.SetDeadline(soon(10 * time.Millisecond)) })
		c.goes(func() { _ = c1.SetReadDeadline(longAgo) })
		c.goes(func() { _ = c1.SetWriteDeadline(longAgo) })
		c.goes(func() { c1.LocalAddr() })
		c.goes(func() { c1.RemoteAddr() })
	}
	c.wait(t)
	resync(t, c1)
	roundTrip(t, c1)
}

func soon(d time.Duration) time.Time { return time.Now().Add(d) }

// A crowd is a number of greenlets that are joined together, as a sync.WaitGroup's goroutines are.
type crowd []*gevent.Greenlet

func (c *crowd) goes(fn func()) {
	*c = append(*c, gevent.Spawn(func() error { fn(); return nil }))
}

func (c *crowd) wait(t *testing.T) { require.NoError(t, gevent.JoinAll(*c...)) }

// mustTimeOut checks an error as nettest does.
func mustTimeOut(t *testing.T, err error) {
	t.Helper()
	var n net.Error
	require.ErrorAs(t, err, &n)
	require.True(t, n.Timeout(), err)
}

func TestConnInGreenlets(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, c1, c2 net.Conn){
		"BasicIO": greenBasicIO, "PingPong": greenPingPong,
		"RacyRead": greenRacyRead, "RacyWrite": greenRacyWrite,
		"ReadTimeout": greenReadTimeout, "WriteTimeout": greenWriteTimeout,
		"PastTimeout": greenPastTimeout, "PresentTimeout": greenPresentTimeout,
		"FutureTimeout": greenFutureTimeout, "CloseTimeout": greenCloseTimeout,
		"ConcurrentMethods": greenConcurrentMethods,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := shaken(t)
				test(t, a, b)
				a.Close() // then those that the test has left working end, too
				b.Close()
				until(t, func() bool { return gevent.GetHub().Stats().Live == 1 })
				return nil
			})
		})
	}
}

// roundTrip writes and reads back; the other end echoes.
func roundTrip(t *testing.T, c net.Conn) {
	require.NoError(t, c.SetDeadline(neverTimeout))
	talk(t, c, c, "Hello, world!")
}

// resync reads until the mark comes back that it has sent behind all else.
func resync(t *testing.T, c net.Conn) {
	require.NoError(t, c.SetDeadline(neverTimeout))
	mark := gevent.Spawn(func() error { _, err := c.Write([]byte{0xff}); return err })
	buf := make([]byte, 1024)
	for {
		n, err := c.Read(buf)
		require.NoError(t, err)
		if n > 0 && bytes.IndexByte(buf[:n], 0xff) == n-1 {
			break
		}
	}
	require.NoError(t, mark.Get())
}
