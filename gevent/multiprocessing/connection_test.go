//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func connections(t testing.TB) (a, b *mp.Connection) {
	t.Helper()
	a, b, err := mp.NewConnections()
	require.NoError(t, err)
	return a, b
}

// sizes are those of messages around all bounds: of the length's forms, of the blocks, of one system call.
var sizes = []int{0, 1, 4, 100, 8187, 8188, 8189, 8192, 8193, 16 << 10, 16<<10 + 1, 100_000,
	1 << 20, 1<<20 + 1, 16 << 20, 0, 3}

func TestMessagesKeepTheirBounds(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		all := make([]byte, 16<<20)
		for i := range all {
			all[i] = byte(i * i >> 8)
		}
		sender := gevent.Spawn(func() error {
			for _, n := range sizes {
				if err := a.SendBytes(all[:n]); err != nil {
					return err
				}
			}
			return a.Close()
		})
		for _, n := range sizes {
			got, err := b.RecvBytes()
			require.NoError(t, err)
			require.Len(t, got, n)
			require.True(t, bytes.Equal(all[:n], got))
		}
		for range 2 {
			_, err := b.RecvBytes()
			require.Equal(t, io.EOF, err)
		}
		require.NoError(t, sender.Get())
		return b.Close()
	})
}

func TestManyMessagesInOneRead(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		r := rand.New(rand.NewPCG(1, 2))
		var want [][]byte
		for range 2000 {
			want = append(want, bytes.Repeat([]byte{byte(r.Uint32())}, r.IntN(300)))
		}
		sender := gevent.Spawn(func() error {
			for _, m := range want {
				if err := a.SendBytes(m); err != nil {
					return err
				}
			}
			return nil
		})
		for i, m := range want {
			got, err := b.RecvBytes()
			require.NoError(t, err)
			require.True(t, bytes.Equal(m, got), i)
		}
		closeAll(t, a, b)
		return sender.Get()
	})
}

func TestRecvInto(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		for _, m := range []string{"hello", "", "longer than that", strings.Repeat("x", 20_000), "end"} {
			require.NoError(t, a.SendBytes([]byte(m)))
		}
		buf := make([]byte, 5)
		n, err := b.RecvInto(buf)
		require.NoError(t, err)
		require.Equal(t, "hello", string(buf[:n]))
		n, err = b.RecvInto(buf)
		require.NoError(t, err)
		require.Zero(t, n)
		for _, want := range []int{16, 20_000} {
			_, err = b.RecvInto(buf)
			var short *mp.BufferTooShortError
			require.ErrorAs(t, err, &short)
			require.Len(t, short.Message, want)
		}
		n, err = b.RecvInto(buf)
		require.NoError(t, err)
		require.Equal(t, "end", string(buf[:n]))

		long, into := bytes.Repeat([]byte("0123456789"), 1<<20), make([]byte, 11<<20) // interrupted half-way
		sender := gevent.Spawn(func() error { return a.SendBytes(long) })
		gevent.Yield()
		require.ErrorIs(t, gevent.WithTimeout(0, func() error { return val(b.RecvInto(into)) }), gevent.ErrTimeout)
		require.Equal(t, long[:1000], into[:1000], "it was on its way")
		clear(into)
		require.NoError(t, val(b.Poll(time.Hour)))
		require.True(t, bytes.Equal(long, got[[]byte](t)(b.RecvBytes())))
		require.NoError(t, sender.Get())
		gevent.Spawn(func() error { return a.SendBytes(long) })
		n, err = b.RecvInto(into)
		require.NoError(t, err)
		require.True(t, bytes.Equal(long, into[:n]))
		closeAll(t, a, b)
		return nil
	})
}

func TestLimit(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		b.SetLimit(10)
		require.NoError(t, a.SendBytes(make([]byte, 10)))
		require.NoError(t, a.SendBytes(make([]byte, 11)))
		_, err := b.RecvBytes()
		require.NoError(t, err)
		for range 2 {
			_, err = b.RecvBytes()
			require.ErrorIs(t, err, mp.ErrTooLarge)
		}
		closeAll(t, a, b)
		return nil
	})
}

