//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRaceFallsBack(t *testing.T) {
	racing(t, "full full open", func(k *track) {
		g := k.dial()
		k.at(300*time.Millisecond-1, "full1")
		k.at(300*time.Millisecond, "full1 full2")
		require.Equal(t, 1+2, GetHub().poll.Len(), "the listener, and both at the same time")
		k.at(600*time.Millisecond-1, "full1 full2")
		k.at(600*time.Millisecond, "full1 full2 open3")
		c, err := g.Get()
		require.NoError(t, err)
		require.Equal(t, "127.0.1.3", c.RemoteAddr().(*net.TCPAddr).IP.String())
		require.Equal(t, 1+1, GetHub().poll.Len(), "the others are closed")
		closeAll(t, c)
	})
}

// The one that began first may still win.
func TestRaceIsWonByTheFirst(t *testing.T) {
	racing(t, "open full", func(k *track) {
		c, err := k.dialer.Dial("tcp", "host.test.:"+k.port)
		require.NoError(t, err)
		require.Equal(t, "open1", k.tried.String())
		closeAll(t, c)
	})
}

// An attempt that fails does not keep the next one waiting.
func TestRaceGoesOnAfterAFailure(t *testing.T) {
	racing(t, "gone gone open full", func(k *track) {
		c, err := k.dialer.Dial("tcp", "host.test.:"+k.port)
		require.NoError(t, err)
		require.Equal(t, "gone1 gone2 open3", k.tried.String())
		require.Zero(t, k.clock.Now())
		closeAll(t, c)
	})
	racing(t, "full gone gone", func(k *track) {
		g := k.dial()
		k.clock.Set(300 * time.Millisecond)
		eventuallyReady(t, func() bool { return len(k.tried) == 3 }) // in the same moment
		require.NoError(t, g.Kill())
	})
}

func TestRaceDelay(t *testing.T) {
	racing(t, "full full full", func(k *track) {
		k.dialer.FallbackDelay = time.Second
		g := k.dial()
		k.at(time.Second-1, "full1")
		k.at(time.Second, "full1 full2")
		k.at(2*time.Second, "full1 full2 full3")
		require.NoError(t, g.Kill())
	})
}

// When all fail it is the first one's error.
func TestRaceLost(t *testing.T) {
	racing(t, "gone gone gone", func(k *track) {
		c, err := k.dialer.Dial("tcp", "host.test.:"+k.port)
		require.Nil(t, c)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "127.0.1.1:"+k.port, op.Addr.String())
		require.Equal(t, "gone1 gone2 gone3", k.tried.String())
	})
}

func TestRaceTimeIsUp(t *testing.T) {
	racing(t, "gone full full full", func(k *track) {
		k.dialer.Timeout = 500 * time.Millisecond
		g := k.dial()
		eventuallyReady(t, func() bool { return len(k.tried) == 2 })
		k.at(300*time.Millisecond, "gone1 full2 full3")
		k.at(500*time.Millisecond, "gone1 full2 full3")
		_, err := g.Get()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "127.0.1.2:"+k.port, op.Addr.String(), "which was waited for longest")
		require.Zero(t, GetHub().poll.Len())
	})
}

