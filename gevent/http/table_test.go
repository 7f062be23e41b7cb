package http

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

// patience bounds each wait of the tests.
const patience = 30 * time.Second

// ofTheOracle is what net/http's server leaves behind for a while.
var ofTheOracle = goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait")

// An exchange is what a client sends and a handler does. Both servers must answer with the same bytes.
type exchange struct {
	name    string
	send    string // "<text>" on a line of its own: wait until text has come
	handler http.HandlerFunc
	half    bool // the client closes its side after it has sent all
}

// servers are the two, each with the handler of the moment.
type servers struct {
	handler     atomic.Pointer[http.HandlerFunc]
	oracle      net.Listener
	ours, bare  net.Listener // bare: connections that have no methods but a net.Conn's, and CloseWrite
	stop, ended chan struct{}
	standard    *http.Server
}

func (s *servers) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.handler.Load())(w, r) }

func startServers(t testing.TB) *servers {
	s := &servers{stop: make(chan struct{}), ended: make(chan struct{})}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	s.oracle, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.standard = &http.Server{Handler: s, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go s.standard.Serve(s.oracle)
	ready := make(chan error, 1)
	go func() {
		defer close(s.ended)
		ready <- gevent.Run(func() error {
			l, err := gevent.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			s.ours = l
			server := &Server{Handler: s, ErrorLog: quiet}
			bare, err := gevent.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			s.bare = bare
			g := gevent.Spawn(func() error { return server.Serve(l) })
			b := gevent.Spawn(func() error { return server.Serve(bareListener{bare}) })
			ready <- nil
			if _, _, err := gevent.Recv(s.stop); err != nil {
				return err
			}
			if err := server.Close(); err != nil {
				return err
			}
			if err := errors.Join(g.Get(), b.Get()); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}()
	require.NoError(t, <-ready)
	t.Cleanup(func() {
		close(s.stop)
		<-s.ended
		require.NoError(t, <-ready)
		require.NoError(t, s.standard.Close())
		if _, benchmark := t.(*testing.B); !benchmark {
			goleak.VerifyNone(t, ofTheOracle)
		}
	})
	return s
}

type bareListener struct{ net.Listener }

type bareConn struct{ net.Conn }

func (l bareListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return bareConn{c}, err
}

func (c bareConn) CloseWrite() error { return c.Conn.(*gevent.TCPConn).CloseWrite() }

var awaited = regexp.MustCompile(`(?m)^<(.*)>\n`)

// play plays the client and returns all that the server has sent.
func (e *exchange) play(t *testing.T, address string) string {
	return e.playPieces(t, address, math.MaxInt)
}

// playPieces is play with no more than size bytes sent at once.
func (e *exchange) playPieces(t *testing.T, address string, size int) string {
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	var got bytes.Buffer
	rest := e.send
	for rest != "" {
		piece, text := rest, ""
		if m := awaited.FindStringSubmatchIndex(rest); m != nil {
			piece, text, rest = rest[:m[0]], rest[m[2]:m[3]], rest[m[1]:]
		} else {
			rest = ""
		}
		for bytes := []byte(strings.ReplaceAll(piece, "\n", "\r\n")); len(bytes) > 0; {
			n := min(size, len(bytes))
			if _, err := c.Write(bytes[:n]); err != nil && size < math.MaxInt {
				break // the server has answered before all was sent
			} else {
				require.NoError(t, err)
			}
			bytes = bytes[n:]
		}
		for text != "" && !strings.Contains(got.String(), text) {
			b := make([]byte, 1000)
			n, err := c.Read(b)
			got.Write(b[:n])
			require.NoError(t, err, "waits for %q, has %q", text, got.String())
		}
	}
	if e.half {
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
	}
	_, err = io.Copy(&got, c)
	if err != nil {
		require.NotContains(t, err.Error(), "timeout", "has %q", got.String())
	}
	return got.String()
}

var dates = regexp.MustCompile("Date: [^\r]*\r\n")

func TestServersAnswerAlike(t *testing.T) {
	s := startServers(t)
	names := map[string]bool{}
	exchanges := slices.Concat(answers, conversations)
	for _, e := range exchanges {
		require.False(t, names[e.name], "two exchanges %q", e.name)
		names[e.name] = true
		t.Run(e.name, func(t *testing.T) {
			s.handler.Store(&e.handler)
			want := e.play(t, s.oracle.Addr().String())
			want = dates.ReplaceAllString(want, "Date\r\n")
			for _, l := range []net.Listener{s.ours, s.bare} {
				got := e.play(t, l.Addr().String())
				require.Equal(t, want, dates.ReplaceAllString(got, "Date\r\n"))
				if len(e.send) < 1000 {
					got := e.playPieces(t, l.Addr().String(), 3)
					require.Equal(t, want, dates.ReplaceAllString(got, "Date\r\n"), "in pieces")
				}
			}
		})
	}
	require.GreaterOrEqual(t, len(exchanges), 60)
}
