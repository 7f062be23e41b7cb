//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

type trURL = url.URL

var trSilent = log.New(io.Discard, "", 0)

// trEcho tells all that the server has seen of the request.
func trEcho(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	host := r.Host
	if strings.HasPrefix(host, "127.0.0.1:") {
		host = "server"
	}
	fmt.Fprintf(w, "%s %s %s host %s length %d transfer %q close %v body %d %.60q %v header %s trailer %s",
		r.Method, r.RequestURI, r.Proto, host, r.ContentLength, r.TransferEncoding, r.Close, len(body), body, err,
		trHeader(r.Header), trHeader(r.Trailer))
}

// trOnly hides all that a reader can do beside reading.
type trOnly struct{ io.Reader }

func trBig() string { return strings.Repeat("0123456789abcdef", 1<<16) }

// trSend is a case that sends one request twice, which the server echoes.
func trSend(name, method, path string, body func() io.Reader, change func(*http.Request)) trCase {
	return trCase{name: name, serve: trEcho, do: func(s *trSide) {
		for range 2 {
			var b io.Reader
			if body != nil {
				b = body()
			}
			req := s.request(method, path, b)
			if change != nil {
				change(req)
			}
			s.do(req)
		}
	}}
}

var trRequestCases = []trCase{
	trSend("get", "GET", "/", nil, nil),
	trSend("get with a query", "GET", "/a%2fb/ä?q=1&r=%20x#part", nil, nil),
	trSend("get without a method", "", "/", nil, nil),
	trSend("head", "HEAD", "/", nil, nil),
	trSend("delete", "DELETE", "/x", nil, nil),
	trSend("options", "OPTIONS", "/", nil, func(r *http.Request) { r.URL.Opaque = "*" }),
	trSend("opaque target", "GET", "/", nil, func(r *http.Request) { r.URL.Opaque = "/over/there" }),
	trSend("post without a body", "POST", "/", nil, nil),
	trSend("put with NoBody", "PUT", "/", func() io.Reader { return http.NoBody }, nil),
	trSend("post of few bytes", "POST", "/", func() io.Reader { return strings.NewReader("few") }, nil),
	trSend("post of many bytes", "POST", "/", func() io.Reader { return strings.NewReader(trBig()) }, nil),
	trSend("post of a buffer", "POST", "/", func() io.Reader { return bytes.NewBufferString("buffer") }, nil),
	trSend("post of unknown length", "POST", "/", func() io.Reader { return trOnly{strings.NewReader(trBig())} }, nil),
	trSend("post of unknown length, empty", "POST", "/", func() io.Reader { return trOnly{strings.NewReader("")} }, nil),
	trSend("post of a stream whose length is known", "POST", "/", func() io.Reader { return trOnly{strings.NewReader("stream")} },
		func(r *http.Request) { r.ContentLength = 6 }),
	trSend("get with a body", "GET", "/", func() io.Reader { return strings.NewReader("asked") }, nil),
	trSend("get with a body of unknown length", "GET", "/", func() io.Reader { return trOnly{strings.NewReader("asked")} }, nil),
	trSend("get with an empty body of unknown length", "GET", "/", func() io.Reader { return trOnly{strings.NewReader("")} }, nil),
	trSend("delete in chunks", "DELETE", "/", func() io.Reader { return strings.NewReader("these") },
		func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }),
	trSend("delete with identity", "DELETE", "/", nil, func(r *http.Request) { r.TransferEncoding = []string{"identity"} }),
	trSend("trailer", "POST", "/", func() io.Reader { return trOnly{strings.NewReader("body")} }, func(r *http.Request) {
		r.Trailer = http.Header{"X-Sum": {"42"}, "X-And": {"more"}}
	}),
	trSend("close asked for", "GET", "/", nil, func(r *http.Request) { r.Close = true }),
	trSend("close in the header", "GET", "/", nil, func(r *http.Request) { r.Header.Set("Connection", "close") }),
	trSend("another host", "GET", "/", nil, func(r *http.Request) { r.Host = "example.org" }),
	trSend("a host that is not ASCII", "GET", "/", nil, func(r *http.Request) { r.Host = "bücher.example:80" }),
	trSend("a host with a zone", "GET", "/", nil, func(r *http.Request) { r.Host = "[fe80::1%25eth0]:80" }),
	trSend("a host that is none", "GET", "/", nil, func(r *http.Request) { r.Host = "a b/c" }),
	trSend("no user agent", "GET", "/", nil, func(r *http.Request) { r.Header.Set("User-Agent", "") }),
	trSend("own user agent", "GET", "/", nil, func(r *http.Request) { r.Header.Set("User-Agent", " me ") }),
	trSend("many fields", "GET", "/", nil, func(r *http.Request) {
		r.Header = http.Header{"X-B": {"1", "2"}, "x-low": {"3"}, "Content-Length": {"9"}, "Host": {"no"}, "Cookie": {"a=b"}}
	}),
	trSend("part of it", "GET", "/", nil, func(r *http.Request) { r.Header.Set("Range", "bytes=0-9") }),
	trSend("own encoding", "GET", "/", nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "br") }),
	trSend("user and password", "GET", "/", nil, func(r *http.Request) { r.URL.User = url.UserPassword("me", "secret") }),
}