// Without a race each address has its share of the time, but two seconds at least.
func TestRaceOneAfterTheOther(t *testing.T) {
	racing(t, "full full full open", func(k *track) {
		k.dialer.FallbackDelay, k.dialer.Timeout = -1, 20*time.Second
		g := k.dial()
		k.at(5*time.Second-1, "full1")
		k.at(5*time.Second, "full1 full2")
		require.Equal(t, 1+1, GetHub().poll.Len(), "the first one was given up")
		k.at(10*time.Second-1, "full1 full2")
		k.at(10*time.Second, "full1 full2 full3")
		k.at(15*time.Second, "full1 full2 full3 open4")
		c, err := g.Get()
		require.NoError(t, err)
		closeAll(t, c)
	})
	racing(t, "full full full full", func(k *track) {
		k.dialer.FallbackDelay, k.dialer.Timeout = -1, 5*time.Second
		g := k.dial()
		k.at(2*time.Second-1, "full1")
		k.at(2*time.Second, "full1 full2")
		k.at(4*time.Second, "full1 full2 full3")
		k.at(5*time.Second, "full1 full2 full3")
		_, err := g.Get()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
	racing(t, "full open", func(k *track) { // no limit: no share
		k.dialer.FallbackDelay = -1
		g := k.dial()
		k.at(time.Hour, "full1")
		require.NoError(t, g.Kill())
	})
}

// Whatever ends it closes all sockets that are on their way.
func TestInterruptedRace(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, g *Greenlet){
		"kill":  func(t *testing.T, g *Greenlet) { require.NoError(t, g.Kill()) },
		"throw": func(t *testing.T, g *Greenlet) { throw(g, errMade); require.ErrorIs(t, g.Get(), errMade) },
		"cancel": func(t *testing.T, g *Greenlet) {
			g.hub.sched.Cancel(&g.task, errMade)
			require.ErrorIs(t, g.Get(), errMade)
		},
	} {
		t.Run(name, func(t *testing.T) {
			racing(t, "full full full open", func(k *track) {
				g := k.dial()
				k.at(300*time.Millisecond, "full1 full2")
				end(t, &g.Greenlet)
				require.Equal(t, 1, GetHub().poll.Len(), "the listener")
				require.Zero(t, GetHub().waiting)
			})
		})
	}
	racing(t, "full full", func(k *track) {
		ctx, cancel := context.WithCancel(context.Background())
		g := Spawn(func() error { _, err := k.dialer.DialContext(ctx, "tcp", "host.test.:"+k.port); return err })
		eventuallyReady(t, func() bool { return len(k.tried) == 1 })
		k.at(300*time.Millisecond, "full1 full2")
		cancel()
		require.ErrorIs(t, g.Get(), context.Canceled)
		require.Zero(t, GetHub().poll.Len())
	})
}

func TestRaceEndsWithTheHub(t *testing.T) {
	before := openFds()
	require.NoError(t, Run(func() error {
		n := newNameServer()
		address, free := full(t)
		defer free()
		n.addrs["host.test."] = []string{"127.0.0.1", "127.0.0.1", "127.0.0.1"}
		d := &Dialer{Resolver: &Resolver{Net: n.net()}, FallbackDelay: 1}
		Spawn(func() error {
			_, err := d.Dial("tcp", strings.Replace(address, "127.0.0.1", "host.test.", 1))
			return err
		})
		eventually(t, func() bool { return GetHub().poll.Len() == 3 })
		return nil
	}))
	noGoroutines(t)
	noDescriptors(t, before)
}

// A host that is reached by one family only.
func TestRaceOfFamilies(t *testing.T) {
	if !canListen("::1") {
		t.Skip("no IPv6 here")
	}
	for _, reached := range []string{"127.0.0.1", "::1"} {
		run(t, func() error {
			n := newNameServer()
			n.addrs["host.test."] = []string{"127.0.0.1", "::1"}
			l, err := Listen("tcp", net.JoinHostPort(reached, "0"))
			require.NoError(t, err)
			_, port, err := net.SplitHostPort(l.Addr().String())
			require.NoError(t, err)
			d := &Dialer{Resolver: &Resolver{Net: n.net()}, FallbackDelay: time.Hour}
			for _, network := range []string{"tcp", "tcp4", "tcp6"} {
				c, err := d.Dial(network, "host.test.:"+port)
				if network == "tcp" || (network == "tcp4") == (reached == "127.0.0.1") {
					require.NoError(t, err)
					require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
					closeAll(t, c)
				} else {
					require.ErrorIs(t, err, syscall.ECONNREFUSED)
				}
			}
			closeAll(t, l)
			return nil
		})
	}
}

// Whoever is made ready for nothing looks, and waits on.
func TestRaceLooksForNothing(t *testing.T) {
	racing(t, "full open", func(k *track) {
		g := k.dial()
		for range 3 {
			require.True(t, GetHub().sched.Ready(&g.task))
			parked(t, &g.Greenlet)
		}
		k.at(300*time.Millisecond, "full1 open2")
		c, err := g.Get()
		require.NoError(t, err)
		closeAll(t, c)
	})
}

func TestInterleaved(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"4.1":                 "4.1",
		"4.1 4.2 4.3":         "4.1 4.2 4.3",
		"6.1 6.2 4.1":         "6.1 4.1 6.2",
		"6.1 6.2 4.1 4.2":     "6.1 4.1 6.2 4.2",
		"4.1 6.1 6.2 6.3":     "4.1 6.1 6.2 6.3",
		"6.1 4.1 4.2 4.3":     "6.1 4.1 4.2 4.3",
		"4.1 4.2 6.1 4.3":     "4.1 6.1 4.2 4.3",
		"6.1 6.2 6.3 4.1":     "6.1 4.1 6.2 6.3",
		"6.1 4.1 6.2 4.2":     "6.1 4.1 6.2 4.2",
		"4.1 4.2 4.3 6.1":     "4.1 6.1 4.2 4.3",
		"6.1 6.2 4.1 6.3 4.2": "6.1 4.1 6.2 4.2 6.3",
	} {
		var addrs []*net.TCPAddr
		for _, text := range strings.Fields(in) {
			ip := net.IPv4(127, 0, 0, text[2])
			if text[0] == '6' {
				ip = net.ParseIP("2001:db8::")
				ip[15] = text[2]
			}
			addrs = append(addrs, &net.TCPAddr{IP: ip})
		}
		var got []string
		for _, a := range interleaved(addrs) {
			family := "6."
			if isIPv4(a) {
				family = "4."
			}
			got = append(got, family+string(a.IP[len(a.IP)-1]))
		}
		require.Equal(t, want, strings.Join(got, " "))
	}
}
