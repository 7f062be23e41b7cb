package http

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

func TestMain(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go's own poller keeps a few descriptors from its first use on
	}
	os.Exit(m.Run())
}

// A world is a Server on a hub, and what its log says.
type world struct {
	*Server
	t       *testing.T
	log     bytes.Buffer
	serving *gevent.Greenlet
	address string
}

// inWorld runs test in a hub with s serving, then closes that and checks that nothing is left.
func inWorld(t *testing.T, s *Server, test func(w *world)) {
	t.Helper()
	before := openDescriptors(t)
	w := &world{Server: s, t: t}
	s.ErrorLog = slog.New(slog.NewTextHandler(&w.log, nil))
	defer func() {
		if t.Failed() {
			t.Log(w.log.String())
		}
	}()
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		w.serveOn(l)
		test(w)
		require.NoError(t, s.Close())
		require.ErrorIs(t, w.serving.Get(), http.ErrServerClosed)
		for deadline := time.Now().Add(patience); gevent.GetHub().Stats().Live > 1; {
			require.True(t, time.Now().Before(deadline), "greenlets left: %v", gevent.GetHub().Dump())
			require.NoError(t, gevent.Sleep(time.Millisecond)) // a session closes its connection last, which may park
		}
		require.Zero(t, s.state.active)
		require.Nil(t, s.state.first)
		return nil
	})
	require.NoError(t, err)
	goleak.VerifyNone(t, ofTheOracle)
	require.Equal(t, before, openDescriptors(t))
}

func (w *world) serveOn(l net.Listener) {
	w.address = l.Addr().String()
	w.serving = gevent.Spawn(func() error { return w.Serve(l) })
}

func openDescriptors(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// A worldClient is a raw connection to the server.
type worldClient struct {
	net.Conn
	*bufio.Reader
	t *testing.T
}

func (c *worldClient) Read(b []byte) (int, error) { return c.Reader.Read(b) }

func (w *world) dial() *worldClient {
	c, err := gevent.Dial("tcp", w.address)
	require.NoError(w.t, err)
	return newWorldClient(w.t, c)
}

func newWorldClient(t *testing.T, c net.Conn) *worldClient {
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return &worldClient{c, bufio.NewReader(c), t}
}

// send sends text, in which each line's end becomes that of HTTP.
func (c *worldClient) send(text string) {
	_, err := io.WriteString(c.Conn, strings.ReplaceAll(text, "\n", "\r\n"))
	require.NoError(c.t, err)
}

// answer reads an answer to a request with that method.
func (c *worldClient) answer(method string) (status int, header http.Header, body string) {
	r, err := http.ReadResponse(c.Reader, &http.Request{Method: method})
	require.NoError(c.t, err)
	b, err := io.ReadAll(r.Body)
	require.NoError(c.t, err)
	if r.Close {
		r.Header.Set("Connection", "close") // ReadResponse takes it out
	}
	return r.StatusCode, r.Header, string(b)
}

// expect reads an answer to a GET and checks its body.
func (c *worldClient) expect(body string) {
	c.t.Helper()
	_, _, got := c.answer(http.MethodGet)
	require.Equal(c.t, body, got)
}

// ended checks that the server closes the connection and sends nothing more.
func (c *worldClient) ended() {
	c.t.Helper()
	rest, err := io.ReadAll(c.Reader)
	require.NoError(c.t, err)
	require.Empty(c.t, string(rest))
	require.NoError(c.t, c.Close())
}

func handling(f http.HandlerFunc) *Server { return &Server{Handler: f} }
