//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// SITE stands for the site's address.
func TestClientsCurl(t *testing.T) {
	curl := findClient(t, "curl")
	for _, c := range []struct {
		name, input, args string
		out, beside       []string // what they contain
	}{
		{name: "keep-alive", args: `-s -w <%{num_connects}> SITE/hello/a SITE/hello/b`, out: []string{"hello a<1>hello b<0>"}},
		{name: "no keep-alive", args: `-s -H Connection:close -w <%{num_connects}> SITE/hello/a SITE/hello/b`,
			out: []string{"hello a<1>hello b<1>"}},
		{name: "HTTP/1.0", args: `-s --http1.0 -w <%{num_connects},%{http_version}> SITE/hello/a SITE/hello/b`,
			out: []string{"hello a<1,1>hello b<1,1>"}},
		{name: "HTTP/1.0 keep-alive", args: `-s --http1.0 -H Connection:keep-alive -w <%{num_connects}> SITE/hello/a SITE/hello/b`,
			out: []string{"hello a<1>hello b<0>"}},
		{name: "HTTP/2 offered", args: `-s --http2 -w <%{http_version}> SITE/hello/a`, out: []string{"hello a<1.1>"}},
		{name: "chunked upload", input: "in chunks", args: `-s -H Transfer-Encoding:chunked -T - SITE/sum`,
			out: []string{clientSummed("in chunks", "chunked", "HTTP/1.1")}},
		{name: "two uploads", input: "twice", args: `-s -w <%{num_connects}> --data-binary twice SITE/sum SITE/sum`,
			out: []string{clientSummed("twice", "", "HTTP/1.1") + "<1>", clientSummed("twice", "", "HTTP/1.1") + "<0>"}},
		{name: "form", args: `-s -F field=value -w <%{http_code}> SITE/sum`, out: []string{"<200>"}},
		{name: "100-continue", input: "allowed", args: `-s -v -H Expect:100-continue --data-binary @- SITE/sum`,
			out: []string{clientSummed("allowed", "", "HTTP/1.1")}, beside: []string{"< HTTP/1.1 100 Continue"}},
		{name: "no 100-continue", input: "not allowed", args: `-s -w <%{http_code},%{size_upload}> -H Expect:100-continue ` +
			`--expect100-timeout 20 --data-binary @- SITE/refused`, out: []string{"no\n<403,0>"}},
		{name: "HEAD", args: `-s -I SITE/files/large`, out: []string{"HTTP/1.1 200 OK\r\n", "Content-Length: 8400000\r\n"}},
		{name: "HEAD, then GET", args: `-s -I -w <%{num_connects}> SITE/hello/a --next -s -w <%{num_connects}> SITE/hello/b`,
			out: []string{"Content-Length: 7\r\n", "<1>hello b<0>"}},
		{name: "range", args: `-s -i -r 2-5 SITE/files/text`, out: []string{"206 Partial", "bytes 2-5/17\r\n", "\r\n\r\n2345"}},
		{name: "last range", args: `-s -r -3 SITE/files/text`, out: []string{"ef\n"}},
		{name: "ranges", args: `-s -i -r 0-1,4-5 SITE/files/text`,
			out: []string{"206 Partial", "multipart/byteranges", "0-1/17\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n01\r\n--",
				"4-5/17\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n45\r\n--"}},
		{name: "no such range", args: `-s -i -r 50- SITE/files/text`, out: []string{"416 Requested Range"}},
		{name: "not modified", args: `-s -w <%{http_code}> -z 20360101 SITE/files/text`, out: []string{"<304>"}},
		{name: "gzip", args: `-s --compressed SITE/gzip`, out: []string{clientLarge}},
		{name: "patterns", args: `-s SITE/item/7/a/b`, out: []string{"item 7, then a/b by GET /item/{id}/{rest...}"}},
		{name: "wrong method", args: `-s -i -d x SITE/hello/a`, out: []string{"405 Method", "Allow: GET, HEAD\r\n"}},
		{name: "redirect", args: `-s -i SITE/files/../files`, out: []string{"Location: /files/\r\n"}},
		{name: "too large", input: strings.Repeat("x", 11), args: `-s -w <%{http_code}> --data-binary @- SITE/sum/limited`,
			out: []string{"http: request body too large\n<413>"}},
		{name: "variables", args: `-s SITE/vars`, out: []string{`"cmdline": [`}},
		{name: "profiles", args: `-s SITE/debug/pprof/ SITE/debug/pprof/goroutine?debug=1 SITE/debug/pprof/cmdline`,
			out: []string{"<title>/debug/pprof/</title>", "goroutine profile: total", "http.test"}},
		{name: "options", args: `-s -i -X OPTIONS --request-target * SITE`, out: []string{"200 OK", "Content-Length: 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, clientSite(t), func(w *world) {
				args := strings.Fields(strings.ReplaceAll(c.args, "SITE", "http://"+w.address))
				out, beside := curl.run(c.input, args...)
				for _, s := range c.out {
					require.True(t, strings.Contains(out, s), "%.200q in %.600q", s, out)
				}
				for _, s := range c.beside {
					require.Contains(t, beside, s)
				}
			})
		})
	}
}

