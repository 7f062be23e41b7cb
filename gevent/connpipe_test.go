package gevent

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"
)

// TestConn of package nettest, as it is, on goroutines, without any hub.
func TestConnPipeOnGoroutines(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = ConnPipe()
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
	noGoroutines(t)
}

// A Write is over when all of it has been read, in however many pieces.
func TestConnPipeIsSynchronous(t *testing.T) {
	virtual(t, func() error {
		a, b := ConnPipe()
		writer := Go(func() (int, error) { return a.Write([]byte("abcdef")) })
		parked(t, &writer.Greenlet)
		for _, want := range []string{"ab", "cd"} {
			mustReadFrom(t, b, want)
			require.NoError(t, Sleep(1))
			parked(t, &writer.Greenlet)
		}
		mustReadFrom(t, b, "ef")
		n, err := writer.Get()
		require.NoError(t, err)
		require.Equal(t, 6, n)
		return errors.Join(a.Close(), b.Close())
	})
}

func mustReadFrom(t testing.TB, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(r, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// Nothing of a Write that has ended early is read later, and it says how much was.
func TestConnPipeWriteEndsEarly(t *testing.T) {
	for how, c := range map[string]struct {
		end  func(a, b net.Conn, g *Greenlet)
		want error
	}{
		"deadline":     {func(a, _ net.Conn, _ *Greenlet) { _ = a.SetWriteDeadline(time.Now().Add(-1)) }, os.ErrDeadlineExceeded},
		"close":        {func(a, _ net.Conn, _ *Greenlet) { _ = a.Close() }, net.ErrClosed},
		"other closed": {func(_, b net.Conn, _ *Greenlet) { _ = b.Close() }, io.ErrClosedPipe},
		"throw":        {func(_, _ net.Conn, g *Greenlet) { throw(g, errMade) }, errMade},
		"kill":         {func(_, _ net.Conn, g *Greenlet) { g.KillAsync() }, ErrExit},
	} {
		t.Run(how, func(t *testing.T) {
			virtual(t, func() error {
				a, b := ConnPipe()
				n := 0
				g := Spawn(func() (err error) {
					n, err = a.Write([]byte("abcdef"))
					return err
				})
				next := Spawn(func() error { return valueless(a.Write([]byte("xyz"))) })
				parked(t, g, next)
				mustReadFrom(t, b, "ab")
				c.end(a, b, g)
				require.ErrorIs(t, g.Get(), c.want)
				if how != "kill" {
					require.Equal(t, 2, n)
				}
				if how == "throw" || how == "kill" {
					mustReadFrom(t, b, "xyz")
					require.NoError(t, next.Get())
				} else {
					require.ErrorIs(t, next.Get(), c.want)
				}
				_ = a.Close()
				_ = b.Close()
				return nil
			})
		})
	}
}

// A deadline is reached on the clock of the greenlet's hub.
func TestConnPipeDeadlineOnTheHubsClock(t *testing.T) {
	virtual(t, func() error {
		a, b := ConnPipe()
		h := GetHub()
		for _, op := range []func([]byte) (int, error){a.Read, a.Write} {
			require.NoError(t, a.SetDeadline(time.Now().Add(time.Hour)))
			began := h.sched.Now()
			_, err := op(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.InDelta(t, time.Hour, h.sched.Now()-began, float64(time.Minute))
			_, err = op(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "it stays")
		}
		require.NoError(t, a.SetDeadline(time.Time{}))
		reader := Spawn(func() error { return valueless(a.Read(make([]byte, 1))) })
		parked(t, reader)
		require.NoError(t, a.SetReadDeadline(time.Now().Add(time.Second)), "moved while it waits")
		require.ErrorIs(t, reader.Get(), os.ErrDeadlineExceeded)
		_, err := a.Write(nil)
		require.NoError(t, err)
		return errors.Join(a.Close(), b.Close())
	})
}

// An error that ends no wait of the pipe's is passed on as it is, a timeout of the greenlet's own too.
func TestConnPipeInATimeout(t *testing.T) {
	virtual(t, func() error {
		a, b := ConnPipe()
		require.NoError(t, a.SetDeadline(time.Now().Add(time.Hour)))
		err := WithTimeout(time.Second, func() error { return valueless(a.Read(make([]byte, 1))) })
		require.ErrorIs(t, err, ErrTimeout)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		return errors.Join(a.Close(), b.Close())
	})
}

func TestConnPipeClose(t *testing.T) {
	virtual(t, func() error {
		a, b := ConnPipe()
		reader := Spawn(func() error { return valueless(b.Read(make([]byte, 1))) })
		own := Spawn(func() error { return valueless(a.Read(make([]byte, 1))) })
		parked(t, reader, own)
		require.NoError(t, a.Close())
		require.Equal(t, io.EOF, reader.Get())
		require.ErrorIs(t, own.Get(), net.ErrClosed)
		require.ErrorIs(t, a.Close(), net.ErrClosed)
		require.ErrorIs(t, a.SetDeadline(time.Time{}), net.ErrClosed)
		require.ErrorIs(t, valueless(a.Write(nil)), net.ErrClosed)
		require.ErrorIs(t, valueless(b.Write([]byte("x"))), io.ErrClosedPipe)
		require.Equal(t, []string{"pipe", "pipe"}, []string{b.LocalAddr().Network(), b.RemoteAddr().String()})
		return b.Close()
	})
}

// A greenlet and a goroutine, and greenlets of two hubs, at the two ends.
func TestConnPipeBetweenThreads(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 20_000)
	copied := func(c net.Conn) ([]byte, error) {
		defer c.Close()
		return io.ReadAll(c)
	}
	virtual(t, func() error {
		a, b := ConnPipe()
		got := make(chan []byte, 2)
		go func() {
			all, _ := copied(b)
			got <- all
		}()
		c, d := ConnPipe()
		ended := make(chan error, 1)
		go func() {
			ended <- Run(func() error {
				all, err := copied(d)
				got <- all
				return err
			})
		}()
		for _, end := range []net.Conn{a, c} {
			n, err := io.Copy(end, bytes.NewReader(data))
			require.NoError(t, err)
			require.EqualValues(t, len(data), n)
			require.NoError(t, end.Close())
		}
		_, err := await(func() (any, error) { return nil, <-ended })
		require.NoError(t, err)
		for range 2 {
			all, err := await(func() ([]byte, error) { return <-got, nil })
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, all))
		}
		return nil
	})
}

