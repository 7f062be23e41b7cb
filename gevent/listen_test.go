//go:build unix

package gevent

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hasIPv6 reports whether this host has the IPv6 loopback address.
func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// Where a listener can be reached depends on network and host as it does in package net.
func TestListenFamilies(t *testing.T) {
	six := hasIPv6()
	for _, c := range []struct {
		network, address string
		four, six        bool
	}{
		{"tcp", ":0", true, six},
		{"tcp", "0.0.0.0:0", true, six},
		{"tcp", "127.0.0.1:0", true, false},
		{"tcp", "localhost:0", true, false},
		{"tcp4", ":0", true, false},
		{"tcp6", ":0", false, six},
		{"tcp", "[::1]:0", false, six},
	} {
		if !c.four && !six {
			continue
		}
		t.Run(c.network+" "+c.address, func(t *testing.T) {
			run(t, func() error {
				l, err := Listen(c.network, c.address)
				require.NoError(t, err)
				defer l.Close()
				port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
				for host, reached := range map[string]bool{"127.0.0.1": c.four, "::1": c.six} {
					conn, err := DialTimeout("tcp", net.JoinHostPort(host, port), patience)
					if !reached {
						require.Error(t, err, host)
						continue
					}
					require.NoError(t, err, host)
					conn.Close()
					accepted, err := l.Accept()
					require.NoError(t, err)
					accepted.Close()
				}
				return nil
			})
		})
	}
}

func TestListenErrors(t *testing.T) {
	run(t, func() error {
		l, err := Listen("tcp", ":0")
		require.NoError(t, err)
		defer l.Close()
		_, err = Listen("tcp", ":"+strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "listen", op.Op)
		for _, bad := range []string{"127.0.0.1", "127.0.0.1:70000", "192.0.2.1:0", "[::1%nosuch]:0"} {
			_, err = Listen("tcp", bad)
			require.Error(t, err, bad)
		}
		_, err = Listen("tcp4", "[::1]:0")
		require.Error(t, err)
		// A port that was listened on is free again at once, connections of it that are closing notwithstanding.
		again, err := Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		c, err := Dial("tcp", again.Addr().String())
		require.NoError(t, err)
		server, err := again.Accept()
		require.NoError(t, err)
		require.NoError(t, again.Close())
		require.NoError(t, server.Close())
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		_, _ = c.Read(make([]byte, 1))
		require.NoError(t, c.Close())
		again, err = Listen("tcp", again.Addr().String())
		require.NoError(t, err)
		return again.Close()
	})
}
