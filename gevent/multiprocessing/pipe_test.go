//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type point struct{ X, Y float64 }

type hidden struct {
	A int32
	_ int32 // it keeps encoding/binary off
}

// through sends a value and receives it.
func through[T any](t *testing.T, v T) {
	t.Helper()
	r, s := pipe[T](t)
	require.NoError(t, s.Send(v))
	require.Equal(t, v, got[T](t)(r.Recv()))
	closeAll(t, r, s)
}

func TestValuesOfAllKinds(t *testing.T) {
	gob.Register(point{})
	run(t, func() error {
		through(t, "")
		through(t, strings.Repeat("x", 100_000))
		through(t, []byte("bytes"))
		through(t, -5)
		through(t, int64(math.MinInt64))
		through(t, 1.5)
		through(t, true)
		through(t, struct{}{})
		through(t, point{1, 2})
		through(t, [3]point{{1, 2}, {3, 4}, {5, 6}})
		through(t, hidden{A: 5})
		through(t, map[string][]int{"a": {1, 2}})
		through(t, &point{1, 2})
		through(t, time.Unix(1, 2).UTC())
		through(t, []any{1, "a", point{1, 2}})
		through[any](t, point{1, 2})
		through[any](t, nil)
		through(t, uint(7))
		return nil
	})
}

func TestValuesThatCannotTravel(t *testing.T) {
	run(t, func() error {
		r, s := pipe[any](t)
		require.ErrorContains(t, s.Send(func() {}), "mp: cannot send a interface {}: gob: ")
		require.NoError(t, s.Send("next"))
		require.Equal(t, "next", got[any](t)(r.Recv()))
		closeAll(t, r, s)

		n, m := pipe[int](t) // bytes that are no value are lost, those behind them are not
		require.NoError(t, m.SendBytes([]byte("x")))
		require.NoError(t, m.Send(2))
		_, err := n.Recv()
		require.ErrorContains(t, err, "mp: cannot receive a int: ")
		require.Equal(t, 2, got[int](t)(n.Recv()))
		_, err = gobOf(n)
		require.ErrorContains(t, err, "travels only in the arguments")
		closeAll(t, n, m)
		return nil
	})
}

func gobOf(v any) (string, error) {
	var b strings.Builder
	err := gob.NewEncoder(&b).Encode(v)
	return b.String(), err
}

func TestOwnCodec(t *testing.T) {
	run(t, func() error {
		toJSON := func(p point) ([]byte, error) { return json.Marshal(p) }
		ofJSON := func(b []byte) (p point, err error) { return p, json.Unmarshal(b, &p) }
		r, s := pipe[point](t)
		s.WithCodec(toJSON)
		require.NoError(t, s.Send(point{1, 2}))
		require.Equal(t, `{"X":1,"Y":2}`, string(got[[]byte](t)(r.RecvBytes())))
		r.WithCodec(ofJSON)
		require.NoError(t, s.Send(point{3, 4}))
		require.Equal(t, point{3, 4}, got[point](t)(r.Recv()))
		require.ErrorContains(t, s.Send(point{math.NaN(), 0}), "unsupported value")
		require.Panics(t, func() { s.WithCodec(nil) })
		require.Panics(t, func() { r.WithCodec(nil) })

		ours, theirs := duplex[string, string](t) // functions do not travel
		codec := func(v string) ([]byte, error) { return []byte("<" + v + ">"), nil }
		decodec := func(b []byte) (string, error) { return strings.Trim(string(b), "<>"), nil }
		ours.WithCodec(codec, decodec)
		theirs.WithCodec(codec, decodec)
		p := begin(t, needsCodec, theirs)
		require.NoError(t, ours.Send("hello"))
		require.Equal(t, "mp: the other process gave this end a codec of its own: call WithCodec here, too; hello",
			got[string](t)(ours.Recv()))
		ends(t, p, 0)
		closeAll(t, r, s, ours)
		return nil
	})
}

var needsCodec = mp.Define("needs a codec", func(c *mp.Conn[string, string]) error {
	_, without := c.Recv()
	if err := c.Send("x"); err == nil {
		return errMade
	}
	c.WithCodec(func(v string) ([]byte, error) { return []byte("<" + v + ">"), nil },
		func(b []byte) (string, error) { return strings.Trim(string(b), "<>"), nil })
	v, err := c.Recv()
	return errors.Join(err, c.Send(without.Error()+"; "+v))
})

func TestAll(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		gevent.Spawn(func() error {
			for n := range 5 {
				if err := s.Send(n); err != nil {
					return err
				}
			}
			return s.Close()
		})
		sum := 0
		for n, err := range r.All() {
			require.NoError(t, err)
			sum += n
		}
		require.Equal(t, 10, sum)
		for range r.All() {
			t.Error("there is nothing")
		}
		require.NoError(t, r.Close())
		for _, err := range r.All() {
			require.ErrorIs(t, err, mp.ErrClosed)
		}
		return nil
	})
}

