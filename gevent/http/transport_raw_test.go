//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

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
	trFetch("chunks with extensions",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"),
	trFetch("chunks that are wrong", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n"),
	trFetch("two equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
	trFetch("a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi"),
	trFetch("length and chunks",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
	trFetch("another encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuv"),
	trFetch("low names", "HTTP/1.1 200 fine\r\ncontent-length: 2\r\nx-y: 1\r\nX-Y: 2\r\n\r\nhi"),
	trFetch("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
	trFetch("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
	trFetch("more than announced", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi and more"),
	trFetch("no HTTP", "hello\r\n\r\n"),
	trFetch("a status that is none", "HTTP/1.1 abc\r\n\r\n"),
	trFetch("a field that is none", "HTTP/1.1 200 OK\r\nno field\r\n\r\n"),
	trFetch("upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
	trFetch("a hundred and more",
		"HTTP/1.1 199 Hm\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
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
