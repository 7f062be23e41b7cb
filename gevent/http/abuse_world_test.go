//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"io"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// An abusedWorld is one in which an honest client keeps asking, which shows that the hub is alive and serves.
type abusedWorld struct {
	*world
	visits int // that were answered
}

// inAbuse runs test, which abuses the server, in a world with an honest client. Requests for /alive do not come to the
// server's handler.
func inAbuse(t *testing.T, s *Server, test func(w *abusedWorld)) {
	t.Helper()
	handler := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/alive" {
			io.WriteString(w, "alive")
			return
		}
		handler.ServeHTTP(w, r)
	})
	inWorld(t, s, func(plain *world) {
		w := &abusedWorld{world: plain}
		ended := false
		honest := gevent.Spawn(func() error {
			for !ended {
				c := w.dial()
				c.send("GET /alive HTTP/1.1\nHost: x\n\n")
				c.expect("alive")
				abuseReset(c)
				w.visits++
				require.NoError(t, gevent.Sleep(5*time.Millisecond))
			}
			return nil
		})
		test(w)
		w.alive()
		ended = true
		require.NoError(t, honest.Get())
		w.gone()
	})
}

// alive waits until the honest client has been served again, from beginning to end.
func (w *abusedWorld) alive() {
	w.t.Helper()
	before := w.visits
	w.eventually(func() bool { return w.visits >= before+2 })
}

// gone waits until all connections have ended, also the honest client's: it pauses between two.
func (w *abusedWorld) gone() {
	w.t.Helper()
	w.eventually(func() bool { return w.state.active == 0 })
}

func (w *world) eventually(what func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !what(); {
		require.True(w.t, time.Now().Before(deadline), "it never happened")
		require.NoError(w.t, gevent.Sleep(time.Millisecond))
	}
}

// crowd runs be on n connections at once, each in a greenlet of its own, and returns these.
func (w *abusedWorld) crowd(n int, be func(i int, c *worldClient)) []*gevent.Greenlet {
	gs := make([]*gevent.Greenlet, n)
	for i := range gs {
		gs[i] = gevent.Spawn(func() error {
			c := w.dial()
			defer c.Close()
			be(i, c)
			return nil
		})
	}
	return gs
}

// abuseReset closes a connection such that the peer gets a reset, and the system keeps nothing of it.
func abuseReset(c *worldClient) {
	require.NoError(c.t, c.Conn.(*gevent.TCPConn).SetLinger(0))
	require.NoError(c.t, c.Conn.Close())
}

// abuseUntilCut writes what next returns until the server has cut the connection, and returns how much that was.
func abuseUntilCut(c *worldClient, next func() string) (n int) {
	for {
		m, err := io.WriteString(c.Conn, next())
		n += m
		if err != nil {
			require.NotErrorIs(c.t, err, os.ErrDeadlineExceeded, "never cut")
			return n
		}
	}
}

// abuseMemory returns the bytes that live objects and stacks take.
func abuseMemory() int64 {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