var echoes = mp.Define("echoes", func(c *mp.Conn[[]byte, []byte]) error {
	for b, err := range c.All() {
		if err != nil {
			return err
		}
		if err := c.Send(b); err != nil {
			return err
		}
	}
	return nil
})

func TestEchoOfAProcess(t *testing.T) {
	run(t, func() error {
		ours, theirs := duplex[[]byte, []byte](t)
		p := begin(t, echoes, theirs)
		require.ErrorIs(t, val(theirs.Recv()), mp.ErrMoved)
		require.ErrorIs(t, theirs.Send(nil), mp.ErrMoved)
		_, err := echoes.Start(theirs)
		require.ErrorIs(t, err, mp.ErrMoved)
		for _, n := range sizes {
			g := gevent.Spawn(func() error { return ours.Send(make([]byte, n)) })
			require.Len(t, got[[]byte](t)(ours.Recv()), n)
			require.NoError(t, g.Get())
		}
		require.NoError(t, ours.Close())
		ends(t, p, 0)
		return nil
	})
}

// The other end of who is killed sees the end, and EPIPE.
func TestKilledAtTheOtherEnd(t *testing.T) {
	run(t, func() error {
		ours, theirs := duplex[[]byte, []byte](t)
		p := begin(t, echoes, theirs)
		require.NoError(t, ours.Send([]byte("x")))
		require.Equal(t, "x", string(got[[]byte](t)(ours.Recv())))
		reader := gevent.Spawn(func() error { return val(ours.Recv()) })
		gevent.Yield()
		require.NoError(t, p.Kill())
		require.Equal(t, io.EOF, reader.Get())
		ends(t, p, -int(syscall.SIGKILL))
		require.ErrorIs(t, ours.Send([]byte("x")), syscall.EPIPE)
		require.NoError(t, ours.Close())

		r, s := pipe[[]byte](t) // while we wait for room
		p = begin(t, holds, any(r))
		writer := gevent.Spawn(func() error { return s.Send(make([]byte, 8<<20)) })
		gevent.Yield()
		require.NoError(t, p.Kill())
		require.ErrorIs(t, writer.Get(), syscall.EPIPE)
		ends(t, p, -int(syscall.SIGKILL))

		r, s2 := pipe[[]byte](t) // in the middle of its message
		p = begin(t, floods, s2)
		require.True(t, got[bool](t)(r.Poll(patience)))
		require.Equal(t, gevent.ErrTimeout, val(r.RecvTimeout(0)))
		require.NoError(t, p.Kill())
		require.Equal(t, io.ErrUnexpectedEOF, val(r.Recv()))
		ends(t, p, -int(syscall.SIGKILL))
		closeAll(t, r, s)
		return nil
	})
}

func init() { gob.Register(new(mp.Receiver[[]byte])) }

var (
	holds  = mp.Define("holds", func(any) error { return gevent.Sleep(time.Hour) })
	floods = mp.Define("floods", func(s *mp.Sender[[]byte]) error { return s.Send(make([]byte, 64<<20)) })
)

// A handle that somebody uses is not moved, and nothing is started.
func TestLockedHandle(t *testing.T) {
	run(t, func() error {
		ours, theirs := duplex[[]byte, []byte](t)
		reader := gevent.Spawn(func() error { return val(theirs.Recv()) })
		gevent.Yield()
		_, err := echoes.Start(theirs)
		require.ErrorIs(t, err, mp.ErrLocked)
		require.NoError(t, reader.Kill())
		require.NoError(t, ours.Send([]byte("x")))
		require.Equal(t, "x", string(got[[]byte](t)(theirs.Recv())))
		require.Empty(t, mp.ActiveChildren())
		closeAll(t, ours, theirs)
		return nil
	})
}

type errand struct {
	Greeting string
	Reply    *mp.Sender[string]
	Also     *mp.Sender[string] // the same
	None     *mp.Sender[string]
	Raw      *mp.Connection
	File     mp.File
	Conn     mp.NetConn
	Listener mp.Listener
}

