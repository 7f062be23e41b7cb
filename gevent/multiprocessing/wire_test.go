//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// wire returns a connection, and the socket at its other end.
func wire(t *testing.T) (*Connection, *gevent.UnixConn) {
	t.Helper()
	one, other, err := gevent.SocketPair()
	require.NoError(t, err)
	c, err := newConnection(one)
	require.NoError(t, err)
	return c, other
}

func inHub(t *testing.T, main func()) {
	t.Helper()
	require.NoError(t, gevent.Run(func() error { main(); return nil }))
}

// The form of messages is Python's: four bytes of length, or eight behind a mark.
func TestWireForm(t *testing.T) {
	inHub(t, func() {
		c, other := wire(t)
		require.NoError(t, c.SendBytes([]byte("hello")))
		require.NoError(t, c.SendBytes(nil))
		require.NoError(t, c.Close())
		sent, err := io.ReadAll(other)
		require.NoError(t, err)
		require.Equal(t, "\x00\x00\x00\x05hello\x00\x00\x00\x00", string(sent))

		long := address(make([]byte, maxHead), maxShort+1, 0)
		require.Equal(t, "\xff\xff\xff\xff\x00\x00\x00\x00\x80\x00\x00\x00", string(long))
		handles, size, head := parse(long)
		require.Equal(t, []int64{0, maxShort + 1, 12}, []int64{int64(handles), size, int64(head)})
		both := address(make([]byte, maxHead), maxShort+1, 3)
		handles, size, head = parse(both)
		require.Equal(t, []int64{3, maxShort + 1, 20}, []int64{int64(handles), size, int64(head)})
		for n := range both {
			_, size, _ = parse(both[:n])
			require.EqualValues(t, unknown, size, n)
		}
	})
}

// Whatever pieces a stream comes in, the messages are the same; where it ends, the error is.
func TestWirePieces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	inHub(t, func() {
		for range 60 {
			var stream []byte
			var want [][]byte
			for range r.IntN(12) {
				m := bytes.Repeat([]byte{byte(r.Uint32())}, []int{0, 1, r.IntN(50), r.IntN(20_000)}[r.IntN(4)])
				want = append(want, m)
				if r.IntN(3) == 0 {
					stream = binary.BigEndian.AppendUint32(stream, longMark)
					stream = binary.BigEndian.AppendUint64(stream, uint64(len(m)))
				} else {
					stream = binary.BigEndian.AppendUint32(stream, uint32(len(m)))
				}
				stream = append(stream, m...)
			}
			cut := 0
			if len(want) > 0 && r.IntN(2) == 0 { // in the last message
				last := len(want[len(want)-1])
				cut = 1 + r.IntN(last+4)
				want, stream = want[:len(want)-1], stream[:len(stream)-min(cut, last+3)]
			}
			c, other := wire(t)
			sender := gevent.Spawn(func() error {
				for rest := stream; len(rest) > 0; {
					n := 1 + r.IntN([]int{3, 5000}[r.IntN(2)])
					n = min(n, len(rest))
					if _, err := other.Write(rest[:n]); err != nil {
						return err
					}
					rest = rest[n:]
					gevent.Yield()
				}
				return other.Close()
			})
			for i, m := range want {
				got, err := c.RecvBytes()
				require.NoError(t, err)
				require.True(t, bytes.Equal(m, got), i)
			}
			_, err := c.RecvBytes()
			if cut > 0 {
				require.Equal(t, io.ErrUnexpectedEOF, err)
			} else {
				require.Equal(t, io.EOF, err)
			}
			require.NoError(t, sender.Get())
			require.NoError(t, c.Close())
		}
	})
}

// A length that is not true takes no memory, and what is no length at all ends the stream.
func TestWireLies(t *testing.T) {
	lies := map[string]error{
		"\x7f\xff\xff\xff only this":                                       io.ErrUnexpectedEOF,
		"\xff\xff\xff\xff\x00\x00\x0f\xff\xff\xff\xff\xff only this":       io.ErrUnexpectedEOF,
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff":                 ErrTooLarge,
		"\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\x00\x00":                 ErrTooLarge,
		"\xff\xff\xff\xfe\x00\x00\xff\xff\x00\x00\x00\x00":                 ErrTooLarge,
		"\xff\xff\xff\xfe\x00\x00\x00\x01\x00\x00\x00\x03abc":              errLost,
		"\xff\xff\xff\xfe\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00\x00\x01": ErrTooLarge,
		"\xff\xff\xff\xfe\x00\x00\x00":                                     io.ErrUnexpectedEOF,
		"\x00\x00":                                                         io.ErrUnexpectedEOF,
		"\x00\x00\x00\x01":                                                 io.ErrUnexpectedEOF,
	}
	inHub(t, func() {
		for lie, want := range lies {
			c, other := wire(t)
			_, err := other.Write([]byte(lie))
			require.NoError(t, err)
			require.NoError(t, other.CloseWrite())
			for range 2 {
				_, err = c.RecvBytes()
				require.Equal(t, want, err, "%q", lie)
			}
			require.LessOrEqual(t, cap(c.in.long), firstPart)
			require.NoError(t, c.Close())
			other.Close()
		}
	})
}

// Who only waits has no buffer.
func TestWaitingHoldsNoBuffer(t *testing.T) {
	inHub(t, func() {
		c, other := wire(t)
		reader := gevent.Spawn(func() error {
			for {
				if _, err := c.RecvBytes(); err != nil {
					return err
				}
			}
		})
		gevent.Yield()
		require.Nil(t, c.in.block)
		_, err := other.Write([]byte("\x00\x00\x00\x01x\x00\x00"))
		require.NoError(t, err)
		for c.in.block == nil {
			gevent.Yield()
		}
		_, err = other.Write([]byte("\x00\x01x"))
		require.NoError(t, err)
		for c.in.block != nil {
			gevent.Yield()
		}
		other.Close()
		require.Equal(t, io.EOF, reader.Get())
		require.NoError(t, c.Close())
	})
}

// A message that the system fails to take half-way, and once more, is not cut: the rest follows.
func TestWireOfAFailedSend(t *testing.T) {
	inHub(t, func() {
		a, b, err := NewConnections()
		require.NoError(t, err)
		large := bytes.Repeat([]byte("x"), 1<<20)
		failures := 0
		a.push = func(sysfd uintptr) bool {
			if !a.out.begun || failures == 2 {
				return a.tryWrite(sysfd)
			}
			failures++
			a.out.err = syscall.ENOMEM
			return true
		}
		sending := gevent.Spawn(func() error { return a.SendBytes(large) })
		gevent.Yield()
		got, err := b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, large, got)
		require.ErrorIs(t, sending.Get(), syscall.ENOMEM)
		require.Equal(t, 2, failures)
		require.NoError(t, a.SendBytes([]byte("next")))
		got, err = b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, "next", string(got))
		require.NoError(t, a.Close())
		require.NoError(t, b.Close())
	})
}
