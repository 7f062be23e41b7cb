//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A connection that still sends the rest of a message, whose sender is gone, is not moved: it would be cut.
func TestMovedBehindARest(t *testing.T) {
	large := bytes.Repeat([]byte("x"), 4<<20)
	inHub(t, func() {
		a, b, err := NewConnections()
		require.NoError(t, err)
		r, s, err := Pipe[*Connection]()
		require.NoError(t, err)
		sender := gevent.Spawn(func() error { return a.SendBytes(large) })
		gevent.Yield()
		require.True(t, a.out.begun)
		require.NoError(t, sender.Kill())
		for a.out.rest != nil { // the greenlet that sends it has not begun
			require.ErrorIs(t, s.Send(a), ErrLocked)
			gevent.Yield()
		}
		require.False(t, a.out.finisher.Ready())
		require.ErrorIs(t, s.Send(a), ErrLocked)

		got, err := b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, large, got)
		require.NoError(t, a.out.finisher.Join())
		require.NoError(t, s.Send(a))
		moved, err := r.Recv()
		require.NoError(t, err)
		require.NoError(t, moved.SendBytes([]byte("next")))
		got, err = b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, "next", string(got))
		for _, c := range []io.Closer{moved, b, r, s} {
			require.NoError(t, c.Close())
		}
	})
}

type carriedFailing struct{ Panics bool }

func (f *carriedFailing) GobEncode() ([]byte, error) {
	if f.Panics {
		return []byte("p"), nil
	}
	return []byte("e"), nil
}

func (f *carriedFailing) GobDecode(b []byte) error {
	if string(b) == "p" {
		panic("made for a test")
	}
	return errors.New("made for a test")
}

type carriedInVain struct {
	Conn    *Connection
	Typed   *Receiver[int]
	Failing carriedFailing
}

// Of a value that cannot be decoded nothing stays open, also if that ends with a panic: not the connections in it, nor
// the descriptors that have come in those.
func TestCarriedInVain(t *testing.T) {
	inHub(t, func() {
		for _, panics := range []bool{false, true} {
			a, b, err := NewConnections()
			require.NoError(t, err)
			x, y, err := Pipe[int]()
			require.NoError(t, err)
			read, write, err := os.Pipe()
			require.NoError(t, err)
			require.NoError(t, b.SendBytes(nil))
			require.NoError(t, b.SendFile(write))
			require.NoError(t, write.Close())
			_, err = a.RecvBytes()
			require.NoError(t, err)
			require.Len(t, a.in.files, 1)

			r, s, err := Pipe[carriedInVain]()
			require.NoError(t, err)
			require.NoError(t, s.Send(carriedInVain{a, x, carriedFailing{panics}}))
			receive := func() { _, err = r.Recv() }
			if panics {
				require.Panics(t, receive)
			} else {
				receive()
				require.ErrorContains(t, err, "made for a test")
			}
			require.ErrorContains(t, b.SendBytes(nil), "pipe")
			require.ErrorContains(t, y.Send(1), "pipe")
			require.NoError(t, read.SetReadDeadline(time.Now().Add(latchPatience)))
			_, err = read.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			for _, c := range []io.Closer{b, y, read, r, s} {
				require.NoError(t, c.Close())
			}
		}
	})
}

// The items of a JoinableQueue that are lost as a decoder panics are done: nobody else would say so.
func TestCarriedInVainByAQueue(t *testing.T) {
	panics, well := carriedValue{1, carriedPicky{"panic"}}, carriedValue{2, carriedPicky{"well"}}
	inHub(t, func() {
		q, err := NewJoinableQueue[carriedValue](0)
		require.NoError(t, err)
		for _, v := range []carriedValue{panics, well, panics, well, well} {
			require.NoError(t, q.Put(v))
		}
		require.Panics(t, func() { _, _ = q.Get() })
		require.Equal(t, 4, q.Unfinished())
		require.Panics(t, func() { _, _ = q.GetMany(3) })
		require.Equal(t, 1, q.Unfinished())
		v, err := q.Get()
		require.NoError(t, err)
		require.Equal(t, well, v)
		require.Equal(t, gevent.ErrTimeout, q.JoinTimeout(0))
		require.NoError(t, q.TaskDone())
		require.NoError(t, q.JoinTimeout(0))
		require.NoError(t, q.Close())
	})
}
