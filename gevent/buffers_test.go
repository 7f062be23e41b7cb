//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"io"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// buffersOf cuts data into pieces of the size, with empty ones between.
func buffersOf(data []byte, size int) net.Buffers {
	var v net.Buffers
	for piece := range slices.Chunk(data, size) {
		v = append(v, nil, piece)
	}
	return append(v, []byte{})
}

// What arrives is what was written, in order, however it is cut, and the buffers are used up.
func TestWriteBuffers(t *testing.T) {
	for kind, open := range streamPairs {
		for _, c := range []struct{ size, piece int }{{0, 1}, {1, 1}, {3000, 1}, {100_000, 17}, {4 << 20, 1000}, {4 << 20, 3 << 20}} {
			run(t, func() error {
				a, b := open(t)
				data := pattern(c.size)
				reader := readAll(b)
				v := buffersOf(data, c.piece)
				kept := v
				n, err := a.WriteBuffers(&v)
				require.NoError(t, err, kind)
				require.EqualValues(t, c.size, n)
				require.Empty(t, v)
				for _, b := range kept {
					require.Nil(t, b, "what was written is not kept alive")
				}
				closeAll(t, a)
				got, err := reader.Get()
				require.NoError(t, err)
				require.True(t, bytes.Equal(data, got))
				closeAll(t, b)
				return nil
			})
		}
	}
}

// Whatever ends it early, what is left in the buffers is what has not been written.
func TestWriteBuffersEndsEarly(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(a *streamConn, g *Greenlet)
		want error
	}{
		"deadline": {func(a *streamConn, _ *Greenlet) { _ = a.SetWriteDeadline(in(-1)) }, os.ErrDeadlineExceeded},
		"close":    {func(a *streamConn, _ *Greenlet) { _ = a.Close() }, net.ErrClosed},
		"throw":    {func(_ *streamConn, g *Greenlet) { throw(g, errMade) }, errMade},
		"kill":     {func(_ *streamConn, g *Greenlet) { g.KillAsync() }, ErrExit},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := pair(t)
				data := pattern(8 << 20)
				v := buffersOf(data, 10_000)
				var n int64
				g := Spawn(func() (err error) {
					n, err = a.WriteBuffers(&v)
					return err
				})
				parked(t, g)
				c.end(&a.streamConn, g)
				require.ErrorIs(t, g.Get(), c.want)
				_ = a.Close()
				got, err := io.ReadAll(b)
				require.NoError(t, err)
				left := slices.Concat(v...)
				require.True(t, bytes.Equal(data, append(got, left...)), "%d came, %d are left", len(got), len(left))
				if name != "kill" {
					require.Len(t, got, int(n))
				}
				closeAll(t, b)
				return nil
			})
		})
	}
}

func TestWriteBuffersTakesTurns(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		var gs []*Greenlet
		const size = 3 << 20
		for _, letter := range "xyz" {
			data := bytes.Repeat([]byte{byte(letter)}, size)
			v := buffersOf(data, 5000)
			gs = append(gs, Spawn(func() error { return valueless(a.WriteBuffers(&v)) }),
				Spawn(func() error { return valueless(a.Write(data)) }))
		}
		reader := readAll(b)
		require.NoError(t, JoinAll(gs...))
		closeAll(t, a)
		got, err := reader.Get()
		require.NoError(t, err)
		require.Equal(t, "xxyyzz", string(squeeze(got, size)))
		closeAll(t, b)
		return nil
	})
}

// squeeze returns one byte for each run of size equal ones.
func squeeze(b []byte, size int) (runs []byte) {
	for run := range slices.Chunk(b, size) {
		if bytes.Count(run, run[:1]) == len(run) {
			runs = append(runs, run[0])
		} else {
			runs = append(runs, '?')
		}
	}
	return runs
}

func TestWriteBuffersOnAGoroutine(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		data := pattern(1 << 20)
		reader := readAll(b)
		require.NoError(t, outsideErr(func() error {
			v := buffersOf(data, 1000)
			n, err := a.WriteBuffers(&v)
			if int(n) != len(data) || len(v) != 0 {
				t.Error(n, len(v))
			}
			return err
		}))
		closeAll(t, a)
		got, err := reader.Get()
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
		_, err = a.WriteBuffers(&net.Buffers{[]byte("x")})
		require.ErrorIs(t, err, net.ErrClosed)
		closeAll(t, b)
		return nil
	})
}

// A header and a body, as protocols write them: at once, and one after the other.
func BenchmarkWriteBuffers(b *testing.B) {
	for name, write := range map[string]func(c *TCPConn, v net.Buffers) error{
		"writev": func(c *TCPConn, v net.Buffers) error { return valueless(c.WriteBuffers(&v)) },
		"writes": func(c *TCPConn, v net.Buffers) error { return valueless(v.WriteTo(c)) },
	} {
		b.Run(name, func(b *testing.B) {
			bench(b, func() {
				c, s := pair(b)
				v := net.Buffers{make([]byte, 100), make([]byte, 1000), make([]byte, 2)}
				message, own := make([]byte, 1102), make(net.Buffers, len(v))
				for b.Loop() {
					copy(own, v)
					if err := write(c, own); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(s, message); err != nil {
						b.Fatal(err)
					}
				}
				closeAll(b, c, s)
			})
		})
	}
}
