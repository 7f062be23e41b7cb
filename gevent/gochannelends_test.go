package gevent

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The value was taken, but its greenlet does not wait any more: whoever receives next on this hub gets it, before what is
// in the channel.
func TestChannelKeepsWhatWasTaken(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				ch := make(chan int)
				var err error
				g := Spawn(func() error { _, _, err = Recv(ch); return nil })
				parked(t, g)
				ch <- 1 // blocks the hub until the goroutine has it, whose wake-up this thread has not seen then
				require.Equal(t, end(t, g), err)
				next := Spawn(func() error { return Send(ch, 2) })
				parked(t, next)
				for want := 1; want <= 2; want++ {
					v, ok, err := Recv(ch)
					require.NoError(t, err)
					require.True(t, ok)
					require.Equal(t, want, v)
				}
				require.NoError(t, next.Get())
				require.Empty(t, GetHub().channels)
				return nil
			})
		})
	}
}

// The same, with others in line: the next of them gets it.
func TestChannelHandsOnWhatWasTaken(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		first := Spawn(func() error { _, _, err := Recv(ch); return err })
		second := Spawn(func() error { v, _, err := Recv(ch); require.Equal(t, 1, v); return err })
		parked(t, first, second)
		ch <- 1
		require.NoError(t, first.Kill())
		return second.Get()
	})
}

// The value was sent, but an error was thrown at the sender before it saw that: Send succeeds, the error ends the next
// wait.
func TestChannelSentIsSent(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		var sent, next error
		g := Spawn(func() error {
			sent = Send(ch, 1)
			next = Sleep(time.Hour)
			return nil
		})
		parked(t, g)
		<-ch // blocks the hub
		throw(g, errMade)
		require.NoError(t, g.Get())
		require.NoError(t, sent)
		require.Same(t, errMade, next)
		return nil
	})
}

// The same with a canceled scope: what ends the next wait is the scope, not an error that outlives it.
func TestChannelSentIsSentThoughCanceled(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		g := Spawn(func() error {
			if err := Send(ch, 1); err != nil {
				return err
			}
			h := GetHub()
			h.sched.Cancel(h.sched.Current(), nil)
			return Sleep(1)
		})
		parked(t, g)
		<-ch // blocks the hub
		g.hub.sched.Cancel(&g.task, errMade)
		return g.Get()
	})
}

// A kill that comes when a greenlet has had its share of what is there at once finds it with nothing in hand.
func TestChannelKilledBetween(t *testing.T) {
	virtual(t, func() error {
		ch, got := make(chan int, 1000), 0
		for i := range 1000 {
			ch <- i
		}
		g := Spawn(func() error {
			for {
				if _, _, err := Recv(ch); err != nil {
					return err
				}
				got++
			}
		})
		Yield()
		require.Positive(t, got)
		require.NoError(t, g.Kill())
		require.Equal(t, 1000, got+len(ch))
		return nil
	})
}

// Greenlets that are killed, and that time out, and goroutines use the same channels: nothing is lost, nothing doubled.
func TestChannelLosesNothing(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2000
	}
	ch := make(chan int)
	seen := make([]atomic.Int32, n)
	var others sync.WaitGroup
	run(t, func() error {
		for p := range 2 {
			others.Go(func() {
				for i := p; i < n; i += 4 {
					ch <- i
				}
			})
		}
		others.Go(func() {
			for range n / 4 {
				seen[<-ch].Add(1)
			}
		})
		var senders, receivers []*Greenlet
		for p := 2; p < 4; p++ {
			senders = append(senders, Spawn(func() error {
				for i := p; i < n; i += 4 {
					for SendTimeout(ch, i, 20*time.Microsecond) != nil {
					}
				}
				return nil
			}))
		}
		left := n - n/4
		receive := func() error {
			v, ok, err := RecvTimeout(ch, 20*time.Microsecond)
			if ok && err == nil {
				seen[v].Add(1)
				left--
			}
			return nil
		}
		for range 3 {
			receivers = append(receivers, Spawn(func() error {
				for left > 0 {
					_ = receive()
				}
				return nil
			}))
		}
		for left > 0 {
			g := Spawn(receive)
			_ = Sleep(20 * time.Microsecond)
			_ = g.Kill()
		}
		return JoinAll(append(senders, receivers...)...)
	})
	others.Wait()
	for i := range seen {
		require.EqualValues(t, 1, seen[i].Load(), "item %d", i)
	}
}
