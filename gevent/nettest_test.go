//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"
)

// TestConn of package nettest, as it is, on goroutines: a hub beside them makes the pairs.
func TestConnOnGoroutines(t *testing.T) {
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
	var open []net.Conn // hub thread only
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		done := make(chan error)
		h.Post(func() {
			done <- func() error {
				l, err := Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				defer l.Close()
				a, err := Dial("tcp", l.Addr().String())
				if err != nil {
					return err
				}
				b, err := l.Accept()
				if err != nil {
					return err
				}
				open = append(open, a, b)
				c1, c2 = a, b
				return nil
			}()
		})
		err = <-done
		return c1, c2, func() { c1.Close(); c2.Close() }, err
	})
	close(stop)
	require.NoError(t, <-ended)
	for _, c := range open {
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
	for name, test := range map[string]func(t *testing.T, c1, c2 net.Conn){
		"BasicIO": greenBasicIO, "PingPong": greenPingPong,
		"RacyRead": greenRacyRead, "RacyWrite": greenRacyWrite,
		"ReadTimeout": greenReadTimeout, "WriteTimeout": greenWriteTimeout,
		"PastTimeout": greenPastTimeout, "PresentTimeout": greenPresentTimeout,
		"FutureTimeout": greenFutureTimeout, "CloseTimeout": greenCloseTimeout,
		"ConcurrentMethods": greenConcurrentMethods,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := pair(t)
				test(t, a, b)
				a.Close() // then those that the test has left working end, too
				b.Close()
				for GetHub().Stats().Live > 1 {
					require.NoError(t, Sleep(1))
				}
				return nil
			})
		})
	}
}

// mustTimeOut checks an error as nettest does.
func mustTimeOut(t *testing.T, err error) {
	var n net.Error
	require.True(t, errors.As(err, &n), "%T: %v", err, err)
	require.True(t, n.Timeout(), err)
}