func TestClientsCurlLargeUpload(t *testing.T) {
	curl := findClient(t, "curl")
	body := strings.Repeat("0123456789abcdef", 50<<20/16)
	path := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	inWorld(t, clientSite(t), func(w *world) {
		out, _ := curl.run("", "-s", "-T", path, "http://"+w.address+"/sum")
		require.Equal(t, clientSummed(body, "", "HTTP/1.1"), out)
		out, _ = curl.run("", "-s", "-T", path, "-H", "Transfer-Encoding: chunked", "http://"+w.address+"/sum")
		require.Equal(t, clientSummed(body, "chunked", "HTTP/1.1"), out)
	})
}

// A client that reads slowly gets all, and others are served meanwhile.
func TestClientsCurlSlowReader(t *testing.T) {
	curl := findClient(t, "curl")
	inWorld(t, clientSite(t), func(w *world) {
		var out string
		slow := gevent.Spawn(func() error {
			out, _ = curl.run("", "-s", "--limit-rate", "16M", "http://"+w.address+"/files/large")
			return nil
		})
		for w.state.active == 0 {
			gevent.Yield()
		}
		c := w.dial()
		c.send("GET /hello/other HTTP/1.1\nHost: x\nConnection: close\n\n")
		c.expect("hello other")
		c.ended()
		require.False(t, slow.Ready())
		require.NoError(t, slow.Get())
		require.True(t, out == clientLarge)
	})
}

func TestClientsCurlTLS(t *testing.T) {
	curl := findClient(t, "curl")
	certificate, _ := borrowedCertificate(t)
	s := clientSite(t)
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	file := clientCertificate(t, certificate.Certificate[0])
	inWorld(t, s, func(w *world) {
		serving, port := clientServeTLS(t, w)
		site := "https://example.com:" + port
		out, _ := curl.run("", "-s", "--cacert", file, "--resolve", "example.com:"+port+":127.0.0.1", "-w", "<%{num_connects}>",
			site+"/hello/a", site+"/files/large")
		require.True(t, out == "hello a<1>"+clientLarge+"<0>")
		body := strings.Repeat("x", 1<<20)
		out, _ = curl.run(body, "-s", "--cacert", file, "--resolve", "example.com:"+port+":127.0.0.1", "-T", "-", site+"/sum")
		require.Equal(t, clientSummed(body, "chunked", "HTTP/1.1"), out)
		require.NoError(t, w.Close())
		require.Error(t, serving.Get())
	})
}

// clientServeTLS has the world's server serve on one more listener, with TLS.
func clientServeTLS(t *testing.T, w *world) (serving *gevent.Greenlet, port string) {
	l := spareListener(t)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return gevent.Spawn(func() error { return w.ServeTLS(l, "", "") }), port
}
