package http

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// What connections go through: requests one after the other, bodies, expectations, and how connections end.
var conversations = []exchange{
	// Connections.
	{name: "HTTP/1.0", send: "GET / HTTP/1.0\n\n", handler: says(200, "x")},
	{name: "HTTP/1.0, kept", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n", handler: says(200, "x")},
	{name: "HTTP/1.0, kept, flushed", send: "GET / HTTP/1.0\nConnection: keep-alive\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "one")
			w.(http.Flusher).Flush()
			io.WriteString(w, "two")
		}},
	{name: "HTTP/1.0, kept, 204", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }},
	{name: "HTTP/1.0, kept, Connection by the handler", send: "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n",
		handler: sets("Connection", "keep-alive", "Content-Length", "4")},
	{name: "HTTP/1.0 HEAD, kept", send: "HEAD / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n",
		handler: says(200, "x")},
	{name: "HTTP/1.0 with trailers", send: "GET / HTTP/1.0\n\n", handler: sets("Trailer", "T", http.TrailerPrefix+"A", "b")},
	{name: "pipelined", send: strings.Repeat(staying, 30) + closing, handler: says(200, "x")},
	{name: "pipelined, the middle one closes", send: staying + closing + staying, handler: says(200, "x")},
	{name: "pipelined, with bodies", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc" +
		"POST /b HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n2\nde\n0\n\n" + closing, handler: echoes},
	{name: "one after the other", send: staying + "<first>\n" + closing, handler: says(200, "first")},
	{name: "pieces of a head", send: "GET / HTTP/1.1\nHo", half: true, handler: says(200, "x")},
	{name: "empty lines after a POST", send: post + "Content-Length: 1\n\na\n\n" + closing,
		handler: echoes},
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
	{name: "body", send: post + "Content-Length: 5\n\nhello" + closing, handler: echoes},
	{name: "chunked body", send: post + "Transfer-Encoding: chunked\nTrailer: T\n\n3\nabc\n4;x=y\ndefg\n0\nT: v\n\n" + closing,
		handler: echoes},
	{name: "body not read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing, handler: ignores},
	{name: "chunked body not read", send: "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n" + closing,
		handler: ignores},
	{name: "body closed by the handler", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { r.Body.Close() }},
	{name: "body partly read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { r.Body.Read(make([]byte, 2)) }},
	{name: "body of 255 KiB not read",
		send:    "POST /a HTTP/1.1\nHost: x\nContent-Length: 261120\n\n" + strings.Repeat("x", 255<<10) + closing,
		handler: ignores},
	{name: "large body not read", send: "POST /a HTTP/1.1\nHost: x\nContent-Length: 1000000\n\n", half: true,
		handler: ignores},
	{name: "large chunked body not read", send: "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n50000\n" +
		strings.Repeat("x", 0x50000) + "\n0\n\n", half: true, handler: ignores},
	{name: "body cut off", send: post + "Connection: close\nContent-Length: 5\n\nhel", half: true,
		handler: echoes},
	{name: "malformed chunks", send: post + "Transfer-Encoding: chunked\n\nzz\nabc\n0\n\n" + closing,
		handler: echoes},
	{name: "malformed chunks not read", send: post + "Transfer-Encoding: chunked\n\nzz\nabc\n0\n\n" + closing,
		handler: ignores},
	{name: "body too large for the handler", send: post + "Content-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 3))
			fmt.Fprint(w, err)
		}},
	{name: "read after the answer has begun", send: post + "Content-Length: 5\n\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		}},
	{name: "full duplex", send: post + "Content-Length: 5\n\n<200 OK>\nhello" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			if r.ContentLength == 5 && c.EnableFullDuplex() != nil || c.Flush() != nil {
				panic("unsupported")
			}
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err)
		}},
	{name: "form", send: post + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 7\n\na=1&b=2" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("a"), r.FormValue("b")) }},

	// Expectations.
	{name: "100-continue", send: post + "Expect: 100-continue\nContent-Length: 2\n\n<100 Continue>\nhi" + closing,
		handler: echoes},
	{name: "100-continue, body there", send: post + "Expect: 100-Continue\nContent-Length: 2\n\nhi" + closing,
		handler: echoes},
	{name: "100-continue, not read", send: "POST /a HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 2\n\n",
		half: true, handler: ignores},
	{name: "100-continue, refused", send: post + "Expect: 100-continue\nContent-Length: 2\n\n", half: true,
		handler: says(403, "no")},
	{name: "100-continue by the handler",
		send: post + "Expect: 100-continue\nContent-Length: 2\n\n<100 Continue>\nhi" + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(100)
			echoes(w, r)
		}},
	{name: "100-continue without a body", send: post + "Expect: 100-continue\nContent-Length: 0\n\n" + closing,
		handler: echoes},
	{name: "100-continue, HTTP/1.0", send: "POST / HTTP/1.0\nExpect: 100-continue\nContent-Length: 2\n\nhi", handler: echoes},
	{name: "100-continue, chunked",
		send:    post + "Expect: 100-continue\nTransfer-Encoding: chunked\n\n<100 Continue>\n2\nhi\n0\n\n" + closing,
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
	{name: "hijacked after an answer", send: staying + "GET /h HTTP/1.1\nHost: x\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
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
	{name: "switched", send: "GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: p\n\nmore",
		handler: func(w http.ResponseWriter, r *http.Request) {
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
