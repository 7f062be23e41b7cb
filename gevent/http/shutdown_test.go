package http

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestServerShutdown(t *testing.T) {
	var gate gevent.Event
	inside := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			inside++
			require.NoError(t, gate.Wait())
		}
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		idle, slow, half, fresh := w.dial(), w.dial(), w.dial(), w.dial()
		idle.send(staying)
		idle.expect("/")
		half.send("GET /half HTTP/1.1\nHo")
		slow.send("GET /slow HTTP/1.1\nHost: x\n\n" + staying)
		for inside == 0 || w.state.active < 4 {
			gevent.Yield()
		}
		stopping := gevent.Spawn(func() error { return w.Shutdown(context.Background()) })
		require.ErrorIs(t, w.serving.Get(), http.ErrServerClosed)
		idle.ended()
		_, err := gevent.Dial("tcp", w.address)
		require.Error(t, err)
		require.False(t, stopping.Ready())
		require.LessOrEqual(t, w.state.first.reading.at, w.now()+graceOfFresh)
		fresh.send(staying)
		_, header, _ := fresh.answer("GET")
		require.Equal(t, []string{"close"}, header["Connection"])
		fresh.ended()
		half.send("st: x\n\n")
		_, header, body := half.answer("GET")
		require.Equal(t, "/half", body)
		require.Equal(t, []string{"close"}, header["Connection"])
		half.ended()
		gate.Set()
		_, header, body = slow.answer("GET")
		require.Equal(t, "/slow", body)
		require.Equal(t, []string{"close"}, header["Connection"])
		require.NoError(t, stopping.Get())
		require.ErrorIs(t, w.Serve(spareListener(t)), http.ErrServerClosed)
		require.NoError(t, w.Shutdown(context.Background()), "again")
		slow.Close()
	})
}

// spareListener is a listener that nobody uses.
func spareListener(t *testing.T) net.Listener {
	l, err := gevent.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func TestServerShutdownGivesUp(t *testing.T) {
	inside := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		inside++
		gevent.Sleep(time.Hour)
	}), func(w *world) {
		c := w.dial()
		c.send(staying)
		for inside == 0 {
			gevent.Yield()
		}
		ctx, cancel := context.WithCancel(context.Background())
		stopping := gevent.Spawn(func() error { return w.Shutdown(ctx) })
		gevent.Yield()
		require.False(t, stopping.Ready())
		cancel()
		require.Equal(t, context.Canceled, stopping.Get())
		require.Equal(t, context.Canceled, w.Shutdown(ctx), "the context is over already")
		require.Equal(t, 1, w.state.active)
		c.Close()
	})
}

func TestServerCloseFromHandler(t *testing.T) {
	var s *Server
	s = handling(func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, s.Close())
		_, err := io.WriteString(w, "nobody gets this")
		require.NoError(t, err)
	})
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(staying)
		c.ended()
	})
}

// A connection that is kept gets one more answer during Drain, which tells the client that it ends.
func TestServerDrain(t *testing.T) {
	var gate gevent.Event
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			require.NoError(t, http.NewResponseController(w).Flush())
			require.NoError(t, gate.Wait())
		}
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		idle, begun := w.dial(), w.dial()
		idle.send(staying)
		idle.expect("/")
		begun.send("GET /begun HTTP/1.1\nHost: x\n\n")
		_, err := begun.Peek(1) // the answer's head, which promises that the connection stays
		require.NoError(t, err)
		stopping := gevent.Spawn(func() error { return w.Drain(context.Background(), patience) })
		require.ErrorIs(t, w.serving.Get(), http.ErrServerClosed)
		_, err = gevent.Dial("tcp", w.address)
		require.Error(t, err)
		gate.Set()
		begun.expect("/begun")
		for _, c := range []*worldClient{idle, begun} {
			require.False(t, stopping.Ready())
			c.send(staying)
			_, header, body := c.answer("GET")
			require.Equal(t, "/", body)
			require.Equal(t, []string{"close"}, header["Connection"])
			c.ended()
		}
		require.NoError(t, stopping.Get())
	})
}

