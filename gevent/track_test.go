//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched/schedtest"
)

// A track is where dials race: real sockets, on a clock that only the test moves.
type track struct {
	t      *testing.T
	clock  *schedtest.Clock
	port   string
	names  *nameServer
	dialer *Dialer
	tried  log // the addresses, in order
	closes []func()
}

// racing runs fn with a track whose host "host.test." has the addresses given: "full" for one that never answers, "open" for
// one that accepts, "gone" for one that refuses.
func racing(t *testing.T, kinds string, fn func(k *track)) {
	clock := new(schedtest.Clock)
	require.NoError(t, runConfig(t, Config{Clock: clock, Watchdog: -1}, func() error {
		k := &track{t: t, clock: clock, names: newNameServer()}
		defer k.close()
		var hosts []string
		for i, kind := range strings.Fields(kinds) {
			hosts = append(hosts, k.host(i, kind))
		}
		k.names.addrs["host.test."] = hosts
		k.dialer = &Dialer{Resolver: &Resolver{Net: k.names.net()}, Control: func(_, address string, _ syscall.RawConn) error {
			k.tried.add(k.kind(kinds, address))
			return nil
		}}
		fn(k)
		Spawn(func() error { clock.Set(clock.Now() + 1); return nil }) // for who sleeps to see what is left
		return nil
	}))
}

// host makes the host of a kind, on the port that all have in common, and returns its address.
func (k *track) host(i int, kind string) string {
	host := net.IPv4(127, 0, 1, byte(i+1)).String()
	if !canListen(host) {
		k.t.Skip("only 127.0.0.1 is this host's")
	}
	if k.port == "" {
		k.port = "0"
	}
	switch kind {
	case "full":
		address, free := fullOn(k.t, net.JoinHostPort(host, k.port))
		_, k.port, _ = net.SplitHostPort(address)
		k.closes = append(k.closes, free)
	case "open":
		l, err := Listen("tcp", net.JoinHostPort(host, k.port))
		require.NoError(k.t, err)
		_, k.port, _ = net.SplitHostPort(l.Addr().String())
		k.closes = append(k.closes, func() { closeAll(k.t, l) })
	case "gone":
		if k.port == "0" {
			l, err := Listen("tcp", net.JoinHostPort(host, k.port))
			require.NoError(k.t, err)
			_, k.port, _ = net.SplitHostPort(l.Addr().String())
			closeAll(k.t, l)
		}
	}
	return host
}

func (k *track) close() {
	for _, fn := range k.closes {
		fn()
	}
}

// kind returns the kind of an address, with its number.
func (k *track) kind(kinds, address string) string {
	host, _, err := net.SplitHostPort(address)
	require.NoError(k.t, err)
	n := net.ParseIP(host).To4()[3]
	return strings.Fields(kinds)[n-1] + string('0'+n)
}

// dial begins to dial, and returns when it waits for a connection.
func (k *track) dial() *Result[net.Conn] {
	k.t.Helper()
	g := Go(func() (net.Conn, error) { return k.dialer.Dial("tcp", "host.test.:"+k.port) })
	eventuallyReady(k.t, func() bool { return len(k.tried) > 0 })
	parked(k.t, &g.Greenlet)
	return g
}

// eventuallyReady lets others run until what is true. It moves no clock.
func eventuallyReady(t testing.TB, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !what(); Yield() {
		require.True(t, time.Now().Before(deadline), "it never happened")
	}
}

// at moves the clock, and requires that these have been tried then.
func (k *track) at(now time.Duration, tried string) {
	k.t.Helper()
	k.clock.Set(now)
	for range 200 { // timers have their turn among what is ready, and then whoever they wake
		Yield()
	}
	require.Equal(k.t, tried, k.tried.String(), "at %v", now)
}