func trGzip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// trAnswer is a case that fetches three times what serve answers.
func trAnswer(name string, serve http.HandlerFunc) trCase {
	return trCase{name: name, serve: serve, do: func(s *trSide) {
		s.get("/")
		s.get("/")
		s.do(s.request("HEAD", "/", nil))
	}}
}

func trStatus(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

var trResponseCases = []trCase{
	trAnswer("no content", trStatus(204)),
	trAnswer("not modified", trStatus(304)),
	trAnswer("empty", trStatus(200)),
	trAnswer("server error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }),
	trAnswer("long", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, trBig()) }),
	trAnswer("long, of known length", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(trBig())))
		io.WriteString(w, trBig())
	}),
	trAnswer("chunks", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 5 {
			fmt.Fprintf(w, "chunk %d,", i)
			w.(http.Flusher).Flush()
		}
	}),
	trAnswer("trailers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", "7")
		w.Header().Set(http.TrailerPrefix+"X-Late", "8")
	}),
	trAnswer("closed by the server", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "last")
	}),
	trAnswer("gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, trGzip(trBig()))
	}),
	trAnswer("gzip that is none", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, "these are no packed data at all")
	}),
	trAnswer("gzip that ends too soon", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "GZIP")
		io.WriteString(w, trGzip(trBig())[:100])
	}),
	{
		name: "gzip not asked for",
		serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, trGzip("packed"))
		},
		do:     func(s *trSide) { s.get("/") },
		ours:   func(t *Transport) { t.DisableCompression = true },
		theirs: func(t *http.Transport) { t.DisableCompression = true },
	},
	{
		name: "keep-alive off", serve: trEcho, do: func(s *trSide) { s.get("/"); s.get("/") },
		ours:   func(t *Transport) { t.DisableKeepAlives = true },
		theirs: func(t *http.Transport) { t.DisableKeepAlives = true },
	},
	{
		name: "none kept", serve: trEcho, do: func(s *trSide) { s.get("/"); s.get("/") },
		ours:   func(t *Transport) { t.MaxIdleConnsPerHost = -1 },
		theirs: func(t *http.Transport) { t.MaxIdleConnsPerHost = -1 },
	},
	{
		name:  "body not read",
		serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, trBig()) },
		do: func(s *trSide) {
			for n := range 3 {
				resp, err := s.client.Do(s.request("GET", "/", nil))
				require.NoError(s.t, err)
				_, err = io.ReadFull(resp.Body, make([]byte, n*100))
				require.NoError(s.t, err)
				s.note("%s", trClass(resp.Body.Close()))
				_, err = resp.Body.Read(make([]byte, 1))
				s.note("%s %s", trClass(err), trClass(resp.Body.Close()))
			}
		},
	},
	{
		name: "early hints",
		serve: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(102)
			io.WriteString(w, "end")
		},
		do: func(s *trSide) {
			req := s.request("GET", "/", nil)
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { s.note("1xx %d", code); return nil },
			})))
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(int, textproto.MIMEHeader) error { return errors.New("no hints") },
			})))
			s.get("/")
		},
	},
	{
		name: "upgrade",
		script: func(_ int, c net.Conn, br *bufio.Reader) {
			if _, err := trTake(br); err == nil {
				io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nwelcome,")
				io.Copy(c, br)
			}
		},
		do: func(s *trSide) {
			req := s.request("GET", "/", nil)
			req.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}}
			resp, err := s.client.Do(req)
			require.NoError(s.t, err)
			rwc := resp.Body.(io.ReadWriteCloser)
			_, err = io.WriteString(rwc, "and back")
			require.NoError(s.t, err)
			require.NoError(s.t, rwc.(interface{ CloseWrite() error }).CloseWrite())
			text, err := io.ReadAll(rwc)
			s.note("%s %q %s %s", resp.Status, text, trClass(err), trClass(rwc.Close()))
		},
	},
}

