package http

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

// patience bounds each wait of the tests.
const patience = 20 * time.Second

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
	ours        net.Listener
	hub         *gevent.Hub
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
			g := gevent.Spawn(func() error { return server.Serve(l) })
			ready <- nil
			if _, _, err := gevent.Recv(s.stop); err != nil {
				return err
			}
			if err := server.Close(); err != nil {
				return err
			}
			if err := g.Get(); err != http.ErrServerClosed {
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
			goleak.VerifyNone(t, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
		}
	})
	return s
}

var awaited = regexp.MustCompile(`(?m)^<(.*)>\n`)

// play plays the client and returns all that the server has sent.
func (e *exchange) play(t *testing.T, address string) string {
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
		_, err := io.WriteString(c, strings.ReplaceAll(piece, "\n", "\r\n"))
		require.NoError(t, err)
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
	for _, e := range exchanges {
		require.False(t, names[e.name], "two exchanges %q", e.name)
		names[e.name] = true
		t.Run(e.name, func(t *testing.T) {
			s.handler.Store(&e.handler)
			want := e.play(t, s.oracle.Addr().String())
			got := e.play(t, s.ours.Addr().String())
			require.Equal(t, dates.ReplaceAllString(want, "Date\r\n"), dates.ReplaceAllString(got, "Date\r\n"))
		})
	}
	require.GreaterOrEqual(t, len(exchanges), 60)
}
