//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"

	"greenloop/internal/conncases"
)

// TestConn of package nettest, as it is, on goroutines: a hub beside them makes the pairs.
func TestConnOnGoroutines(t *testing.T) {
	for kind, open := range streamPairs {
		t.Run(kind, func(t *testing.T) { connOnGoroutines(t, open) })
	}
}

func connOnGoroutines(t *testing.T, open func(t testing.TB) (a, b *streamConn)) {
	before := openFds()
	hubs := make(chan *Hub)
	stop := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- Run(func() error {
			hubs <- GetHub()
			_, err := await(func() (bool, error) { <-stop; return true, nil })
			return err
		})
	}()
	h := <-hubs
	var all []*streamConn // hub thread only
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		done := make(chan [2]*streamConn)
		h.Post(func() {
			a, b := open(t)
			all = append(all, a, b)
			done <- [2]*streamConn{a, b}
		})
		pair := <-done
		c1, c2 = pair[0], pair[1]
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
	close(stop)
	require.NoError(t, <-ended)
	for _, c := range all {
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
	}
	noGoroutines(t)
	noDescriptors(t, before)
}

// A crowd is a number of greenlets that are joined together, as a sync.WaitGroup's goroutines are.
type crowd []*Greenlet

func (c *crowd) goes(fn func()) { *c = append(*c, Spawn(func() error { fn(); return nil })) }

func (c *crowd) wait(t *testing.T) { require.NoError(t, JoinAll(*c...)) }

func TestConnInGreenlets(t *testing.T) {
	pairs := map[string]func(t testing.TB) (a, b net.Conn){
		"ConnPipe": func(testing.TB) (net.Conn, net.Conn) { return ConnPipe() },
	}
	for kind, open := range streamPairs {
		pairs[kind] = func(t testing.TB) (net.Conn, net.Conn) { return open(t) }
	}
	world := conncases.World{
		Spawn: func(fn func()) func() error { return Spawn(func() error { fn(); return nil }).Join },
		Sleep: Sleep,
	}
	for kind, open := range pairs {
		t.Run(kind, func(t *testing.T) {
			conncases.Run(t, func(t *testing.T, main func(w conncases.World, c1, c2 net.Conn)) {
				run(t, func() error {
					a, b := open(t)
					main(world, a, b)
					for GetHub().Stats().Live > 1 {
						require.NoError(t, Sleep(1))
					}
					return nil
				})
			})
		})
	}
}