// trFetch is a case that fetches twice what a server says in these words.
func trFetch(name, reply string) trCase {
	return trCase{name: name, script: trReply(reply), do: func(s *trSide) { s.get("/"); s.get("/") }}
}

// trOnce is trFetch from a server that closes the connection after its words.
func trOnce(name, reply string) trCase {
	c := trFetch(name, "")
	c.script = func(_ int, conn net.Conn, br *bufio.Reader) {
		if _, err := trTake(br); err == nil {
			io.WriteString(conn, reply)
		}
	}
	return c
}

var trRawCases = []trCase{
	trFetch("kept by HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("chunks with extensions", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"),
	trFetch("chunks that are wrong", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n"),
	trFetch("two equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
	trFetch("a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi"),
	trFetch("length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
	trFetch("another encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuv"),
	trFetch("low names", "HTTP/1.1 200 fine\r\ncontent-length: 2\r\nx-y: 1\r\nX-Y: 2\r\n\r\nhi"),
	trFetch("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
	trFetch("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("more than announced", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi and more"),
	trFetch("no HTTP", "hello\r\n\r\n"),
	trFetch("a status that is none", "HTTP/1.1 abc\r\n\r\n"),
	trFetch("a field that is none", "HTTP/1.1 200 OK\r\nno field\r\n\r\n"),
	trFetch("upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
	trFetch("a hundred and more", "HTTP/1.1 199 Hm\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
	trOnce("until the end", "HTTP/1.1 200 OK\r\n\r\nhi"),
	trOnce("closed without a word", ""),
	trOnce("closed in the status line", "HTTP/1.1 20"),
	trOnce("closed in the head", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"),
	trOnce("closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"),
	trOnce("closed in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi"),
	trOnce("closed before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"),
	{
		name:   "a long head",
		script: trReply("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 10000) + "\r\nContent-Length: 2\r\n\r\nhi"),
		do:     func(s *trSide) { s.get("/") },
	},
	{
		name:   "too long a head",
		script: trReply("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 10000) + "\r\nContent-Length: 2\r\n\r\nhi"),
		do:     func(s *trSide) { s.get("/") },
		ours:   func(t *Transport) { t.MaxResponseHeaderBytes = 5000 },
		theirs: func(t *http.Transport) { t.MaxResponseHeaderBytes = 5000 },
	},
	{
		name: "no head in time",
		script: func(_ int, _ net.Conn, br *bufio.Reader) {
			if _, err := trTake(br); err == nil {
				br.ReadByte()
			}
		},
		do:     func(s *trSide) { s.do(s.request("POST", "/", strings.NewReader(trBig()))) },
		ours:   func(t *Transport) { t.ResponseHeaderTimeout = 30 * time.Millisecond },
		theirs: func(t *http.Transport) { t.ResponseHeaderTimeout = 30 * time.Millisecond },
	},
	{
		name: "kept, then closed by the server",
		script: func(n int, c net.Conn, br *bufio.Reader) {
			if _, err := trTake(br); err != nil {
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
			if n == 1 {
				trTake(br) // and no answer to it
			}
		},
		do: func(s *trSide) { s.get("/"); s.get("/") },
	},
}

func trBasic(name string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie(name)
		fmt.Fprint(w, cookie)
	}
}

// trSite is a server with paths that lead to others.
func trSite() http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("/", trEcho)
	mux.HandleFunc("/cookie", trBasic("taste"))
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "taste", Value: "sweet", Path: "/"})
		http.Redirect(w, r, "/cookie", http.StatusSeeOther)
	})
	mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/end", 307) })
	mux.HandleFunc("/found", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/end", 302) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", 302) })
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "too big", 413) })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begun")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	return mux.ServeHTTP
}