func TestEndOfStream(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		require.NoError(t, a.SendBytes([]byte("last")))
		require.NoError(t, a.Close())
		there, err := b.Poll(0)
		require.NoError(t, err)
		require.True(t, there)
		got, err := b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, "last", string(got))
		there, err = b.Poll(0) // at the end, too
		require.NoError(t, err)
		require.True(t, there)
		_, err = b.RecvBytes()
		require.Equal(t, io.EOF, err)
		require.ErrorIs(t, b.SendBytes([]byte("x")), syscall.EPIPE)
		require.NoError(t, b.Close())

		a, b = connections(t) // closed with something unread
		require.NoError(t, b.SendBytes([]byte("unread")))
		require.NoError(t, a.Close())
		_, err = b.RecvBytes()
		require.Equal(t, io.EOF, err)
		require.ErrorIs(t, b.SendBytes([]byte("x")), syscall.EPIPE)
		return b.Close()
	})
}

func TestClosedAndLocked(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		reader := gevent.Spawn(func() error { _, err := b.RecvBytes(); return err })
		second := gevent.Spawn(func() error { _, err := b.RecvBytes(); return err })
		gevent.Yield()
		require.ErrorIs(t, b.Close(), mp.ErrLocked)
		require.NoError(t, reader.Kill())
		require.ErrorIs(t, b.Close(), mp.ErrLocked)
		require.NoError(t, second.Kill())
		require.NoError(t, b.Close())
		for _, err := range []error{b.Close(), b.SendBytes(nil), b.Err(), val(b.RecvBytes()), val(b.RecvInto(nil)), val(b.Poll(0)),
			val(b.Poll(1)), val(b.RecvBytesTimeout(1)), b.SendBytesTimeout(1, nil), val(b.RecvFile()), b.SendFile(os.Stdin)} {
			require.ErrorIs(t, err, mp.ErrClosed)
			require.ErrorIs(t, err, net.ErrClosed)
		}
		require.True(t, b.Ready())
		return a.Close()
	})
}

func val[T any](_ T, err error) error { return err }

func TestOneWay(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		require.ErrorIs(t, r.SendBytes(nil), mp.ErrOneWay)
		require.ErrorIs(t, r.SendFile(os.Stdin), mp.ErrOneWay)
		require.ErrorIs(t, val(s.RecvBytes()), mp.ErrOneWay)
		require.ErrorIs(t, val(s.Poll(0)), mp.ErrOneWay)
		require.ErrorIs(t, val(s.RecvFile()), mp.ErrOneWay)
		closeAll(t, r, s)
		return nil
	})
}

func TestPoll(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		poll := func(d time.Duration) bool { return got[bool](t)(b.Poll(d)) }
		require.False(t, poll(0))
		require.False(t, poll(-1))
		require.False(t, poll(time.Millisecond))
		require.NoError(t, a.SendBytes(nil)) // an empty message is one
		require.NoError(t, a.SendBytes([]byte("x")))
		require.True(t, poll(0))
		require.True(t, poll(time.Hour))
		require.Empty(t, got[[]byte](t)(b.RecvBytes()))
		require.True(t, poll(0), "the second one has been read already")
		require.True(t, b.Ready())
		require.Equal(t, "x", string(got[[]byte](t)(b.RecvBytes())))
		require.False(t, poll(0))
		late := gevent.SpawnLater(time.Millisecond, func() error { return a.SendBytes(nil) })
		require.True(t, poll(time.Hour))
		require.NoError(t, late.Get())
		require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, func() error {
			_, _ = b.RecvBytes()
			return val(b.Poll(time.Hour))
		}), gevent.ErrTimeout)
		closeAll(t, a, b)
		return nil
	})
}

// Who receives in several greenlets gets whole messages, in the order of the calls.
func TestReceiversTakeTurns(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		var order []string
		var all []*gevent.Greenlet
		for i := range 4 {
			all = append(all, gevent.Spawn(func() error {
				for range 3 {
					n, err := r.Recv()
					if err != nil {
						return err
					}
					order = append(order, fmt.Sprint(i, ":", n))
				}
				return nil
			}))
		}
		gevent.Yield()
		require.NoError(t, all[1].Kill())
		for n := range 9 {
			require.NoError(t, s.Send(n))
			gevent.Yield()
		}
		require.NoError(t, gevent.JoinAll(all...))
		require.Equal(t, []string{"0:0", "2:1", "3:2", "0:3", "2:4", "3:5", "0:6", "2:7", "3:8"}, order)
		closeAll(t, r, s)
		return nil
	})
}

