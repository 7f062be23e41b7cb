package http

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	post    = "POST / HTTP/1.1\nHost: x\n"
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

// The answers of a handler: statuses, fields, framing.
var answers = []exchange{
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
	{name: "204 with fields that have no place", send: staying + closing,
		handler: func(w http.ResponseWriter, r *http.Request) {
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
	{name: "redirect", send: closing,
		handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there", http.StatusFound) }},
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
	{name: "Content-Length and chunked", send: staying + closing,
		handler: sets("Content-Length", "4", "Transfer-Encoding", "chunked")},

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
	{name: "ServeContent, range", send: "GET / HTTP/1.1\nHost: x\nRange: bytes=2-3\nConnection: close\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader("content"))
		}},
	{name: "HEAD", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: says(200, "hello")},
	{name: "HEAD without a body", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: says(200, "")},
	{name: "HEAD with a length", send: "HEAD / HTTP/1.1\nHost: x\n\n" + closing, handler: sets("Content-Length", "4")},
	{name: "HEAD with a length and no body", send: strings.ReplaceAll(staying+closing, "GET", "HEAD"),
		handler: func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "7") }},
	{name: "HEAD of much", send: "HEAD / HTTP/1.1\nHost: x\n\nHEAD / HTTP/1.1\nHost: x\nConnection: close\n\n",
		handler: says(200, strings.Repeat("x", 10_000))},
	{name: "HEAD, flushed", send: "HEAD / HTTP/1.1\nHost: x\nConnection: close\n\n",
		handler: func(w http.ResponseWriter, r *http.Request) {
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
}
