package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// What the parser and the bodies accept, refuse and return is compared with net/http's own server, which gets the same
// bytes.

// A parseExchange is all that a handler sees of one request.
type parseExchange struct {
	Method, RequestURI, Proto, Host string
	Major, Minor                    int
	URL                             url.URL
	Header, Announced, Trailer      http.Header
	ContentLength                   int64
	TransferEncoding                []string
	Close                           bool
	Body                            string
	Failed                          bool // the body ended with an error
}

// A parseMode is what the handler does with bodies.
type parseMode int

const (
	readAll parseMode = iota
	readNothing
	readSome
	parseModes
)

// see is the handler.
func (m parseMode) see(r *http.Request) (x parseExchange, err error) {
	x = parseExchange{
		Method: r.Method, RequestURI: r.RequestURI, Proto: r.Proto, Host: r.Host, Major: r.ProtoMajor, Minor: r.ProtoMinor,
		URL: *r.URL, Header: r.Header.Clone(), Announced: r.Trailer.Clone(),
		ContentLength: r.ContentLength, TransferEncoding: r.TransferEncoding, Close: r.Close,
	}
	switch m {
	case readAll:
		var body []byte
		body, err = io.ReadAll(r.Body)
		x.Body, x.Failed, x.Trailer = string(body), err != nil, r.Trailer.Clone()
	case readSome:
		body := make([]byte, 3)
		n, _ := io.ReadFull(r.Body, body) // whether what follows is bad, too, need not be known yet
		x.Body = string(body[:n])
	}
	return x, err
}

// A scriptConn is a connection whose peer has sent all that it ever will.
type scriptConn struct {
	io.Reader
	mode   parseMode
	seen   []parseExchange
	reply  bytes.Buffer
	closed chan struct{}
}

type scriptAddr struct{}

func (scriptAddr) Network() string { return "script" }
func (scriptAddr) String() string  { return "script" }

func (c *scriptConn) Write(b []byte) (int, error)      { return c.reply.Write(b) }
func (c *scriptConn) LocalAddr() net.Addr              { return scriptAddr{} }
func (c *scriptConn) RemoteAddr() net.Addr             { return scriptAddr{} }
func (c *scriptConn) SetDeadline(time.Time) error      { return nil }
func (c *scriptConn) SetReadDeadline(time.Time) error  { return nil }
func (c *scriptConn) SetWriteDeadline(time.Time) error { return nil }

func (c *scriptConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}

type scriptListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *scriptListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *scriptListener) Close() error   { close(l.done); return nil }
func (l *scriptListener) Addr() net.Addr { return scriptAddr{} }

// A parseOracle is net/http's server.
type parseOracle struct{ l *scriptListener }

func newParseOracle(tb testing.TB) *parseOracle {
	type key struct{}
	l := &scriptListener{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &http.Server{
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, key{}, c)
		},
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			c := r.Context().Value(key{}).(*scriptConn)
			x, _ := c.mode.see(r)
			c.seen = append(c.seen, x)
		}),
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	tb.Cleanup(func() {
		s.Close()
		require.ErrorIs(tb, <-served, http.ErrServerClosed)
		if _, fuzzing := tb.(*testing.F); !fuzzing {
			goleak.VerifyNone(tb)
		}
	})
	return &parseOracle{l}
}

// ask returns what handlers saw of the input, and how it was refused at the end.
func (o *parseOracle) ask(tb require.TestingT, input []byte, mode parseMode) (seen []parseExchange, refusal string) {
	c := &scriptConn{Reader: bytes.NewReader(input), mode: mode, closed: make(chan struct{})}
	o.l.conns <- c
	select {
	case <-c.closed:
	case <-time.After(20 * time.Second):
		require.FailNow(tb, "net/http does not end", "%q", input)
	}
	if m := refused.FindStringSubmatch(c.reply.String()); m != nil {
		refusal = m[1] + "|" + m[2]
	}
	return c.seen, refusal
}

var refused = regexp.MustCompile(`HTTP/1\.1 ([45]\d\d [^\r\n]*)\r\n` +
	`Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n(.*)$`)

// A scriptSource is a source that hands out its input in pieces.
type scriptSource struct {
	rest  []byte
	piece int // bytes that come at once; 0 is all
	ready int // of rest, buffered
	end   error
}

func (s *scriptSource) Peek() ([]byte, error) {
	if s.ready == 0 {
		s.ready = len(s.rest)
		if s.piece > 0 {
			s.ready = min(s.piece, len(s.rest))
		}
	}
	if s.ready == 0 {
		if s.end != nil {
			return nil, s.end
		}
		return nil, io.EOF
	}
	return s.rest[:s.ready:s.ready], nil
}

