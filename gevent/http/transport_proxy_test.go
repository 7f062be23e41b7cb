//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// trForward is a proxy of its own on goroutines: it passes requests on, and makes tunnels, for who knows the password.
func trForward(w http.ResponseWriter, r *http.Request) {
	if _, secret, ok := trBasicAuth(r); !ok || secret != "sesame" {
		http.Error(w, "who are you", http.StatusProxyAuthRequired)
		return
	}
	if r.Method == http.MethodConnect {
		trTunnel(w, r.Host)
		return
	}
	onward := &http.Transport{DisableKeepAlives: true}
	r.Header.Del("Proxy-Authorization")
	resp, err := onward.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("X-Via", r.RequestURI[:7])
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

func trBasicAuth(r *http.Request) (user, secret string, ok bool) {
	asked := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	return asked.BasicAuth()
}

func trTunnel(w http.ResponseWriter, addr string) {
	far, err := net.Dial("tcp", addr)
	if err != nil {
		http.Error(w, "cannot", http.StatusBadGateway)
		return
	}
	defer far.Close()
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	fmt.Fprint(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { io.Copy(far, buffered); far.Close() })
	both.Go(func() { io.Copy(near, far); near.Close() })
	both.Wait()
}

func TestTransportUsesProxies(t *testing.T) {
	trAlone(t)
	for _, secureProxy := range []bool{false, true} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprint("proxy ", secureProxy, " server ", secure), func(t *testing.T) {
				c := &trCase{serve: trEcho, secure: secure, do: func(s *trSide) {
					s.get("/a")
					s.do(s.request("POST", "/b", trOnly{io.LimitReader(neverEnding('x'), 1<<20)}))
				}}
				trThroughProxy(t, c, secureProxy, url.UserPassword("ali", "sesame"))
			})
			t.Run(fmt.Sprint("refused proxy ", secureProxy, " server ", secure), func(t *testing.T) {
				c := &trCase{serve: trEcho, secure: secure, do: func(s *trSide) { s.get("/a") }}
				trThroughProxy(t, c, secureProxy, nil)
			})
		}
	}
}

type neverEnding byte

func (b neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

// trThroughProxy does c through both Transports and a proxy.
func trThroughProxy(t *testing.T, c *trCase, secure bool, user *url.Userinfo) {
	start := trServe
	if secure {
		start = trServeTLS
	}
	proxy := start(t, trForward)
	to, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	to.User = user
	c.ours = func(tr *Transport) {
		tr.Proxy = http.ProxyURL(to)
		if tr.TLSClientConfig == nil {
			tr.TLSClientConfig = proxy.trust()
		}
	}
	c.theirs = func(tr *http.Transport) {
		tr.Proxy = http.ProxyURL(to)
		if tr.TLSClientConfig == nil {
			tr.TLSClientConfig = proxy.trust()
		}
	}
	theirs := c.theirLog(t)
	conns := proxy.conns.Swap(0)
	require.Equal(t, theirs, c.ourLog(t))
	require.Equal(t, conns, proxy.conns.Load(), "connections to the proxy")
}

func TestTransportProxyThatIsNone(t *testing.T) {
	trAlone(t)
	silent := trScript(t, func(_ int, _ net.Conn, br *bufio.Reader) { io.Copy(io.Discard, br) })
	trRun(t, func() {
		ask := func(ctx context.Context, proxy string) error {
			to, err := url.Parse(proxy)
			require.NoError(t, err)
			transport := &Transport{Proxy: http.ProxyURL(to)}
			req, err := http.NewRequestWithContext(ctx, "GET", "https://unreachable.test/", nil)
			require.NoError(t, err)
			_, err = transport.RoundTrip(req)
			require.Empty(t, transport.pool.hosts)
			return err
		}
		err := ask(context.Background(), "http://127.0.0.1:1")
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "proxyconnect", op.Op)
		require.ErrorContains(t, ask(context.Background(), "socks5://127.0.0.1:1"), "socks5")

		ctx, cancel := context.WithCancel(context.Background())
		asking := gevent.Spawn(func() error { return ask(ctx, silent.URL) })
		require.NoError(t, gevent.Sleep(1))
		cancel()
		require.ErrorIs(t, asking.Get(), context.Canceled)
	})
}