// Writers of long messages do not mix them.
func TestSendersTakeTurns(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		for i := range 4 {
			gevent.Spawn(func() error { return a.SendBytes(bytes.Repeat([]byte{byte(i)}, 1<<20)) })
		}
		for i := range 4 {
			m := got[[]byte](t)(b.RecvBytes())
			require.Len(t, m, 1<<20)
			require.Equal(t, 1<<20, bytes.Count(m, []byte{byte(i)}))
		}
		closeAll(t, a, b)
		return nil
	})
}

// A timeout before the first byte takes nothing, one in the middle keeps what has come.
func TestRecvTimeout(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		_, err := b.RecvBytesTimeout(time.Millisecond)
		require.Equal(t, gevent.ErrTimeout, err)
		_, err = b.RecvBytesTimeout(0)
		require.Equal(t, gevent.ErrTimeout, err)
		require.NoError(t, a.SendBytes([]byte("there")))
		require.Equal(t, "there", string(got[[]byte](t)(b.RecvBytesTimeout(0))))

		long := bytes.Repeat([]byte("0123456789"), 1<<20)
		sender := gevent.Spawn(func() error { return a.SendBytes(long) })
		gevent.Yield() // it has filled the socket
		timeouts := 0
		for {
			m, err := b.RecvBytesTimeout(0)
			if err == nil {
				require.True(t, bytes.Equal(long, m))
				break
			}
			require.Equal(t, gevent.ErrTimeout, err)
			timeouts++
			gevent.Yield()
		}
		require.Positive(t, timeouts)
		require.NoError(t, sender.Get())
		err = gevent.WithTimeout(time.Millisecond, func() error { return val(b.RecvBytesTimeout(time.Hour)) })
		require.ErrorIs(t, err, gevent.ErrTimeout)
		closeAll(t, a, b)
		return nil
	})
}

// Whoever is killed, timed out or thrown at in the middle of sending leaves whole messages.
func TestInterruptedSend(t *testing.T) {
	run(t, func() error {
		for _, how := range []string{"kill", "timeout", "throw"} {
			a, b := connections(t)
			long := bytes.Repeat([]byte("0123456789"), 1<<20)
			require.NoError(t, a.SendBytes([]byte("before")))
			buf := bytes.Clone(long)
			first := gevent.Spawn(func() error {
				if how == "timeout" {
					return a.SendBytesTimeout(time.Millisecond, buf)
				}
				return a.SendBytes(buf)
			})
			waits := gevent.Spawn(func() error { return a.SendBytes([]byte("withdrawn")) })
			gevent.Yield()
			require.NoError(t, waits.Kill())
			switch how {
			case "kill":
				require.NoError(t, first.Kill())
			case "throw":
				first.Throw(errMade)
				require.ErrorIs(t, first.Get(), errMade)
			case "timeout":
				require.Equal(t, gevent.ErrTimeout, first.Get())
			}
			clear(buf)         // it is ours again
			if how == "kill" { // the next one finds the rest
				gevent.Spawn(func() error { return a.SendBytes([]byte("after")) })
			}
			require.Equal(t, "before", string(got[[]byte](t)(b.RecvBytes())))
			require.True(t, bytes.Equal(long, got[[]byte](t)(b.RecvBytes())), how)
			if how != "kill" {
				require.NoError(t, a.SendBytes([]byte("after")))
			}
			require.Equal(t, "after", string(got[[]byte](t)(b.RecvBytes())))
			closeAll(t, a, b)
		}
		return nil
	})
}