func (s *scriptSource) Discard(n int) {
	if n > s.ready {
		panic(fmt.Sprintf("%d bytes discarded of %d", n, s.ready))
	}
	s.rest, s.ready = s.rest[n:], s.ready-n
}

func (s *scriptSource) Read(b []byte) (int, error) {
	in, err := s.Peek()
	n := copy(b, in)
	s.Discard(n)
	return n, err
}

// parseServer is what a server does around the parser, as little as the comparison needs.
type parseServer struct {
	mode  parseMode
	piece int
	seen  []parseExchange
	err   error // of the last body
}

func (s *parseServer) serve(input []byte) (refusal string) {
	src := &scriptSource{rest: bytes.Clone(input), piece: s.piece}
	for last := (*http.Request)(nil); ; {
		if last != nil && len(src.rest) < 4 { // net/http waits for four bytes before a connection counts as active again
			return ""
		}
		if last != nil && last.Method == "POST" { // some old clients send an empty line too much
			for i := 0; i < 4 && (src.rest[0] == '\r' || src.rest[0] == '\n'); i++ {
				src.rest, src.ready = src.rest[1:], 0
				if len(src.rest) == 0 {
					return ""
				}
			}
		}
		if len(src.rest) == 0 {
			return ""
		}
		n := headEnd(src.rest, 0)
		if n == 0 {
			return refusalOf(errMalformed)
		}
		r, err := parseRequest(context.Background(), src.rest[:n])
		for i := range n {
			src.rest[i] = '#' // nothing of the head may be kept
		}
		src.rest, src.ready = src.rest[n:], 0
		if err != nil {
			return refusalOf(err)
		}
		if !s.handle(r, src) {
			return ""
		}
		last = r
	}
}

// handle returns whether the connection goes on.
func (s *parseServer) handle(r *http.Request, src *scriptSource) bool {
	conn := r.Header.Get("Connection")
	closes := r.Close || !r.ProtoAtLeast(1, 1) || parseHasToken(conn, "close")
	if r.ProtoMajor == 1 && r.ProtoMinor == 0 && parseHasToken(conn, "keep-alive") {
		closes = false
	}
	expect := r.Header.Get("Expect")
	if expect != "" && !parseHasToken(expect, "100-continue") {
		return false // 417
	}
	var b *body
	if r.Body == nil {
		b = newBody(r, src)
		r.Body = b
	}
	x, err := s.mode.see(r)
	s.seen = append(s.seen, x)
	s.err = err
	if closes {
		return false
	}
	if b == nil {
		return true
	}
	if expect != "" && r.ProtoAtLeast(1, 1) && !b.atEnd() {
		return false
	}
	ended, err := b.drain(256 << 10)
	s.err = errors.Join(s.err, err)
	return ended
}

// parseHasToken looks for a token as the server of net/http does once a request is parsed: without regard to commas.
func parseHasToken(list, token string) bool {
	found := regexp.MustCompile(`(?i)(^|[ ,\t])` + token + `($|[ ,\t])`).MatchString(list)
	return found && !strings.ContainsAny(list, "\u212a\u017f")
}

func refusalOf(err error) string {
	var bad *badRequest
	if !errors.As(err, &bad) {
		panic(err)
	}
	line := fmt.Sprintf("%d %s", bad.status, http.StatusText(bad.status))
	switch {
	case bad.text == "":
		return line + "|" + line
	case bad.status == http.StatusNotImplemented:
		return line + "|" + bad.text
	}
	return line + ": " + bad.text + "|" + line + ": " + bad.text
}

// stricter are the inputs that only net/http accepts: a trailer that ends with a bare LF, if "\r\n\r\n" follows somewhere
// later; one with a space before a colon.
var stricter = regexp.MustCompile(`(?s)0[^\n]*\r\n(\n|.*(\n\n|[^\r]\n\r\n)|(.*\n)?[^\n:]* [^\n:]*:)`)

// compare gives the input to both servers.
func (o *parseOracle) compare(
	tb require.TestingT, input []byte, mode parseMode, piece int,
) (seen []parseExchange, refusal string) {
	want, wantRefusal := o.ask(tb, input, mode)
	s := &parseServer{mode: mode, piece: piece}
	refusal = s.serve(input)
	if errors.Is(s.err, errTrailer) && stricter.Match(input) {
		require.LessOrEqual(tb, len(s.seen), len(want), "%q", input)
		return s.seen, refusal
	}
	require.Equal(tb, len(want), len(s.seen), "requests in %q: %q instead of %q", input, refusal, wantRefusal)
	for i := range want {
		require.Equal(tb, want[i], s.seen[i], "request %d of %q", i, input)
	}
	require.Equal(tb, wantRefusal, refusal, "%q", input)
	return s.seen, refusal
}
