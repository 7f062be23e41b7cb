//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestTransportWaitsInOrder(t *testing.T) {
	trAlone(t)
	server := trServe(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) })
	trRun(t, func() {
		for _, keep := range []bool{true, false} {
			server.conns.Store(0)
			transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 2, DisableKeepAlives: !keep}
			client := &http.Client{Transport: transport}
			first, err := client.Get(server.URL + "/first")
			require.NoError(t, err)
			second, err := client.Get(server.URL + "/second")
			require.NoError(t, err)
			var order []string
			var gs []*gevent.Greenlet
			for _, name := range []string{"/a", "/b", "/c", "/d", "/e"} {
				gs = append(gs, gevent.Spawn(func() error {
					resp, err := client.Get(server.URL + name)
					if err != nil {
						return err
					}
					order = append(order, name)
					_, err = io.ReadAll(resp.Body)
					return err
				}))
			}
			gevent.Yield()
			host := transport.pool.hosts[trKey{scheme: "http", addr: server.Listener.Addr().String()}]
			require.Equal(t, 2, host.open)
			require.Equal(t, 5, host.line.Len())
			gs[1].KillAsync()
			gs[3].Throw(errTrThrown)
			require.ErrorIs(t, gs[3].Get(), errTrThrown)
			_, err = io.ReadAll(first.Body)
			require.NoError(t, err)
			require.NoError(t, gs[0].Get())
			require.NoError(t, gs[2].Get())
			require.NoError(t, gs[4].Get())
			require.Equal(t, []string{"/a", "/c", "/e"}, order)
			require.NoError(t, second.Body.Close())
			transport.CloseIdleConnections()
			require.Empty(t, transport.pool.hosts)
			if keep {
				require.EqualValues(t, 2, server.conns.Load())
			} else {
				require.EqualValues(t, 5, server.conns.Load())
			}
		}
	})
}

// What was given to a waiter that is killed, before that or after, goes to the next one.
func TestTransportTurnIsNotLost(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	trRun(t, func() {
		for n := range 4 {
			keep, killFirst := n&1 != 0, n&2 != 0
			transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 1}
			client := &http.Client{Transport: transport}
			holds, err := client.Get(server.URL)
			require.NoError(t, err)
			unread := []byte{0}
			if keep {
				unread, err = io.ReadAll(io.LimitReader(holds.Body, holds.ContentLength-1))
				require.NoError(t, err)
			}
			ask := func() error { _, err := trRead(client, server.URL); return err }
			killed, next := gevent.Spawn(ask), gevent.Spawn(ask)
			gevent.Yield()
			if killFirst {
				killed.KillAsync()
			}
			if keep {
				_, err := holds.Body.Read(unread) // has come already, so no other greenlet runs
				require.Equal(t, io.EOF, err)
			} else {
				require.NoError(t, holds.Body.Close())
			}
			if !killFirst {
				killed.KillAsync()
			}
			require.NoError(t, next.Get())
			require.ErrorIs(t, killed.Get(), gevent.ErrExit)
			transport.CloseIdleConnections()
			require.Empty(t, transport.pool.hosts)
		}
	})
}

func TestTransportFailedDialGivesItsTurn(t *testing.T) {
	trAlone(t)
	trRun(t, func() {
		failing := errors.New("no way")
		transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 1}
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.Join(failing, gevent.Sleep(time.Millisecond))
		}
		client := &http.Client{Transport: transport}
		var gs []*gevent.Greenlet
		for range 5 {
			gs = append(gs, gevent.Spawn(func() error { _, err := trRead(client, "http://far.test/"); return err }))
		}
		for _, g := range gs {
			require.ErrorIs(t, g.Get(), failing)
		}
		require.Empty(t, transport.pool.hosts)
	})
}

func TestTransportKeepsNoMoreThanItMay(t *testing.T) {
	trAlone(t)
	var servers []*trServer
	for range 4 {
		servers = append(servers, trServe(t, trEcho))
	}
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy, MaxIdleConns: 2}
		client := &http.Client{Transport: transport}
		for _, s := range servers {
			_, err := trRead(client, s.URL)
			require.NoError(t, err)
		}
		require.Equal(t, 2, transport.pool.lru.Len())
		for _, s := range servers[2:] {
			_, err := trRead(client, s.URL)
			require.NoError(t, err)
			require.EqualValues(t, 1, s.conns.Load(), "the last are kept")
		}
		transport.IdleConnTimeout = time.Millisecond
		for _, s := range servers[2:] {
			_, err := trRead(client, s.URL)
			require.NoError(t, err)
		}
		for transport.pool.lru.Len() > 0 {
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
		require.Empty(t, transport.pool.hosts)

		resp, err := client.Get(servers[0].URL)
		require.NoError(t, err)
		transport.CloseIdleConnections()
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Empty(t, transport.pool.hosts, "what becomes idle afterwards is closed, too")
	})
}
