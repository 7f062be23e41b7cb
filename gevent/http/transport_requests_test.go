//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
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

// trStream makes bodies of unknown length.
func trStream(text string) func() io.Reader {
	return func() io.Reader { return trOnly{strings.NewReader(text)} }
}

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
	trSend("post of unknown length", "POST", "/", trStream(trBig()), nil),
	trSend("post of unknown length, empty", "POST", "/", trStream(""), nil),
	trSend("post of a stream whose length is known", "POST", "/", trStream("stream"),
		func(r *http.Request) { r.ContentLength = 6 }),
	trSend("get with a body", "GET", "/", func() io.Reader { return strings.NewReader("asked") }, nil),
	trSend("get with a body of unknown length", "GET", "/", trStream("asked"), nil),
	trSend("get with an empty body of unknown length", "GET", "/", trStream(""), nil),
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
	trRefuse("long body", func() io.Reader { return strings.NewReader("abcdefgh") },
		func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("short stream", func() io.Reader { return trOnly{strings.NewReader("abc")} },
		func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("failing body", func() io.Reader { return trFailing{errTrPaper} }, nil),
	trRefuse("failing body of known length", func() io.Reader {
		return io.MultiReader(strings.NewReader("abc"), trFailing{errTrPaper})
	}, func(r *http.Request) { r.ContentLength = 5 }),
	trRefuse("nobody there", nil, func(r *http.Request) { r.URL.Host = "127.0.0.1:1" }),
}
