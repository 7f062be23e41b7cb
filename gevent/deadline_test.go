//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A waiter is an operation that waits for the other end, and how its deadline is set.
type waiter struct {
	op       func() error
	deadline func(time.Time) error
	finish   func() // lets op succeed
	close    func()
}

// waiters makes one of each kind.
var waiters = map[string]func(t *testing.T) waiter{
	"read": func(t *testing.T) waiter {
		a, b := pair(t)
		return waiter{
			op:       func() error { _, err := a.Read(make([]byte, 1)); return err },
			deadline: a.SetReadDeadline,
			finish:   func() { mustWrite(t, b, "x") },
			close:    func() { a.Close(); b.Close() },
		}
	},
	"write": func(t *testing.T) waiter {
		a, b := pair(t)
		narrow(t, a, b)
		n := fill(t, a)
		return waiter{
			op:       func() error { _, err := a.Write([]byte("x")); return err },
			deadline: a.SetWriteDeadline,
			finish:   func() { drain(t, b, n) },
			close:    func() { a.Close(); b.Close() },
		}
	},
	"both": func(t *testing.T) waiter {
		a, b := pair(t)
		return waiter{
			op:       func() error { _, err := a.Read(make([]byte, 1)); return err },
			deadline: a.SetDeadline,
			finish:   func() { mustWrite(t, b, "x") },
			close:    func() { a.Close(); b.Close() },
		}
	},
	"accept": func(t *testing.T) waiter {
		l := listen(t)
		return waiter{
			op: func() error {
				c, err := l.Accept()
				if err == nil {
					closeAll(t, c)
				}
				return err
			},
			deadline: l.SetDeadline,
			finish: func() {
				c, err := Dial("tcp", l.Addr().String())
				require.NoError(t, err)
				closeAll(t, c)
			},
			close: func() { l.Close() },
		}
	},
}

// eachWaiter runs test for each kind, in a hub.
func eachWaiter(t *testing.T, test func(t *testing.T, w waiter)) {
	for name, open := range waiters {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				w := open(t)
				test(t, w)
				w.close()
				return nil
			})
		})
	}
}

func in(d time.Duration) time.Time { return time.Now().Add(d) }

func TestDeadline(t *testing.T) {
	eachWaiter(t, func(t *testing.T, w waiter) {
		began := time.Now()
		require.NoError(t, w.deadline(in(5*time.Millisecond)))
		err := w.op()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.GreaterOrEqual(t, time.Since(began), 5*time.Millisecond)
		require.ErrorIs(t, w.op(), os.ErrDeadlineExceeded, "it stays exceeded")
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())

		require.NoError(t, w.deadline(time.Time{})) // and can be used again
		g := Spawn(w.op)
		parked(t, g)
		w.finish()
		require.NoError(t, g.Get())
	})
}

func TestDeadlineInThePast(t *testing.T) {
	eachWaiter(t, func(t *testing.T, w waiter) {
		for _, past := range []time.Time{time.Unix(1, 0), in(-time.Second), time.Now(), time.Unix(-1<<40, 0)} {
			require.NoError(t, w.deadline(past))
			require.ErrorIs(t, w.op(), os.ErrDeadlineExceeded, past)
		}
		w.finish()
		require.ErrorIs(t, w.op(), os.ErrDeadlineExceeded, "even if it would not have to wait")
		require.NoError(t, w.deadline(time.Time{}))
		require.NoError(t, w.op())
	})
}