func trVisit(name string, do func(s *trSide)) trCase {
	return trCase{name: name, serve: trSite(), do: do}
}

// trPlain is c, but not over TLS: there net/http's connection says goodbye first, and the answer to that is read as an end.
func trPlain(c trCase) trCase {
	c.plain = true
	return c
}

// trTraced is a case that notes when what happens.
func trTraced(name string, request func(s *trSide) *http.Request) trCase {
	return trVisit(name, func(s *trSide) {
		for range 2 {
			var mu sync.Mutex
			var seen []string
			note := func(format string, args ...any) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, fmt.Sprintf(format, args...))
			}
			req := request(s)
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				GetConn:              func(string) { note("get") },
				GotConn:              func(i httptrace.GotConnInfo) { note("got, reused %v", i.Reused) },
				PutIdleConn:          func(err error) { note("put %v", err) },
				GotFirstResponseByte: func() { note("first byte") },
				Got100Continue:       func() { note("continue") },
				Wait100Continue:      func() { note("wait") },
				WroteHeaderField:     func(name string, values []string) { note("field %s", name) },
				WroteHeaders:         func() { note("headers") },
				WroteRequest:         func(i httptrace.WroteRequestInfo) { note("request %v", i.Err) },
			})))
			mu.Lock()
			slices.Sort(seen[2:]) // the later ones come from two goroutines of net/http's
			s.log = append(s.log, seen...)
			mu.Unlock()
		}
	})
}

func trExpect(s *trSide, path string, body io.Reader) {
	req := s.request("POST", path, body)
	req.Header.Set("Expect", "100-continue")
	s.do(req)
}