func BenchmarkConnPipe(b *testing.B) {
	for name, open := range map[string]func() (net.Conn, net.Conn){"ours": ConnPipe, "net.Pipe": net.Pipe} {
		b.Run(name, func(b *testing.B) {
			c, s := open()
			echo := func() error { return valueless(io.Copy(plainOut{s}, s)) }
			talk := func() {
				message := make([]byte, 64)
				for b.Loop() {
					if _, err := c.Write(message); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(c, message); err != nil {
						b.Fatal(err)
					}
				}
				c.Close()
			}
			b.ReportAllocs()
			if name == "ours" {
				require.NoError(b, Run(func() error { Spawn(echo); talk(); return nil }))
				return
			}
			go echo() //nolint:errcheck // it ends with the pipe
			talk()
		})
	}
}

// plainOut hides what a connection can do beside writing.
type plainOut struct{ io.Writer }

var _ = func() bool {
	addRow("pipeEnd.Read", suiteRow{real: true, fresh: func(t *testing.T) interruptible {
		a, b := ConnPipe()
		var writers []*Greenlet
		put := func() { writers = append(writers, Spawn(func() error { return valueless(b.Write([]byte("x"))) })) }
		return interruptible{
			call:  func() error { return backed(valueless(a.Read(make([]byte, 9))), put) },
			admit: put, later: true,
			close: func() { require.NoError(t, a.Close()) }, closed: net.ErrClosed,
			done: func(t *testing.T) {
				mustReadFrom(t, a, "x") // the last one
				require.NoError(t, JoinAll(writers...))
				require.NoError(t, errors.Join(a.Close(), b.Close()))
			},
		}
	}})
	return addRow("pipeEnd.Write", suiteRow{real: true, fresh: func(t *testing.T) interruptible {
		a, b := ConnPipe()
		wrote := 0
		var reader *Result[int64]
		return interruptible{
			call:  func() error { return backed(valueless(a.Write([]byte("y"))), func() { wrote++ }) },
			admit: func() { reader = Go(func() (int64, error) { return io.Copy(io.Discard, b) }) }, later: true,
			close: func() { require.NoError(t, a.Close()) }, closed: net.ErrClosed,
			done: func(t *testing.T) {
				require.NoError(t, a.Close())
				n, err := reader.Get()
				require.NoError(t, err)
				require.EqualValues(t, wrote, n)
				require.NoError(t, b.Close())
			},
		}
	}})
}()
