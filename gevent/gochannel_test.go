package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What can be done at once starts no goroutine and does not park.
func TestChannelTriesFirst(t *testing.T) {
	virtual(t, func() error {
		ch := make(chan int, 2)
		switches := GetHub().Stats().Switches
		for i := range 10 {
			require.NoError(t, Send(ch, i))
			v, ok, err := Recv(ch)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, i, v)
		}
		close(ch)
		_, ok, err := Recv(ch)
		require.NoError(t, err)
		require.False(t, ok)
		require.Equal(t, switches, GetHub().Stats().Switches)
		require.Panics(t, func() { _ = Send(ch, 1) })
		return nil
	})
}

// A greenlet that always finds something in the channel starves nobody.
func TestChannelSpends(t *testing.T) {
	virtual(t, func() error {
		ch := make(chan int, 1000)
		ran := false
		Spawn(func() error { ran = true; return nil })
		for i := range 1000 {
			require.NoError(t, Send(ch, i))
		}
		require.True(t, ran)
		return nil
	})
}

func TestChannelRecvWaits(t *testing.T) {
	for _, size := range []int{0, 3} {
		t.Run(fmt.Sprint("size ", size), func(t *testing.T) {
			run(t, func() error {
				ch := make(chan int, size)
				var l log
				var gs []*Greenlet
				for i := range 5 {
					gs = append(gs, Spawn(func() error { v, _, err := Recv(ch); l.add(fmt.Sprint(i, "<-", v)); return err }))
				}
				parked(t, gs...)
				inGoroutine(t, func() {
					for i := range 5 {
						ch <- i
					}
				})
				require.NoError(t, JoinAll(gs...))
				require.Equal(t, "0<-0 1<-1 2<-2 3<-3 4<-4", l.String())
				require.Empty(t, GetHub().channels)
				g := Spawn(func() error { _, ok, err := Recv(ch); require.False(t, ok); return err })
				parked(t, g)
				close(ch)
				return g.Get()
			})
		})
	}
}

func TestChannelSendWaits(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		var gs []*Greenlet
		for i := range 5 {
			gs = append(gs, Spawn(func() error { return Send(ch, i) }))
		}
		parked(t, gs...)
		var got []int
		inGoroutine(t, func() {
			for range 5 {
				got = append(got, <-ch)
			}
		})
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, []int{0, 1, 2, 3, 4}, got)
		require.Empty(t, GetHub().channels)
		return nil
	})
}

// Greenlets of one hub and of another talk through a channel, both ends of which park.
func TestChannelBetweenGreenlets(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		sender := Spawn(func() error {
			defer close(ch)
			for i := range 100 {
				if err := Send(ch, i); err != nil {
					return err
				}
			}
			return nil
		})
		want := 0
		for v, err := range RecvAll(ch) {
			require.NoError(t, err)
			require.Equal(t, want, v)
			want++
		}
		require.Equal(t, 100, want)
		return sender.Get()
	})
}

func TestChannelTimeouts(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		_, _, err := RecvTimeout(ch, 0)
		require.ErrorIs(t, err, ErrTimeout)
		_, _, err = RecvTimeout(ch, time.Microsecond)
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorIs(t, SendTimeout(ch, 1, 0), ErrTimeout)
		require.ErrorIs(t, SendTimeout(ch, 1, time.Microsecond), ErrTimeout)
		buffered := make(chan int, 1)
		Spawn(func() error { buffered <- 7; return nil })
		v, _, err := RecvTimeout(buffered, 0)
		require.NoError(t, err, "what comes in the one pass that it lets run counts")
		require.Equal(t, 7, v)
		return SendTimeout(buffered, 1, 0)
	})
}

// All the waits of one loop are made by one goroutine, which ends with it, however it ends.
func TestChannelRecvAll(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		go func() {
			for i := range 1000 {
				ch <- i
			}
			close(ch)
		}()
		want := 0
		for v, err := range RecvAll(ch) {
			require.NoError(t, err)
			require.Equal(t, want, v)
			want++
			if want == 500 {
				break
			}
		}
		for v, err := range RecvAll(ch) {
			require.NoError(t, err)
			require.Equal(t, want, v)
			want++
		}
		require.Equal(t, 1000, want)
		never := make(chan int)
		g := Spawn(func() error {
			for _, err := range RecvAll(never) {
				return err
			}
			return nil
		})
		parked(t, g)
		throw(g, errMade)
		require.Same(t, errMade, g.Get())
		g = Spawn(func() error {
			for range RecvAll(never) {
				t.Error("something came")
			}
			return nil
		})
		parked(t, g)
		return g.Kill()
	})
}

// Nobody can end a wait at a nil channel.
func TestChannelNil(t *testing.T) {
	var deadlock *DeadlockError
	require.ErrorAs(t, Run(func() error { _, _, err := Recv[int](nil); return err }), &deadlock)
	require.ErrorAs(t, Run(func() error { return Send(nil, 1) }), &deadlock)
	noGoroutines(t)
}
