//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a kill or a throw ends leaves nothing behind, and the operation can be done again.
func TestInterruptedOperation(t *testing.T) {
	ends := map[string]func(t *testing.T, g *Greenlet){
		"kill": func(t *testing.T, g *Greenlet) {
			require.NoError(t, g.Kill())
			require.ErrorIs(t, g.Get(), ErrExit)
		},
		"throw": func(t *testing.T, g *Greenlet) {
			throw(g, errMade)
			require.ErrorIs(t, g.Get(), errMade)
		},
		"throw a timeout": func(t *testing.T, g *Greenlet) {
			throw(g, ErrTimeout)
			require.ErrorIs(t, g.Get(), ErrTimeout, "no deadline has passed: it is the error thrown")
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			eachWaiter(t, func(t *testing.T, w waiter) {
				gs := []*Greenlet{Spawn(w.op), Spawn(w.op), Spawn(w.op)}
				parked(t, gs...)
				end(t, gs[1])
				end(t, gs[0])
				require.False(t, gs[2].Ready())
				w.finish()
				require.NoError(t, gs[2].Get(), "the one that was left alone")
				require.Zero(t, GetHub().Stats().Events)
			})
		})
	}
}

// A reader that is killed at any moment, even after its data have come, takes none with it: what it has not returned, the
// next one gets.
func TestKilledReadersLoseNothing(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		const total = 3000
		var got []byte
		spawnReader := func() *Greenlet {
			return Spawn(func() error {
				for {
					var one [1]byte
					n, err := a.Read(one[:])
					got = append(got, one[:n]...)
					if err != nil {
						return err
					}
				}
			})
		}
		data := pattern(total)
		reader := spawnReader()
		for i := range total {
			_, err := b.Write(data[i : i+1])
			require.NoError(t, err)
			switch i % 5 {
			case 0: // before it knows
			case 1:
				Yield() // perhaps on its way
			case 2:
				require.NoError(t, Sleep(1)) // it has read
			default:
				continue
			}
			reader.KillAsync()
			next := spawnReader() // and is already there while the other dies
			require.NoError(t, reader.Join())
			reader = next
		}
		closeAll(t, b)
		require.Equal(t, io.EOF, reader.Get())
		require.Equal(t, data, got)
		closeAll(t, a)
		return nil
	})
}

// The budget that makes a busy reader yield is no place to lose what has just been read.
func TestKillAtTheBudget(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		const total = 1000
		n, err := b.Write(pattern(total))
		require.NoError(t, err)
		require.Equal(t, total, n)
		got := 0
		for got < total {
			reader := Spawn(func() error {
				for got < total {
					n, err := a.Read(make([]byte, 1))
					got += n
					if err != nil {
						return err
					}
				}
				return nil
			})
			Yield() // it reads until it has spent its budget
			require.NoError(t, reader.Kill())
		}
		require.NoError(t, b.CloseWrite())
		rest, err := io.ReadAll(a)
		require.NoError(t, err)
		require.Empty(t, rest, "more was read than was returned")
		closeAll(t, a, b)
		return nil
	})
}

// The same for what was accepted: no connection hangs in the air.
func TestKillAcceptorAtTheBudget(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		const total = 300
		var clients []io.Closer
		accepted := 0
		for range total {
			c, err := Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			clients = append(clients, c)
		}
		for accepted < total {
			acceptor := Spawn(func() error {
				for accepted < total {
					c, err := l.Accept()
					if err != nil {
						return err
					}
					accepted++
					closeAll(t, c)
				}
				return nil
			})
			Yield()
			require.NoError(t, acceptor.Kill())
		}
		for _, c := range clients {
			closeAll(t, c)
		}
		closeAll(t, l)
		return nil
	})
}

// A writer that is killed half-way gives up its turn; what it has written, arrives.
func TestKillWriters(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		filled := fill(t, a)
		write := func(text string) *Greenlet {
			return Spawn(func() error { _, err := a.Write([]byte(text)); return err })
		}
		first, second, third, fourth := write("first"), write("second"), write("third"), write("fourth")
		parked(t, first, second, third, fourth)
		require.NoError(t, second.Kill(), "one that waits for its turn")
		require.NoError(t, first.Kill(), "the one whose turn it is")
		parked(t, third, fourth)
		throw(third, errMade) // now it is this one's
		drain(t, b, filled)
		mustRead(t, b, "fourth")
		require.NoError(t, fourth.Get())
		closeAll(t, a, b)
		return nil
	})
}

// A kill that comes between the hand-over of the turn and the first step of the one who has got it.
func TestKillTheNextWriter(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		filled := fill(t, a)
		write := func(text string) *Greenlet {
			return Spawn(func() error { _, err := a.Write([]byte(text)); return err })
		}
		first, second, third := write("first"), write("second"), write("third")
		parked(t, first, second, third)
		first.KillAsync() // dies at its turn
		killer := Spawn(func() error { second.KillAsync(); return nil })
		Yield()
		require.True(t, first.Ready())
		require.True(t, killer.Ready())
		require.NoError(t, second.Join())
		drain(t, b, filled)
		mustRead(t, b, "third")
		require.NoError(t, third.Get())
		require.Nil(t, a.fd.writer)
		closeAll(t, a, b)
		return nil
	})
}

// Whoever makes a greenlet ready that waits for its turn to write does not give it the turn.
func TestStrayReadyIsNoTurn(t *testing.T) {
	const size = 256 << 10
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		write := func(name byte) *Greenlet {
			return Spawn(func() error { _, err := a.Write(bytes.Repeat([]byte{name}, size)); return err })
		}
		first, second := write('1'), write('2')
		parked(t, first, second)
		require.True(t, GetHub().sched.Ready(&second.task))
		parked(t, first, second)
		reader := readAll(b)
		require.NoError(t, JoinAll(first, second))
		require.NoError(t, a.CloseWrite())
		got, err := reader.Get()
		require.NoError(t, err)
		require.Equal(t, append(bytes.Repeat([]byte{'1'}, size), bytes.Repeat([]byte{'2'}, size)...), got)
		closeAll(t, a, b)
		return nil
	})
}
