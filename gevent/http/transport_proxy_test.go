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

func TestTransportFindsItsWay(t *testing.T) {
	none := func(*http.Request) (*url.URL, error) { return nil, nil }
	via := func(proxy string) func(*http.Request) (*url.URL, error) {
		return func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
	}
	for _, c := range []struct {
		url   string
		proxy func(*http.Request) (*url.URL, error)
		first string
		key   trKey
	}{
		{"http://a.test/", none, "a.test:80", trKey{"", "http", "a.test:80"}},
		{"https://a.test/x", none, "a.test:443", trKey{"", "https", "a.test:443"}},
		{"http://a.test:8080/", none, "a.test:8080", trKey{"", "http", "a.test:8080"}},
		{"http://[::1]/", none, "[::1]:80", trKey{"", "http", "[::1]:80"}},
		{"http://[fe80::1%25eth0]:8/", none, "[fe80::1%eth0]:8", trKey{"", "http", "[fe80::1%eth0]:8"}},
		{"http://bücher.test/", none, "xn--bcher-kva.test:80", trKey{"", "http", "xn--bcher-kva.test:80"}},
		{"http://a.test/", via("http://p.test:3128"), "p.test:3128", trKey{"http://p.test:3128", "http", ""}},
		{"http://a.test/", via("//p.test:3128"), "p.test:3128", trKey{"http://p.test:3128", "http", ""}},
		{"https://a.test/", via("https://p.test"), "p.test:443", trKey{"https://p.test", "https", "a.test:443"}},
	} {
		req, err := http.NewRequest("GET", c.url, nil)
		require.NoError(t, err)
		route, err := (&Transport{Proxy: c.proxy}).routeOf(req)
		require.NoError(t, err)
		require.Equal(t, c.first, route.first(), c.url)
		require.Equal(t, c.key, route.key(), c.url)
	}
	req, err := http.NewRequest("GET", "http://localhost/", nil)
	require.NoError(t, err)
	route, err := new(Transport).routeOf(req)
	require.NoError(t, err)
	require.Nil(t, route.proxy, "the environment has none for this host")
}
