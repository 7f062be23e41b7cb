//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A connection of which nothing but the length of a long message has come is moved with that.
func TestMovedAfterALength(t *testing.T) {
	const size = 100_000
	inHub(t, func() {
		for _, sent := range []int{size, size - 1} {
			c, other := wire(t)
			_, err := other.Write([]byte{0, size >> 16, size >> 8 & 0xff, size & 0xff})
			require.NoError(t, err)
			for c.in.long == nil {
				_, err = c.RecvBytesTimeout(0)
				require.Equal(t, gevent.ErrTimeout, err)
			}
			r, s, err := Pipe[*Connection]()
			require.NoError(t, err)
			require.NoError(t, s.Send(c))
			moved, err := r.Recv()
			require.NoError(t, err)
			sender := gevent.Spawn(func() error {
				_, err := other.Write(make([]byte, sent))
				other.Close()
				return err
			})
			b, err := moved.RecvBytes()
			if sent == size {
				require.NoError(t, err)
				require.Len(t, b, size)
			} else {
				require.Equal(t, io.ErrUnexpectedEOF, err)
			}
			require.NoError(t, sender.Get())
			for _, c := range []io.Closer{moved, r, s} {
				require.NoError(t, c.Close())
			}
		}
	})
}

type carriedBoth struct {
	Typed *Receiver[int]
	Bare  *Connection
	Also  *Receiver[int]
}

// A connection is not both a bare one and the inside of another end: nobody would know who receives what.
func TestMovedTwiceInTwoForms(t *testing.T) {
	inHub(t, func() {
		for _, first := range []bool{true, false} {
			x, y, err := Pipe[int]()
			require.NoError(t, err)
			r, s, err := Pipe[carriedBoth]()
			require.NoError(t, err)
			v := carriedBoth{Bare: x.Connection, Also: x}
			if first {
				v.Typed, v.Also = x, nil
			}
			require.NoError(t, s.Send(v))
			_, err = r.Recv()
			require.ErrorIs(t, err, errTwice)
			require.ErrorContains(t, y.Send(1), "pipe", "it is closed")
			for _, c := range []io.Closer{y, r, s} {
				require.NoError(t, c.Close())
			}
		}
	})
}

type carriedPicky struct{ how string }

func (p *carriedPicky) GobEncode() ([]byte, error) {
	if p.how == "parks" {
		gevent.Yield()
	}
	return []byte(p.how), nil
}

func (p *carriedPicky) GobDecode(b []byte) error {
	if p.how = string(b); p.how == "panic" {
		panic("made for a test")
	}
	return nil
}

type carriedValue struct {
	N     int
	Picky carriedPicky
}

// A decoder's panic leaves nothing of its value in the next one.
func TestNothingIsLeftOfAPanic(t *testing.T) {
	panics, well := carriedValue{1, carriedPicky{"panic"}}, carriedValue{0, carriedPicky{"well"}}
	inHub(t, func() {
		r, s, err := Pipe[carriedValue]()
		require.NoError(t, err)
		require.NoError(t, s.Send(panics))
		require.NoError(t, s.Send(well))
		require.Panics(t, func() { _, _ = r.Recv() })
		v, err := r.Recv()
		require.NoError(t, err)
		require.Equal(t, well, v)

		q, err := NewQueue[carriedValue](0)
		require.NoError(t, err)
		require.NoError(t, q.Put(panics))
		require.NoError(t, q.Put(well))
		require.Panics(t, func() { _, _ = q.Get() })
		v, err = q.Get()
		require.NoError(t, err)
		require.Equal(t, well, v)
		for _, c := range []io.Closer{r, s, q} {
			require.NoError(t, c.Close())
		}
	})
}

// A GobEncode that parks would stop the thread for ever if another greenlet encodes then.
func TestEncoderThatParks(t *testing.T) {
	inHub(t, func() {
		r, s, err := Pipe[carriedValue]()
		require.NoError(t, err)
		x, y, err := Pipe[carriedValue]()
		require.NoError(t, err)
		parks := gevent.Spawn(func() error { return s.Send(carriedValue{0, carriedPicky{"parks"}}) })
		other := gevent.Spawn(func() error {
			require.PanicsWithValue(t, textParked, func() { _ = y.Send(carriedValue{}) })
			return nil
		})
		require.NoError(t, other.Get())
		require.NoError(t, parks.Get())
		require.NoError(t, y.Send(carriedValue{}))
		for _, c := range []io.Closer{r, s, x, y} {
			require.NoError(t, c.Close())
		}
	})
}
