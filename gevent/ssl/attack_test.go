//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/tls"
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

// What a peer can do to stop a hub whose greenlets use crypto/tls: have one of them wait while it holds a Go lock that another one
// wants. Over plain connections each of these stops the thread for good.

// until parks until cond holds.
func until(t testing.TB, cond func() bool) {
	t.Helper()
	require.NoError(t, gevent.WithTimeout(patience, func() error {
		for !cond() {
			if err := gevent.Sleep(time.Millisecond / 10); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestAttackBadRecord(t *testing.T) {
	run(t, func() error {
		f, c := newForger(t)
		writer := stuck(t, c)
		reader, _ := reads(c)
		f.garble() // the answer is an alert, which has to be written
		err := reader.GetTimeout(patience)
		var alert *net.OpError
		require.ErrorAs(t, err, &alert)
		require.EqualError(t, alert, "local error: tls: bad record MAC")
		alive(t)
		parked(t, writer)
		closeAll(t, c)
		require.ErrorIs(t, writer.GetTimeout(patience), net.ErrClosed)
		closeAll(t, f.to.(io.Closer))
		return nil
	})
}

func TestAttackKeyUpdate(t *testing.T) {
	run(t, func() error {
		f, c := newForger(t)
		writer := stuck(t, c)
		reader, got := reads(c)
		for range 10 {
			f.updateKey() // the answer is another one, which has to be written
			f.send(dataRecord, 'x')
		}
		until(t, func() bool { return got.Len() == 10 })
		alive(t)
		parked(t, writer, reader)
		closeAll(t, c)
		require.ErrorIs(t, writer.GetTimeout(patience), net.ErrClosed)
		require.ErrorIs(t, reader.GetTimeout(patience), net.ErrClosed)
		closeAll(t, f.to.(io.Closer))
		return nil
	})
}

// The answers to key updates do not grow for ever: the connection fails.
func TestAttackKeyUpdateFlood(t *testing.T) {
	run(t, func() error {
		f, c := newForger(t)
		writer := stuck(t, c)
		reader, got := reads(c)
		flood := gevent.Spawn(func() error {
			for !reader.Ready() {
				f.updateKey()
				f.send(dataRecord, 'x')
			}
			return nil
		})
		const text = "ssl: the peer makes us answer, and does not read the answers"
		require.ErrorContains(t, reader.GetTimeout(patience), text)
		require.ErrorContains(t, writer.GetTimeout(patience), text)
		require.Less(t, got.Len(), 2000)
		alive(t)
		_, err := c.Write([]byte("x"))
		require.ErrorContains(t, err, text)
		require.NoError(t, flood.GetTimeout(patience))
		closeAll(t, c, f.to.(io.Closer))
		return nil
	})
}

// A connection that only reads answers key updates, too.
func TestKeyUpdateIsAnswered(t *testing.T) {
	run(t, func() error {
		f, c := newForger(t)
		f.updateKey()
		f.send(dataRecord, 'x')
		b := make([]byte, 9)
		n, err := c.Read(b)
		require.NoError(t, err)
		require.Equal(t, "x", string(b[:n]))
		peer := f.to.(*gevent.TCPConn)
		head := make([]byte, 5)
		_, err = io.ReadFull(peer, head)
		require.NoError(t, err)
		require.Equal(t, []byte{dataRecord, 3, 3, 0, 5 + 1 + 16}, head, "a record of the size of a KeyUpdate")
		closeAll(t, c, peer)
		return nil
	})
}

// The peer is told what was wrong before the Read returns that has found it.
func TestAlertIsSent(t *testing.T) {
	run(t, func() error {
		f, c := newForger(t)
		f.garble()
		_, err := c.Read(make([]byte, 1))
		require.EqualError(t, err, "local error: tls: bad record MAC")
		closeAll(t, c.NetConn())
		peer := f.to.(*gevent.TCPConn)
		record, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.Len(t, record, 5+2+1+16, "an alert")
		closeAll(t, peer)
		return nil
	})
}

func TestAttackTwoWriters(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		w1 := stuck(t, a)
		w2 := stuck(t, a)
		alive(t)
		parked(t, w1, w2)
		closeAll(t, a, b)
		require.ErrorIs(t, w1.GetTimeout(patience), net.ErrClosed)
		require.ErrorIs(t, w2.GetTimeout(patience), net.ErrClosed)
		return nil
	})
}

func TestStateWhileHandshakeHangs(t *testing.T) {
	run(t, func() error {
		a, b := sockets(t) // b says nothing
		c := ssl.Client(a, &tls.Config{InsecureSkipVerify: true})
		g := gevent.Spawn(c.Handshake)
		parked(t, g)
		require.NoError(t, gevent.AssertNoSwitch(func() error {
			require.Equal(t, tls.ConnectionState{}, c.ConnectionState())
			require.Error(t, c.VerifyHostname("server.test"))
			return nil
		}))
		require.Error(t, c.CloseWrite())
		reader, _ := reads(c)
		writer := gevent.Spawn(func() error { _, err := c.Write([]byte("x")); return err })
		parked(t, g, reader, writer)
		alive(t)
		require.NoError(t, c.SetDeadline(time.Unix(1, 0)))
		for _, g := range []*gevent.Greenlet{g, reader, writer} {
			require.ErrorIs(t, g.GetTimeout(patience), os.ErrDeadlineExceeded)
		}
		require.ErrorIs(t, c.Handshake(), os.ErrDeadlineExceeded, "it cannot be made again, as with crypto/tls")
		closeAll(t, c, b)
		return nil
	})
}

func TestCloseWhileFourWait(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		gs := []*gevent.Greenlet{stuck(t, a), stuck(t, a)}
		for range 2 {
			g, _ := reads(a)
			gs = append(gs, g)
		}
		gs = append(gs, gevent.Spawn(a.WaitRead), gevent.Spawn(a.CloseWrite))
		parked(t, gs...)
		require.NoError(t, gevent.AssertNoSwitch(a.Close))
		for _, g := range gs {
			require.ErrorIs(t, g.GetTimeout(patience), net.ErrClosed)
		}
		alive(t)
		require.ErrorIs(t, a.Close(), net.ErrClosed)
		closeAll(t, b)
		return nil
	})
}

func TestCloseWhileHandshakeHangs(t *testing.T) {
	run(t, func() error {
		a, b := sockets(t)
		c := ssl.Server(a, &tls.Config{})
		reader, _ := reads(c)
		gs := []*gevent.Greenlet{gevent.Spawn(c.Handshake), gevent.Spawn(c.Handshake), reader, gevent.Spawn(c.CloseWrite)}
		gevent.Yield()
		require.NoError(t, gevent.AssertNoSwitch(c.Close))
		for _, g := range gs[:3] {
			require.ErrorIs(t, g.GetTimeout(patience), net.ErrClosed)
		}
		require.Error(t, gs[3].GetTimeout(patience))
		closeAll(t, b)
		return nil
	})
}

// Two writers to a peer that reads at last: each text comes in one piece.
func TestWritersTakeTurns(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		const size = 5 << 20
		var writers []*gevent.Greenlet
		for i := range 3 {
			text := make([]byte, size)
			for j := range text {
				text[j] = byte('a' + i)
			}
			writers = append(writers, gevent.Spawn(func() error { _, err := a.Write(text); return err }))
		}
		require.NoError(t, gevent.Idle())
		reader, got := reads(b)
		require.NoError(t, gevent.JoinAll(writers...))
		require.NoError(t, errors.Join(writers[0].Err(), writers[1].Err(), writers[2].Err()))
		require.NoError(t, a.CloseWrite())
		require.NoError(t, reader.GetTimeout(patience))
		require.Equal(t, 3*size, got.Len())
		for i, x := range got.Bytes() {
			if want := byte('a' + i/size); x != want {
				t.Fatalf("byte %d is %c, not %c", i, x, want)
			}
		}
		closeAll(t, a, b)
		return nil
	})
}
