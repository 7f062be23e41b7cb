//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type load struct {
	Data []byte
	Out  *mp.Sender[int]
}

// A handle goes with the first byte: what is interrupted later has moved it, what is withdrawn has not.
func TestHandleOfAnInterruptedSend(t *testing.T) {
	run(t, func() error {
		r, s := pipe[load](t)
		x, y := pipe[int](t)
		require.Equal(t, gevent.ErrTimeout, s.SendTimeout(time.Millisecond, load{make([]byte, 8<<20), y}))
		require.ErrorIs(t, y.Send(1), mp.ErrMoved)
		v, w := pipe[int](t) // behind it there is no room
		require.Equal(t, gevent.ErrTimeout, s.SendTimeout(time.Millisecond, load{nil, w}))
		require.NoError(t, w.Send(2))
		require.Equal(t, 2, got[int](t)(v.Recv()))

		l := got[load](t)(r.Recv())
		require.Len(t, l.Data, 8<<20)
		require.NoError(t, l.Out.Send(3))
		require.Equal(t, 3, got[int](t)(x.Recv()))
		closeAll(t, r, s, x, l.Out, v, w)
		return nil
	})
}

// A connection takes along what it has read and nobody has received: bytes, a part of a message, descriptors.
func TestMovedWithWhatItHasRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	run(t, func() error {
		f, err := os.Create(name)
		require.NoError(t, err)
		a, b := connections(t)
		require.NoError(t, a.SendBytes([]byte("before")))
		require.NoError(t, a.SendFile(f))
		require.Equal(t, "before", string(got[[]byte](t)(b.RecvBytes())))
		p := begin(t, takesFile, b)
		sender := gevent.Spawn(func() error { return a.SendBytes(make([]byte, 4<<20)) })
		require.Equal(t, "8 done", string(got[[]byte](t)(a.RecvBytes())))
		require.NoError(t, sender.Get())
		ends(t, p, 0)
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "from the child", string(content))
		closeAll(t, f, a)

		a, b = connections(t) // in the middle of a message
		sender = gevent.Spawn(func() error { return a.SendBytes(make([]byte, 4<<20)) })
		gevent.Yield()
		require.Equal(t, gevent.ErrTimeout, val(b.RecvBytesTimeout(0)))
		p = begin(t, takesLong, b)
		require.NoError(t, sender.Get())
		require.Equal(t, "4194304", string(got[[]byte](t)(a.RecvBytes())))
		require.Equal(t, io.EOF, val(a.RecvBytes()))
		ends(t, p, 0)
		return a.Close()
	})
}

var (
	takesFile = mp.Define("takes a file", func(c *mp.Connection) error {
		f, err := c.RecvFile()
		if err != nil {
			return err
		}
		_, err = f.WriteString("from the child")
		b, failed := c.RecvBytes()
		if len(b) != 4<<20 {
			return errMade
		}
		return errors.Join(err, failed, f.Close(), c.SendBytes([]byte("8 done")))
	})
	takesLong = mp.Define("takes a long message", func(c *mp.Connection) error {
		b, err := c.RecvBytes()
		if len(b) != 4<<20 {
			return errMade
		}
		return errors.Join(err, c.SendBytes([]byte("4194304")))
	})
)

// What is twice in a value is one connection there; a bare Connection cannot be.
func TestHandleTwice(t *testing.T) {
	run(t, func() error {
		r, s := pipe[[2]*mp.Connection](t)
		a, b := connections(t)
		require.NoError(t, s.Send([2]*mp.Connection{a, a}))
		require.ErrorContains(t, val(r.Recv()), "may be in a value once")
		require.Equal(t, io.EOF, val(b.RecvBytes()), "it is closed")
		closeAll(t, r, s, b)
		return nil
	})
}

type handleParcel struct {
	Data []byte
	Conn *mp.Connection
}

// While a connection waits to be moved nobody else uses it: what somebody took of it meanwhile would come twice, and what
// somebody sent in part would be cut. If it is not moved it is as it was.
func TestHandleOnItsWay(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		for _, text := range []string{"one", "two", "three"} {
			require.NoError(t, b.SendBytes([]byte(text)))
		}
		require.Equal(t, "one", string(got[[]byte](t)(a.RecvBytes()))) // the others are in the buffer
		untouchable := func() {
			t.Helper()
			require.Equal(t, mp.ErrLocked, val(a.RecvBytes()))
			require.Equal(t, mp.ErrLocked, val(a.Poll(0)))
			require.Equal(t, mp.ErrLocked, a.SendBytes(nil))
			require.Equal(t, mp.ErrLocked, a.Close())
			require.NoError(t, a.Err(), "it is not over")
		}
		r, s := pipe[handleParcel](t)
		first := gevent.Spawn(func() error { return s.Send(handleParcel{Data: make([]byte, 4<<20)}) })
		gevent.Yield()
		send := func() error { return s.Send(handleParcel{Conn: a}) }
		second := gevent.Spawn(send) // there is no room
		gevent.Yield()
		untouchable()
		_, err := takesLong.Start(a)
		require.ErrorIs(t, err, mp.ErrLocked)
		require.NoError(t, second.Kill())
		require.Equal(t, "two", string(got[[]byte](t)(a.RecvBytes())))

		second = gevent.Spawn(send)
		gevent.Yield()
		untouchable()
		require.Len(t, got[handleParcel](t)(r.Recv()).Data, 4<<20)
		moved := got[handleParcel](t)(r.Recv()).Conn
		require.NoError(t, errors.Join(first.Get(), second.Get()))
		require.Equal(t, mp.ErrMoved, val(a.RecvBytes()))
		require.Equal(t, "three", string(got[[]byte](t)(moved.RecvBytes())))
		closeAll(t, r, s, b, moved)
		return nil
	})
}

// The same of the arguments of a process, which is started by a greenlet of its own.
func TestHandleOfAStart(t *testing.T) {
	run(t, func() error {
		ours, theirs := duplex[[]byte, []byte](t)
		require.NoError(t, ours.Send([]byte("one")))
		require.NoError(t, ours.Send([]byte("two")))
		require.Equal(t, "one", string(got[[]byte](t)(theirs.Recv())))
		p := echoes.Process(theirs)
		starter := gevent.Spawn(p.Start)
		meanwhile := gevent.Spawn(func() error {
			require.Zero(t, p.PID())
			require.False(t, starter.Ready())
			return val(theirs.Recv())
		})
		require.Equal(t, mp.ErrLocked, meanwhile.Get())
		require.NoError(t, starter.Get())
		require.Equal(t, "two", string(got[[]byte](t)(ours.Recv())))
		require.NoError(t, ours.Close())
		ends(t, p, 0)
		return nil
	})
}