func TestDeadlineFarAway(t *testing.T) {
	eachWaiter(t, func(t *testing.T, w waiter) {
		g := Spawn(w.op)
		for _, far := range []time.Time{in(math.MaxInt64), time.Unix(1<<40, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			require.NoError(t, w.deadline(far))
			parked(t, g)
			require.NoError(t, Sleep(1))
			require.False(t, g.Ready(), far)
		}
		w.finish()
		require.NoError(t, g.Get())
	})
}

// moves are how a deadline is changed while an operation waits.
var moves = map[string]func(t *testing.T, w waiter, to time.Time){
	"by a greenlet": func(t *testing.T, w waiter, to time.Time) { require.NoError(t, w.deadline(to)) },
	"by a goroutine": func(t *testing.T, w waiter, to time.Time) {
		_, err := await(func() (bool, error) { return true, w.deadline(to) })
		require.NoError(t, err)
	},
}

func TestDeadlineMovesEarlier(t *testing.T) {
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			eachWaiter(t, func(t *testing.T, w waiter) {
				for _, before := range []time.Time{{}, in(time.Hour)} {
					for _, to := range []time.Time{in(5 * time.Millisecond), time.Unix(1, 0)} {
						require.NoError(t, w.deadline(before))
						gs := []*Greenlet{Spawn(w.op), Spawn(w.op)}
						parked(t, gs...)
						move(t, w, to)
						for _, g := range gs {
							require.ErrorIs(t, g.Get(), os.ErrDeadlineExceeded)
						}
					}
				}
			})
		})
	}
}

func TestDeadlineMovesLater(t *testing.T) {
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			eachWaiter(t, func(t *testing.T, w waiter) {
				for _, to := range []time.Time{in(time.Hour), {}} {
					require.NoError(t, w.deadline(in(40*time.Millisecond)))
					g := Spawn(w.op)
					parked(t, g)
					move(t, w, to)
					require.ErrorIs(t, g.JoinTimeout(45*time.Millisecond), ErrTimeout)
					move(t, w, time.Unix(1, 0))
					require.ErrorIs(t, g.Get(), os.ErrDeadlineExceeded)
				}
			})
		})
	}
}

// One direction's deadline does not touch the other.
func TestDeadlinesAreSeparate(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		require.NoError(t, a.SetReadDeadline(time.Unix(1, 0)))
		mustWrite(t, a, "x")
		mustRead(t, b, "x")
		require.NoError(t, a.SetReadDeadline(time.Time{}))
		require.NoError(t, a.SetWriteDeadline(time.Unix(1, 0)))
		mustWrite(t, b, "y")
		mustRead(t, a, "y")
		n, err := a.Write([]byte("z"))
		require.Zero(t, n)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		closeAll(t, a, b)
		return nil
	})
}

// A write that its deadline ends says how much was written, and exactly that arrives.
func TestDeadlineOfHalfAWrite(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		data := pattern(1 << 20)
		require.NoError(t, a.SetWriteDeadline(in(5*time.Millisecond)))
		n, err := a.Write(data)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Positive(t, n)
		require.Less(t, n, len(data))
		closeAll(t, a)
		got, err := readAll(b).Get()
		require.NoError(t, err)
		require.Equal(t, data[:n], got)
		closeAll(t, b)
		return nil
	})
}

// The deadline of one that waits for its turn to write moves, too.
func TestDeadlineOfTheNextWriter(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		n := fill(t, a)
		require.NoError(t, a.SetWriteDeadline(in(40*time.Millisecond)))
		write := func() error { _, err := a.Write([]byte("x")); return err }
		gs := []*Greenlet{Spawn(write), Spawn(write), Spawn(write)}
		parked(t, gs...)
		require.NoError(t, a.SetWriteDeadline(time.Time{}))
		require.ErrorIs(t, gs[2].JoinTimeout(45*time.Millisecond), ErrTimeout)
		drain(t, b, n+3)
		require.NoError(t, JoinAll(gs...))

		n = fill(t, a)
		gs = []*Greenlet{Spawn(write), Spawn(write), Spawn(write)}
		parked(t, gs...)
		require.NoError(t, a.SetWriteDeadline(time.Unix(1, 0)))
		for _, g := range gs {
			require.ErrorIs(t, g.Get(), os.ErrDeadlineExceeded)
		}
		drain(t, b, n)
		closeAll(t, a, b)
		return nil
	})
}