var trClientCases = []trCase{
	trTraced("traced get", func(s *trSide) *http.Request { return s.request("GET", "/", nil) }),
	trTraced("traced post", func(s *trSide) *http.Request { return s.request("POST", "/", trOnly{strings.NewReader("body")}) }),
	trTraced("traced leave", func(s *trSide) *http.Request {
		req := s.request("POST", "/", strings.NewReader("body"))
		req.Header.Set("Expect", "100-continue")
		return req
	}),
	trVisit("redirect with a cookie", func(s *trSide) {
		s.client.Jar, _ = cookiejar.New(nil)
		s.get("/login")
		s.get("/cookie")
	}),
	trVisit("redirect of a body", func(s *trSide) { s.do(s.request("POST", "/other", strings.NewReader("again"))) }),
	trVisit("redirect to a get", func(s *trSide) { s.do(s.request("POST", "/found", strings.NewReader("not again"))) }),
	trVisit("redirects for ever", func(s *trSide) { s.get("/loop") }),
	trVisit("post of a form", func(s *trSide) {
		resp, err := s.client.PostForm(s.url+"/", url.Values{"a": {"b"}})
		require.NoError(s.t, err)
		body, _ := io.ReadAll(resp.Body)
		s.note("%s", body)
	}),
	trVisit("leave for a body", func(s *trSide) { trExpect(s, "/", strings.NewReader("allowed")); s.get("/") }),
	trVisit("no leave for a body", func(s *trSide) { trExpect(s, "/refuse", strings.NewReader("not allowed")); s.get("/") }),
	trVisit("no leave for a stream", func(s *trSide) { trExpect(s, "/refuse", trOnly{strings.NewReader(trBig())}); s.get("/") }),
	trVisit("small body that is not read", func(s *trSide) {
		s.do(s.request("POST", "/refuse", strings.NewReader("short")))
		s.get("/")
	}),
	trVisit("time is up for the head", func(s *trSide) {
		s.client.Timeout = 30 * time.Millisecond
		s.get("/hang")
	}),
	trPlain(trVisit("time is up in the body", func(s *trSide) {
		s.client.Timeout = 100 * time.Millisecond
		s.get("/stall")
	})),
	trVisit("canceled before", func(s *trSide) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.do(s.request("POST", "/", strings.NewReader("unsent")).WithContext(ctx))
	}),
	trVisit("canceled with a cause", func(s *trSide) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errors.New("not any more"))
		s.do(s.request("GET", "/", nil).WithContext(ctx))
	}),
	trVisit("deadline in the head", func(s *trSide) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		s.do(s.request("GET", "/hang", nil).WithContext(ctx))
	}),
	trPlain(trVisit("deadline in the body", func(s *trSide) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		s.do(s.request("GET", "/stall", nil).WithContext(ctx))
		s.get("/")
	})),
}

var errTrPaper = errors.New("out of paper")

type trFailing struct{ err error }

func (f trFailing) Read([]byte) (int, error) { return 0, f.err }

// trRefuse is a case of a request that does not come off.
func trRefuse(name string, body func() io.Reader, change func(*http.Request)) trCase {
	c := trSend(name, "POST", "/", body, change)
	c.anyConns = true
	return c
}

var trRefusedCases = []trCase{
	trRefuse("field name", nil, func(r *http.Request) { r.Header["a b"] = []string{"c"} }),
	trRefuse("empty field name", nil, func(r *http.Request) { r.Header[""] = []string{"c"} }),
	trRefuse("field value", nil, func(r *http.Request) { r.Header["A"] = []string{"b\r\nc"} }),
	trRefuse("field value with DEL", nil, func(r *http.Request) { r.Header["A"] = []string{"b\x7f"} }),
	trRefuse("trailer value", nil, func(r *http.Request) { r.Trailer = http.Header{"A": {"b\nc"}} }),
	trRefuse("trailer name", nil, func(r *http.Request) { r.Trailer = http.Header{"A\n": {"b"}} }),
	trRefuse("trailer that must not be", func() io.Reader { return trOnly{strings.NewReader("x")} },
		func(r *http.Request) { r.Trailer = http.Header{"Content-Length": {"1"}} }),
	trRefuse("method", nil, func(r *http.Request) { r.Method = "GE T" }),
	trRefuse("scheme", nil, func(r *http.Request) { r.URL.Scheme = "ftp" }),
	trRefuse("no host", nil, func(r *http.Request) { r.URL.Host = "" }),
	trRefuse("control character", nil, func(r *http.Request) { r.URL.Opaque = "/a\nb" }),
	trRefuse("length without a body", nil, func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("short body", func() io.Reader { return strings.NewReader("abc") }, func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("long body", func() io.Reader { return strings.NewReader("abcdefgh") }, func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("short stream", func() io.Reader { return trOnly{strings.NewReader("abc")} },
		func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("failing body", func() io.Reader { return trFailing{errTrPaper} }, nil),
	trRefuse("failing body of known length", func() io.Reader {
		return io.MultiReader(strings.NewReader("abc"), trFailing{errTrPaper})
	}, func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("nobody there", nil, func(r *http.Request) { r.URL.Host = "127.0.0.1:1" }),
}