// A request that was sent within Drain's time is answered, though the hub looks later. On a busy computer it may look too
// late even so, if that time was short.
func TestServerDrainLate(t *testing.T) {
	answered := false
	for idle := 20 * time.Millisecond; !answered; idle *= 2 {
		require.Less(t, idle, 5*time.Second)
		inWorld(t, handling(ignores), func(w *world) {
			c := w.dial()
			c.send(staying)
			c.expect("/")
			stopping := gevent.Spawn(func() error { return w.Drain(context.Background(), idle) })
			gevent.Yield()
			c.send(staying)
			time.Sleep(idle + time.Millisecond)
			if _, err := c.Peek(1); err == nil {
				c.expect("/")
				c.ended()
				answered = true
			}
			require.NoError(t, stopping.Get())
		})
	}
}

// Connections on which nothing comes are closed when Drain's time is over, that of its context, or at a Shutdown.
func TestServerDrainEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	background := context.Background()
	for _, end := range []func(w *world) error{
		func(w *world) error { return w.Drain(background, time.Millisecond) },
		func(w *world) error { return w.Drain(background, -1) },
		func(w *world) error {
			stopping := gevent.Spawn(func() error { return w.Drain(ctx, time.Hour) })
			gevent.Yield()
			cancel()
			require.Equal(t, context.Canceled, stopping.Get())
			return nil
		},
		func(w *world) error {
			stopping := gevent.Spawn(func() error { return w.Drain(background, time.Hour) })
			gevent.Yield()
			require.False(t, stopping.Ready())
			require.NoError(t, w.Shutdown(background))
			return stopping.Get()
		},
	} {
		server := handling(ignores)
		server.IdleTimeout = -1
		inWorld(t, server, func(w *world) {
			c := w.dial()
			c.send(staying)
			c.expect("/")
			require.NoError(t, end(w))
			c.ended()
		})
	}
}

func TestServerShutdownInterrupted(t *testing.T) {
	inside := 0
	inWorld(t, handling(func(http.ResponseWriter, *http.Request) {
		inside++
		gevent.Sleep(time.Hour)
	}), func(w *world) {
		c := w.dial()
		c.send(staying)
		for inside == 0 {
			gevent.Yield()
		}
		thrown := gevent.Spawn(func() error { return w.Shutdown(context.Background()) })
		gevent.Yield()
		thrown.Throw(io.ErrClosedPipe)
		require.Equal(t, io.ErrClosedPipe, thrown.Get())
		killed := gevent.Spawn(func() error { return w.Shutdown(context.Background()) })
		gevent.Yield()
		require.NoError(t, killed.Kill())
		late := gevent.Spawn(func() error {
			return gevent.WithTimeout(time.Millisecond, func() error { return w.Shutdown(context.Background()) })
		})
		require.ErrorIs(t, late.Get(), gevent.ErrTimeout)
		c.Close()
	})
}

func TestServerKilledServe(t *testing.T) {
	inWorld(t, handling(ignores), func(w *world) {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		first := w.address
		for _, end := range []func(g *gevent.Greenlet) error{
			func(g *gevent.Greenlet) error { return g.Kill() },
			func(g *gevent.Greenlet) error { g.Throw(io.ErrClosedPipe); return g.Join() },
		} {
			g := gevent.Spawn(func() error { return w.Serve(l) })
			gevent.Yield()
			require.NoError(t, end(g))
			_, err = gevent.Dial("tcp", l.Addr().String())
			require.Error(t, err)
			l = spareListener(t)
		}
		require.NoError(t, l.Close())
		w.address = first
		c := w.dial()
		c.send(closing)
		c.expect("/")
		c.ended()
	})
}