// The rest of an interrupted message is lost with its end, which the receiver is told.
func TestClosedInTheMiddle(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		require.ErrorIs(t, a.SendBytesTimeout(time.Millisecond, make([]byte, 8<<20)), gevent.ErrTimeout)
		gevent.Yield()
		require.NoError(t, a.Close())
		for range 2 {
			_, err := b.RecvBytes()
			require.Equal(t, io.ErrUnexpectedEOF, err)
		}
		return b.Close()
	})
}

// A killed receiver loses nothing either: the next one goes on in the middle of the message.
func TestInterruptedReceive(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		long := bytes.Repeat([]byte("0123456789"), 1<<20)
		for range 5 {
			reader := gevent.Spawn(func() error { return val(b.RecvBytes()) })
			gevent.Yield()
			sender := gevent.Spawn(func() error { return a.SendBytes(long) })
			gevent.Yield()
			gevent.Yield()
			require.NoError(t, reader.Kill())
			require.True(t, bytes.Equal(long, got[[]byte](t)(b.RecvBytes())))
			require.NoError(t, sender.Get())
		}
		closeAll(t, a, b)
		return nil
	})
}

func TestFiles(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		name := filepath.Join(t.TempDir(), "file")
		f, err := os.Create(name)
		require.NoError(t, err)
		require.NoError(t, a.SendBytes([]byte("before")))
		require.NoError(t, a.SendFile(f))
		require.NoError(t, a.SendBytes([]byte("between")))
		require.NoError(t, a.SendFile(f))
		require.NoError(t, a.SendFile(f))
		require.Equal(t, "before", string(got[[]byte](t)(b.RecvBytes())))
		g := got[*os.File](t)(b.RecvFile())
		require.Equal(t, name, g.Name())
		_, err = g.WriteString("hello")
		require.NoError(t, err)
		_, err = b.RecvFile()
		require.ErrorContains(t, err, "no descriptor")
		require.Equal(t, name, string(got[[]byte](t)(b.RecvBytes())), "the descriptor is closed")
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "hello", string(content))
		closeAll(t, a, b, f, g) // with one that nobody received
		return nil
	})
}

// Too many descriptors for this process: the receiver is told, and nothing is left.
func TestLostDescriptors(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		require.NoError(t, a.SendFile(os.Stdin))
		var limit syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		none := limit
		none.Cur = 3
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
		_, err := b.RecvFile()
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		require.ErrorContains(t, err, "descriptors that came with a message were lost")
		closeAll(t, a, b)
		return nil
	})
}

func TestWait(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		a, b := connections(t)
		p := begin(t, sleeps, nothing{})
		wait := func(d time.Duration) []gevent.Waitable {
			return got[[]gevent.Waitable](t)(mp.Wait(d, r, a, p.Sentinel()))
		}
		require.Empty(t, wait(0))
		require.Empty(t, wait(-1))
		require.Empty(t, wait(time.Millisecond))
		require.NoError(t, s.Send(1))
		require.NoError(t, s.Send(2))
		require.Equal(t, []gevent.Waitable{r}, wait(gevent.Never))
		require.Equal(t, 1, got[int](t)(r.Recv()))
		require.Equal(t, []gevent.Waitable{r}, wait(0), "the second one has been read already")
		require.Equal(t, 2, got[int](t)(r.Recv()))
		require.Empty(t, wait(0))
		require.NoError(t, p.Kill())
		require.Equal(t, []gevent.Waitable{p}, wait(gevent.Never))
		require.NoError(t, b.Close())
		eventually(t, a.Ready)
		require.Equal(t, []gevent.Waitable{a, p}, wait(gevent.Never))
		err := gevent.WithTimeout(time.Millisecond, func() error { return val(mp.Wait(time.Hour, r)) })
		require.ErrorIs(t, err, gevent.ErrTimeout)
		closeAll(t, a, r, s)
		return nil
	})
}

func TestOutsideAHub(t *testing.T) {
	require.Panics(t, func() { _, _, _ = mp.NewConnections() })
	require.Panics(t, func() { _, _, _ = mp.Pipe[int]() })
	require.Panics(t, func() { _, _, _ = mp.Duplex[int, int]() })
	require.Panics(t, func() { mp.ActiveChildren() })
	require.Panics(t, func() { _, _ = sleeps.Start(nothing{}) })
}