// All kinds of handles in a value: through a pipe to another process.
func TestHandlesInValues(t *testing.T) {
	run(t, func() error {
		ours, theirs := duplex[errand, int](t)
		p := begin(t, runsErrands, theirs)
		for i := range 3 {
			r, s := pipe[string](t)
			a, b := connections(t)
			require.NoError(t, b.SendBytes([]byte("first")))
			require.NoError(t, b.SendBytes([]byte("second")))
			require.Equal(t, "first", string(got[[]byte](t)(a.RecvBytes()))) // the second is in the buffer
			f, err := os.CreateTemp(t.TempDir(), "")
			require.NoError(t, err)
			l, err := gevent.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			one, other, err := gevent.SocketPair()
			require.NoError(t, err)
			e := errand{
				Greeting: "hello", Reply: s, Also: s, Raw: a,
				File: mp.File{File: f}, Conn: mp.NetConn{Conn: one}, Listener: mp.Listener{Listener: l},
			}
			require.NoError(t, ours.Send(e))
			require.ErrorIs(t, s.Send(""), mp.ErrMoved)
			require.ErrorIs(t, a.SendBytes(nil), mp.ErrMoved)
			require.ErrorIs(t, f.Close(), os.ErrClosed)
			require.ErrorIs(t, one.Close(), net.ErrClosed)
			require.ErrorIs(t, l.Close(), net.ErrClosed)

			require.Equal(t, "hello second", got[string](t)(r.Recv()))
			require.Equal(t, "again", got[string](t)(r.Recv()))
			_, err = r.Recv()
			require.Equal(t, io.EOF, err)
			content, err := os.ReadFile(f.Name())
			require.NoError(t, err)
			require.Equal(t, "written", string(content))
			b2 := make([]byte, 9)
			n, err := other.Read(b2)
			require.NoError(t, err)
			require.Equal(t, "conn", string(b2[:n]))
			c, err := gevent.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			n, err = c.Read(b2)
			require.NoError(t, err)
			require.Equal(t, "tcp", string(b2[:n]))
			closeAll(t, r, b, other, c)
			require.Equal(t, i+1, got[int](t)(ours.Recv()))
		}
		require.NoError(t, ours.Close())
		ends(t, p, 0)
		return nil
	})
}

var runsErrands = mp.Define("runs errands", func(c *mp.Conn[int, errand]) error {
	first, n := openFds(), 0
	for e, err := range c.All() {
		if err != nil {
			return err
		}
		second, err := e.Raw.RecvBytes()
		if err != nil {
			return err
		}
		conn, listened := error(nil), error(nil)
		_, written := e.File.WriteString("written")
		_, conn = e.Conn.Write([]byte("conn"))
		err = errors.Join(e.Reply.Send(e.Greeting+" "+string(second)), e.Also.Send("again"), written, conn,
			e.Reply.Close(), e.Raw.Close(), e.File.Close(), e.Conn.Close())
		var in net.Conn
		if in, listened = e.Listener.Accept(); listened == nil {
			_, listened = in.Write([]byte("tcp"))
			err = errors.Join(err, in.Close())
		}
		if err = errors.Join(err, listened, e.Listener.Close()); err != nil {
			return err
		}
		n++
		if left := openFds(); left != first && n > 1 {
			return errors.New("descriptors left in the child")
		}
		if first = openFds(); e.None != nil {
			return errMade
		}
		if err := c.Send(n); err != nil {
			return err
		}
	}
	return nil
})

// What is not sent is not moved.
func TestHandlesThatAreNotSent(t *testing.T) {
	run(t, func() error {
		r, s := pipe[*mp.Sender[int]](t)
		x, y := pipe[int](t)
		require.NoError(t, r.Close())
		require.ErrorIs(t, s.Send(y), syscall.EPIPE)
		require.NoError(t, y.Send(3))
		require.Equal(t, 3, got[int](t)(x.Recv()))
		closeAll(t, s, x, y)

		r, s = pipe[*mp.Sender[int]](t) // sent, and received by nobody
		x, y = pipe[int](t)
		require.NoError(t, s.Send(y))
		closeAll(t, r, s)
		_, err := x.Recv()
		require.Equal(t, io.EOF, err)
		return x.Close()
	})
}

// relay is a station of a ring: it passes on what it gets, plus one.
type relay struct {
	In  *mp.Receiver[int]
	Out *mp.Sender[int]
}

func (r *relay) Run() error {
	for n, err := range r.In.All() {
		if err != nil {
			return err
		}
		if err := r.Out.Send(n + 1); err != nil {
			return err
		}
	}
	return nil
}

var relays = mp.DefineType[relay]("relay")

func TestRing(t *testing.T) {
	const stations = 5
	run(t, func() error {
		in, first := pipe[int](t)
		var all []*mp.Process
		for range stations {
			r, s := pipe[int](t)
			all = append(all, begin(t, relays, relay{in, s}))
			in = r
		}
		for round := range 20 {
			require.NoError(t, first.Send(round))
			require.Equal(t, round+stations, got[int](t)(in.Recv()))
		}
		require.NoError(t, first.Close()) // the end goes round, too
		_, err := in.Recv()
		require.Equal(t, io.EOF, err)
		for _, p := range all {
			ends(t, p, 0)
		}
		return in.Close()
	})
}

// A child looks up names, and has Offload: its hub is whole.
func TestHubOfAChild(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		p := begin(t, offloads, s)
		require.Equal(t, 7, got[int](t)(r.Recv()))
		ends(t, p, 0)
		return r.Close()
	})
}

var offloads = mp.Define("offloads", func(s *mp.Sender[int]) error {
	n, err := gevent.Offload(func() (int, error) { return 7, nil })
	return errors.Join(err, s.Send(n))
})
