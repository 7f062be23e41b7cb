package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestChannelSend(t *testing.T) {
	virtual(t, func() error {
		var c Channel[string]
		var l log
		g := Spawn(func() error {
			for range 2 {
				v, err := c.Get()
				if err != nil {
					return err
				}
				l.add(v)
			}
			return nil
		})
		l.add("sending")
		require.NoError(t, c.Put("hello"))
		l.add("sent-hello")
		require.NoError(t, c.Put("world"))
		l.add("sent-world")
		require.NoError(t, g.Get())
		require.Equal(t, "sending hello sent-hello world sent-world", l.String())
		return nil
	})
}

func TestChannelWait(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[string]()
		var l log
		g := Spawn(func() error {
			for _, v := range []string{"hello", "world"} {
				l.add("sending-" + v)
				if err := c.Put(v); err != nil {
					return err
				}
			}
			l.add("sent")
			return nil
		})
		l.add("waiting")
		for range 2 {
			v, err := c.Get()
			require.NoError(t, err)
			l.add(v)
		}
		require.Equal(t, "waiting sending-hello hello sending-world world", l.String())
		require.NoError(t, g.Get())
		require.Equal(t, "waiting sending-hello hello sending-world world sent", l.String())
		return nil
	})
}

func TestChannelTry(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		require.Same(t, ErrFull, c.TryPut(1))
		_, err := c.TryGet()
		require.Same(t, ErrEmpty, err)
		g := getter(closable{c})
		parked(t, &g.Greenlet)
		require.NoError(t, c.TryPut(1))
		require.Same(t, ErrFull, c.TryPut(2), "that one has what it waited for")
		v, err := g.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)
		p := putter(closable{c}, 2)
		parked(t, p)
		v, err = c.TryGet()
		require.NoError(t, err)
		require.Equal(t, 2, v)
		_, err = c.TryGet()
		require.Same(t, ErrEmpty, err)
		return p.Get()
	})
}

func TestChannelBalance(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		a, b := putter(closable{c}, 1), putter(closable{c}, 2)
		parked(t, a, b)
		require.Equal(t, 2, c.Balance())
		a.KillAsync()
		require.Equal(t, 1, c.Balance(), "at once")
		_, err := c.Get()
		require.NoError(t, err)
		require.NoError(t, b.Get())
		require.Zero(t, c.Balance())
		g, s := getter(closable{c}), Spawn(func() error { _, err := Select(OnGet(c, nil)); return err })
		parked(t, &g.Greenlet, s)
		require.Equal(t, -2, c.Balance())
		c.Close()
		require.Zero(t, c.Balance())
		require.Same(t, ErrShutdown, g.Greenlet.Get())
		require.Same(t, ErrShutdown, s.Get())
		require.NoError(t, a.Join())
		c.Close()
		return nil
	})
}

// Who puts and was killed when its item had been taken, has put it; who timed out, has not.
func TestChannelPutHappensOrNot(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		var sent error = errMade
		p := Spawn(func() error { sent = c.Put(1); Yield(); sent = errMade; return nil })
		parked(t, p)
		v, err := c.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)
		p.KillAsync()
		require.NoError(t, p.Join())
		require.NoError(t, sent)

		p = Spawn(func() error { return c.PutTimeout(2, time.Second) })
		require.ErrorIs(t, p.Get(), ErrTimeout)
		_, err = c.TryGet()
		require.Same(t, ErrEmpty, err)

		g := Go(func() (int, error) { return c.GetTimeout(time.Second) })
		parked(t, &g.Greenlet)
		require.NoError(t, c.PutTimeout(3, time.Second))
		require.True(t, g.Ready(), "who takes runs before Put returns")
		return nil
	})
}

// Many on both sides: each item comes once.
func TestChannelCrowd(t *testing.T) {
	virtual(t, func() error {
		c := NewChannel[int]()
		const each, crowd = 50, 7
		seen := map[int]bool{}
		var getters, putters []*Greenlet
		for i := range crowd {
			putters = append(putters, Spawn(func() error {
				for j := range each {
					if err := c.Put(i*each + j); err != nil {
						return err
					}
				}
				return nil
			}))
			getters = append(getters, Spawn(func() error {
				for v := range c.All() {
					require.False(t, seen[v], fmt.Sprint(v))
					seen[v] = true
				}
				return nil
			}))
		}
		require.NoError(t, JoinAll(putters...))
		c.Close()
		require.NoError(t, JoinAll(getters...))
		require.Len(t, seen, each*crowd)
		return nil
	})
}

// A queue belongs to the hub that used it first, and outlives it.
func TestQueueOfAnotherHub(t *testing.T) {
	q, c := NewQueue[int](0), NewChannel[int]()
	virtual(t, func() error {
		require.NoError(t, q.Put(1))
		require.Same(t, ErrFull, c.TryPut(1))
		_, err := await(func() (int, error) {
			return 0, Run(func() error {
				require.Panics(t, func() { _, _ = q.Get() })
				require.Panics(t, func() { _ = c.Put(1) })
				require.Panics(t, func() { _, _ = TrySelect(OnGet(q, nil)) })
				return nil
			})
		})
		g := putter(closable{c}, 1)
		parked(t, g)
		require.NoError(t, g.Kill())
		return err
	})
	virtual(t, func() error {
		v, err := q.Get()
		require.Equal(t, 1, v)
		require.Zero(t, c.Balance())
		return err
	})
}
