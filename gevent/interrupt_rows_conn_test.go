//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The rows of the suite over connections and listeners.

// streamPairs make the two ends of a connection, of each kind.
var streamPairs = map[string]func(t testing.TB) (a, b *streamConn){
	"TCPConn": func(t testing.TB) (*streamConn, *streamConn) {
		a, b := pair(t)
		return &a.streamConn, &b.streamConn
	},
	"UnixConn": func(t testing.TB) (*streamConn, *streamConn) {
		a, b := socketPair(t)
		return &a.streamConn, &b.streamConn
	},
}

func socketPair(t testing.TB) (a, b *UnixConn) {
	t.Helper()
	a, b, err := SocketPair()
	require.NoError(t, err)
	return a, b
}

var _ = func() bool {
	for kind, open := range streamPairs {
		addReal(kind+".Read", func(t *testing.T) interruptible {
			a, b := open(t)
			return readRow(t, a, b, net.ErrClosed)
		})
		addReal(kind+".Write", func(t *testing.T) interruptible {
			a, b := open(t)
			return writeRow(t, a, b, a.Write)
		})
		addReal(kind+".WriteBuffers", func(t *testing.T) interruptible {
			a, b := open(t)
			return writeRow(t, a, b, func(b []byte) (int, error) {
				n, err := a.WriteBuffers(&net.Buffers{b})
				return int(n), err
			})
		})
		addReal(kind+".ReadFrom", func(t *testing.T) interruptible {
			a, b := open(t)
			return writeRow(t, a, b, func(b []byte) (int, error) {
				n, err := a.ReadFrom(bytes.NewReader(b))
				return int(n), err
			})
		})
		addReal(kind+".WriteTo", func(t *testing.T) interruptible {
			a, b := open(t)
			return interruptible{
				call:  func() error { return valueless(a.WriteTo(io.Discard)) },
				admit: func() { closeAll(t, b) },
				close: func() { closeAll(t, a, b) }, closed: net.ErrClosed,
				done: func(t *testing.T) { closeAll(t, a) },
			}
		})
		addReal(kind+".ReadFrom/splice", func(t *testing.T) interruptible {
			a, b := open(t)
			c, d := open(t)
			return interruptible{
				call:  func() error { return valueless(a.ReadFrom(c)) },
				admit: func() { closeAll(t, d) },
				close: func() { closeAll(t, a, b, c, d) }, closed: net.ErrClosed,
				done: func(t *testing.T) { closeAll(t, a, b, c) },
			}
		})
		addReal(kind+".WaitRead", func(t *testing.T) interruptible {
			a, b := open(t)
			i := readRow(t, a, b, net.ErrClosed)
			read := i.call
			i.call = func() error {
				if err := a.WaitRead(); err != nil {
					return err
				}
				return read()
			}
			return i
		})
		addReal(kind+".WaitWrite", func(t *testing.T) interruptible {
			a, b := open(t)
			filled := fillUp(t, a)
			return interruptible{
				call:  a.WaitWrite,
				admit: func() { _, err := io.CopyN(io.Discard, b, int64(filled)); require.NoError(t, err) },
				close: func() { closeAll(t, a, b) }, closed: net.ErrClosed,
				done: func(t *testing.T) { closeAll(t, a, b) },
			}
		})
	}
	return true
}()

// writeRow is the row of a way to write to a, whose other end is b.
func writeRow(t *testing.T, a, b *streamConn, write func([]byte) (int, error)) interruptible {
	const size = 16 << 20 // more than the kernel takes; the others wait behind it
	holder := Spawn(func() error { return valueless(a.Write(make([]byte, size))) })
	parked(t, holder)
	wrote := 0
	var reader *Result[int64]
	return interruptible{
		call:  func() error { return backed(valueless(write([]byte("y"))), func() { wrote++ }) },
		admit: func() { reader = Go(func() (int64, error) { return io.Copy(io.Discard, b) }) },
		close: func() {
			closeAll(t, a, b)
			require.ErrorIs(t, holder.Get(), net.ErrClosed)
		}, closed: net.ErrClosed,
		done: func(t *testing.T) {
			require.NoError(t, holder.Get())
			require.NoError(t, a.Close())
			n, err := reader.Get()
			require.NoError(t, err)
			require.EqualValues(t, size+wrote, n)
			require.NoError(t, b.Close())
		},
	}
}

var _ = func() bool {
	for kind, open := range map[string]func(t testing.TB) net.Listener{
		"TCPListener":  func(t testing.TB) net.Listener { return listen(t) },
		"UnixListener": func(t testing.TB) net.Listener { return listenUnixTemp(t) },
	} {
		addReal(kind+".Accept", func(t *testing.T) interruptible {
			l := open(t)
			var dialled []io.Closer
			dial := func() { // blocks the hub for as long as the kernel needs, which does not wait for Accept
				c, err := net.Dial(l.Addr().Network(), l.Addr().String())
				require.NoError(t, err)
				dialled = append(dialled, c)
			}
			return interruptible{
				call: func() error {
					c, err := l.Accept()
					return backed(err, func() { require.NoError(t, c.Close()); dial() })
				},
				admit: dial,
				close: func() { closeAll(t, l) }, closed: net.ErrClosed,
				check: func(t *testing.T) {
					c, err := l.Accept() // the last one
					require.NoError(t, err)
					closeAll(t, c, l)
					closeAll(t, dialled...)
				},
			}
		})
	}
	return true
}()

// fillUp writes until the kernel takes no more, and returns how much that was.
func fillUp(t *testing.T, c *streamConn) (filled int) {
	for {
		n, err := unix.Write(int(c.fd.sysfd), make([]byte, 64<<10))
		if err == unix.EAGAIN {
			return filled
		}
		require.NoError(t, err)
		filled += n
	}
}
