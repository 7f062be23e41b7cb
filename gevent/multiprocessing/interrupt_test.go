//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// Each call that parks ends with a kill, a timeout or an error thrown at its greenlet, and leaves what it waited for as
// it was.
func TestInterruptedCalls(t *testing.T) {
	run(t, func() error {
		a, b := connections(t)
		r, s := pipe[int](t)
		x, y := duplex[int, int](t)
		full, unread := connections(t)
		sentAlready := 0
		for full.SendBytesTimeout(0, nil) == nil { // until there is no room
			sentAlready++
		}
		p := begin(t, sleeps, nothing{})
		calls := map[string]func() error{
			"RecvBytes":        func() error { return val(b.RecvBytes()) },
			"RecvBytesTimeout": func() error { return val(b.RecvBytesTimeout(time.Hour)) },
			"RecvInto":         func() error { return val(b.RecvInto(make([]byte, 1))) },
			"RecvFile":         func() error { return val(b.RecvFile()) },
			"Poll":             func() error { return val(b.Poll(time.Hour)) },
			"SendBytes":        func() error { return full.SendBytes(nil) },
			"SendBytesTimeout": func() error { return full.SendBytesTimeout(time.Hour, nil) },
			"Recv":             func() error { return val(r.Recv()) },
			"RecvTimeout":      func() error { return val(r.RecvTimeout(time.Hour)) },
			"Conn.Recv":        func() error { return val(x.Recv()) },
			"Conn.RecvTimeout": func() error { return val(x.RecvTimeout(time.Hour)) },
			"All": func() error {
				for _, err := range r.All() {
					return err
				}
				return nil
			},
			"Wait":        func() error { return val(mp.Wait(time.Hour, a, b, r, p)) },
			"Join":        p.Join,
			"JoinTimeout": func() error { return p.JoinTimeout(time.Hour) },
		}
		interruptAll(t, calls)
		require.NoError(t, a.SendBytes([]byte("x")))
		require.Equal(t, "x", string(got[[]byte](t)(b.RecvBytes())))
		require.NoError(t, s.Send(1))
		require.Equal(t, 1, got[int](t)(r.Recv()))
		require.NoError(t, y.Send(2))
		require.Equal(t, 2, got[int](t)(x.Recv()))
		require.NoError(t, p.Kill())
		require.NoError(t, p.Join())
		require.NoError(t, full.Close())
		for n := 0; ; n++ {
			if _, err := unread.RecvBytes(); err != nil {
				require.Equal(t, sentAlready, n, "what was interrupted was withdrawn")
				break
			}
		}
		closeAll(t, a, b, r, s, x, y, unread)
		return nil
	})
}

// interruptAll has each call, which waits, killed, thrown at and timed out.
func interruptAll(t *testing.T, calls map[string]func() error) {
	t.Helper()
	for name, call := range calls {
		begun := func() *gevent.Greenlet {
			g := gevent.Spawn(call)
			gevent.Yield()
			require.False(t, g.Ready(), name)
			return g
		}
		require.NoError(t, begun().Kill(), name)
		g := begun()
		g.Throw(errMade)
		require.Equal(t, errMade, g.Get(), name)
		require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, call), gevent.ErrTimeout, name)
		first, second := begun(), begun() // also who waits for a turn
		require.NoError(t, second.Kill(), name)
		require.NoError(t, first.Kill(), name)
	}
}
