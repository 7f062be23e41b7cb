package http

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	closing = "GET / HTTP/1.1\nHost: x\nConnection: close\n\n"
	staying = "GET / HTTP/1.1\nHost: x\n\n"
)

// says answers with a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// echoes answers with what came in the body, and how reading it ended.
func echoes(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%q %t %v", b, err == nil, r.Trailer)
}

func ignores(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) }

func sets(kv ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(kv); i += 2 {
			w.Header().Add(kv[i], kv[i+1])
		}
		io.WriteString(w, "body")
	}
}

var exchanges = []exchange{
	// Statuses and lengths.
	{name: "plain", send: closing, handler: says(200, "hello")},
	{name: "nothing", send: closing, handler: func(http.ResponseWriter, *http.Request) {}},
	{name: "status without body", send: closing, handler: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }},
	{name: "404", send: closing, handler: http.NotFound},
	{name: "204", send: closing, handler: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }},
	{name: "204 with a body", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(204)
		_, err := io.WriteString(w, "x")
		if !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	}},
	{name: "204 with fields that have no place", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Transfer-Encoding", "chunked")
		w.WriteHeader(204)
	}},
	{name: "304", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Etag", `"a"`)
		w.WriteHeader(304)
	}},
	{name: "status without a text", send: closing, handler: says(599, "odd")},
	{name: "status of three digits", send: closing, handler: says(999, "odd")},
	{name: "redirect", send: closing, handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there", 302) }},
	{name: "error", send: closing, handler: func(w http.ResponseWriter, r *http.Request) { http.Error(w, "bad", 400) }},
	{name: "WriteHeader twice", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(500)
		io.WriteString(w, "x")
		w.WriteHeader(500)
	}},
	{name: "header after WriteHeader", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("A", "1")
		w.WriteHeader(200)
		h.Set("A", "2")
		h.Set("B", "3")
		io.WriteString(w, "x")
	}},
	{name: "header first asked for after WriteHeader", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.Header().Set("B", "3")
	}},
	{name: "Content-Length", send: staying + closing, handler: sets("Content-Length", "4")},
	{name: "Content-Length too small", send: staying, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "2")
		_, err := io.WriteString(w, "abc")
		if !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	}},
	{name: "Content-Length too large", send: staying + staying, handler: sets("Content-Length", "5")},
	{name: "Content-Length that is none", send: closing, handler: sets("Content-Length", "x4")},
	{name: "Content-Length and no body", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "0")
	}},
	{name: "Content-Length and chunked", send: staying + closing, handler: sets("Content-Length", "4", "Transfer-Encoding", "chunked")},

	// Fields.
	{name: "several fields", send: closing, handler: sets("B", "2", "A", "1", "C", "3", "A", "4")},
	{name: "many fields", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		for i := range 40 {
			w.Header().Set(fmt.Sprintf("X-%d", i*7%40), "v")
		}
	}},
	{name: "Content-Type", send: closing, handler: sets("Content-Type", "text/x")},
	{name: "no Content-Type", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "x")
	}},
	{name: "no Date", send: closing, handler: func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil }},
	{name: "own Date", send: closing, handler: sets("Date", "today")},
	{name: "Content-Encoding", send: closing, handler: sets("Content-Encoding", "gzip")},
	{name: "sniffed html", send: closing, handler: says(200, "<html>")},
	{name: "sniffed png", send: closing, handler: says(200, "\x89PNG\x0d\x0a\x1a\x0a")},
	{name: "value with line ends", send: closing, handler: sets("A", " x\r\nB: y\n ")},
	{name: "name that is none", send: closing, handler: sets("A b", "x", "", "y", "C\n", "z")},
	{name: "name in lower case", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header()["content-type"] = []string{"a/b"}
		w.Header()["x-y"] = []string{"1", "2"}
		io.WriteString(w, "x")
	}},
	{name: "Connection: close by the handler", send: staying, handler: sets("Connection", "close")},
	{name: "Connection: x, close by the handler", send: staying + closing, handler: sets("Connection", "x, close")},
	{name: "Connection by the handler", send: staying + closing, handler: sets("Connection", "x")},
	{name: "Transfer-Encoding: identity", send: staying, handler: sets("Transfer-Encoding", "identity")},
	{name: "Transfer-Encoding: odd", send: closing, handler: sets("Transfer-Encoding", "odd")},

	// Framing.
	{name: "flushed", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
		w.(http.Flusher).Flush()
		w.(http.Flusher).Flush()
		io.WriteString(w, "three")
	}},
	{name: "flushed before the body", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "<html>")
	}},
	{name: "flushed with a length", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "6")
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	}},
	{name: "one large write", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 100_000))
	}},
	{name: "large with a length", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		for range 1000 {
			io.WriteString(w, strings.Repeat("y", 1000))
		}
	}},
	{name: "ReadFrom", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.(io.ReaderFrom).ReadFrom(strings.NewReader(strings.Repeat("z", 100_000)))
	}},
	{name: "short ReadFrom", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.(io.ReaderFrom).ReadFrom(strings.NewReader("short"))
	}},
	{name: "ServeContent", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader("content"))
	}},
	{name: "ServeContent, range", send: "GET / HTTP/1.1\nHost: x\nRange: bytes=2-3\nConnection: close\n\n", handler: func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader("content"))
	}},
	{name: "HEAD", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: says(200, "hello")},
	{name: "HEAD without a body", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: says(200, "")},
	{name: "HEAD with a length", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: sets("Content-Length", "4")},
	{name: "HEAD with a length and no body", send: "HEAD / HTTP/1.1\nHost: x\n\nHEAD / HTTP/1.1\nHost: x\nConnection: close\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "7") }},
	{name: "HEAD of much", send: "HEAD / HTTP/1.1\nHost: x\n\nHEAD / HTTP/1.1\nHost: x\nConnection: close\n\n", handler: says(200, strings.Repeat("x", 10_000))},
	{name: "HEAD, flushed", send: "HEAD / HTTP/1.1\nHost: x\nConnection: close\n\n", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	}},
	{name: "trailers announced", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "T1, T2")
		w.Header().Add("Trailer", "Content-Length, T3")
		io.WriteString(w, "body")
		w.Header().Set("T2", "two")
		w.Header().Set("T1", "one")
		w.Header().Set("Content-Length", "9")
	}},
	{name: "trailers by prefix", send: staying + closing, handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "body")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"Z", "z")
		w.Header().Add(http.TrailerPrefix+"A", "1")
		w.Header().Add(http.TrailerPrefix+"A", "2")
	}},
	{name: "trailers by prefix, before WriteHeader", send: closing, handler: sets(http.TrailerPrefix+"Z", "z")},
	{name: "103", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(103)
		w.Header().Set("Content-Length", "1")
		w.WriteHeader(103)
		w.Header().Del("Link")
		io.WriteString(w, "x")
	}},
	{name: "102 and 100", send: closing, handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(102)
		w.WriteHeader(100)
		io.WriteString(w, "x")
	}},

	// Connections.
	{name: "HTTP/1.0", send: "GET / HTTP/1.0\n\n", handler: says(200, "x")},
	{name: "HTTP/1.0, kept", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n", handler: says(200, "x")},
	{name: "HTTP/1.0, kept, flushed", send: "GET / HTTP/1.0\nConnection: keep-alive\n\n", handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	}},
	{name: "HTTP/1.0, kept, 204", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }},
	{name: "HTTP/1.0, kept, Connection by the handler", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n",
		handler: sets("Connection", "keep-alive", "Content-Length", "4")},
	{name: "HTTP/1.0 HEAD, kept", send: "HEAD / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n", handler: says(200, "x")},
	{name: "HTTP/1.0 with trailers", send: "GET / HTTP/1.0\n\n", handler: sets("Trailer", "T", http.TrailerPrefix+"A", "b")},
	{name: "pipelined", send: strings.Repeat(staying, 30) + closing, handler: says(200, "x")},
	{name: "pipelined, the middle one closes", send: staying + closing + staying, handler: says(200, "x")},
	{name: "pipelined, with bodies", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc" +
		"POST /b HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n2\nde\n0\n\n" + closing, handler: echoes},
	{name: "one after the other", send: staying + "<first>\n" + closing, handler: says(200, "first")},
	{name: "pieces of a head", send: "GET / HTTP/1.1\nHo", half: true, handler: says(200, "x")},
	{name: "empty lines after a POST", send: "POST / HTTP/1.1\nHost: x\nContent-Length: 1\n\na\n\n" + closing, handler: echoes},
	{name: "half closed", send: staying, half: true, handler: says(200, "x")},
	{name: "nothing sent", half: true, handler: says(200, "x")},
	{name: "head cut off", send: "GET / HTTP/1.1\nHost: x\n", half: true, handler: says(200, "x")},
	{name: "no request", send: "hello\n\n", handler: says(200, "x")},
	{name: "no host", send: "GET / HTTP/1.1\n\n", handler: says(200, "x")},
	{name: "second is no request", send: staying + "hello\n\n", handler: says(200, "x")},
	{name: "HTTP/3", send: "GET / HTTP/3.0\nHost: x\n\n", handler: says(200, "x")},
	{name: "unknown Transfer-Encoding", send: "GET / HTTP/1.1\nHost: x\nTransfer-Encoding: gzip\n\n", handler: says(200, "x")},
	{name: "OPTIONS *", send: "OPTIONS * HTTP/1.1\nHost: x\n\n" + closing, handler: says(200, "x")},
	{name: "large head", send: "GET / HTTP/1.1\nHost: x\nConnection: close\nA: " + strings.Repeat("a", 20_000) + "\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, len(r.Header.Get("A"))) }},
	{name: "HTTP/2", send: "PRI * HTTP/2.0\n\nSM\n\n", handler: says(200, "x")},

	// Bodies.
	{name: "body", send: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing, handler: echoes},
	{name: "chunked body", send: "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nTrailer: T\n\n3\nabc\n4;x=y\ndefg\n0\nT: v\n\n" + closing,
		handler: echoes},
	{name: "body not read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing, handler: ignores},
	{name: "chunked body not read", send: "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n" + closing, handler: ignores},
	{name: "body closed by the handler", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { r.Body.Close() }},
	{name: "body partly read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { r.Body.Read(make([]byte, 2)) }},
	{name: "body of 255 KiB not read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 261120\n\n" + strings.Repeat("x", 255<<10) + closing,
		handler: ignores},
	{name: "large body not read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 1000000\n\n", half: true, handler: ignores},
	{name: "large chunked body not read", send: "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n50000\n" +
		strings.Repeat("x", 0x50000) + "\n0\n\n", half: true, handler: ignores},
	{name: "body cut off", send: "POST / HTTP/1.1\nHost: x\nConnection: close\nContent-Length: 5\n\nhel", half: true, handler: echoes},
	{name: "malformed chunks", send: "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\nabc\n0\n\n" + closing, handler: echoes},
	{name: "malformed chunks not read", send: "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\nabc\n0\n\n" + closing, handler: ignores},
	{name: "body too large for the handler", send: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 3))
			fmt.Fprint(w, err)
		}},
	{name: "read after the answer has begun", send: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		}},
	{name: "full duplex", send: "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\n<200 OK>\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			if r.ContentLength == 5 && c.EnableFullDuplex() != nil || c.Flush() != nil {
				panic("unsupported")
			}
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		}},
	{name: "form", send: "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 7\n\na=1&b=2" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("a"), r.FormValue("b")) }},

	// Expectations.
	{name: "100-continue", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 2\n\n<100 Continue>\nhi" + closing, handler: echoes},
	{name: "100-continue, body there", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-Continue\nContent-Length: 2\n\nhi" + closing, handler: echoes},
	{name: "100-continue, not read", send: "POST /a HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 2\n\n", half: true, handler: ignores},
	{name: "100-continue, refused", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 2\n\n", half: true, handler: says(403, "no")},
	{name: "100-continue by the handler", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 2\n\n<100 Continue>\nhi" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(100)
			echoes(w, r)
		}},
	{name: "100-continue without a body", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 0\n\n" + closing, handler: echoes},
	{name: "100-continue, HTTP/1.0", send: "POST / HTTP/1.0\nExpect: 100-continue\nContent-Length: 2\n\nhi", handler: echoes},
	{name: "100-continue, chunked", send: "POST / HTTP/1.1\nHost: x\nExpect: 100-continue\nTransfer-Encoding: chunked\n\n<100 Continue>\n2\nhi\n0\n\n" + closing,
		handler: echoes},
	{name: "unknown expectation", send: "GET / HTTP/1.1\nHost: x\nExpect: more\n\n", handler: says(200, "x")},
	{name: "empty expectation", send: "GET / HTTP/1.1\nHost: x\nExpect:\n\n" + closing, handler: says(200, "x")},

	// Hijacking and ends.
	{name: "hijacked", send: "GET / HTTP/1.1\nHost: x\n\nmore", handler: func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		_, err = w.Write([]byte("no"))
		if err != http.ErrHijacked {
			panic(err)
		}
		b := make([]byte, 4)
		_, err = io.ReadFull(rw, b)
		fmt.Fprintf(rw, "raw %q %v", b, err)
		rw.Flush()
	}},
	{name: "hijacked after an answer", send: staying + "GET /h HTTP/1.1\nHost: x\n\n", handler: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/h" {
			io.WriteString(w, "first")
			return
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		io.WriteString(c, "raw")
	}},
	{name: "switched", send: "GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: p\n\nmore", handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "p")
		w.WriteHeader(101)
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		line, _ := bufio.NewReader(io.LimitReader(rw, 4)).ReadString(0)
		io.WriteString(c, line)
	}},
	{name: "switched without hijacking", send: "GET / HTTP/1.1\nHost: x\nConnection: Upgrade, close\nUpgrade: p\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "p")
			w.WriteHeader(101)
		}},
	{name: "panic after a flush", send: staying, handler: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		panic("in a test")
	}},
	{name: "aborted", send: staying + "GET /h HTTP/1.1\nHost: x\n\n", handler: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/h" {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "first")
	}},
}
