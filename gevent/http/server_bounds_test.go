package http

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestServerMaxBodyBytes(t *testing.T) {
	s := handling(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			w.WriteHeader(413)
		}
		w.Write(b)
	})
	s.MaxBodyBytes = 5
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(post + "Content-Length: 5\n\nabcdePOST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nabcde\n0\n\n")
		c.expect("abcde")
		c.expect("abcde")
		c.send(post + "Transfer-Encoding: chunked\n\n7\nabcdefg\n0\n\n")
		status, header, body := c.answer("POST")
		require.Equal(t, 413, status)
		require.Equal(t, "abcde", body)
		require.Equal(t, []string{"close"}, header["Connection"])
		c.ended()
		c = w.dial()
		c.send(post + "Content-Length: 6\n\nabcdef")
		status, _, _ = c.answer("POST")
		require.Equal(t, 413, status)
		c.ended()
	})
}

func TestServerLargeHeads(t *testing.T) {
	s := handling(ignores)
	s.MaxHeaderBytes = 10_000
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("GET / HTTP/1.1\nHost: x\nA: " + strings.Repeat("a", 13_000) + "\n\n")
		c.expect("/")
		for _, end := range []string{"\n\n", ""} {
			c := w.dial()
			c.send("GET / HTTP/1.1\nHost: x\nA: " + strings.Repeat("a", 14_500) + end)
			status, _, _ := c.answer("GET")
			require.Equal(t, 431, status)
			c.ended()
		}
		require.NoError(t, c.Close())
	})
}

func TestServerMaxConns(t *testing.T) {
	s := handling(ignores)
	s.MaxConns = 2
	inWorld(t, s, func(w *world) {
		a, b := w.dial(), w.dial()
		for _, c := range []*worldClient{a, b} {
			c.send(staying)
			c.expect("/")
		}
		third := w.dial()
		third.send(closing)
		answered := gevent.Spawn(func() error { third.expect("/"); return nil })
		a.send(staying)
		a.expect("/")
		require.False(t, answered.Ready())
		require.Equal(t, 2, w.state.active)
		require.NoError(t, b.Close())
		require.NoError(t, answered.Get())
		require.NoError(t, a.Close())
		third.ended()
	})
}

func TestServerContextValues(t *testing.T) {
	type key string
	s := handling(nil)
	s.BaseContext = func(l net.Listener) context.Context {
		return context.WithValue(context.Background(), key("address"), l.Addr().String())
	}
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, key("conn"), c.RemoteAddr().String())
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		require.Equal(t, ctx.Value(key("address")), ctx.Value(http.LocalAddrContextKey).(net.Addr).String())
		require.Equal(t, ctx.Value(key("conn")), r.RemoteAddr)
		require.Equal(t, http.DefaultMaxHeaderBytes, ctx.Value(http.ServerContextKey).(*http.Server).MaxHeaderBytes)
		require.Nil(t, ctx.Value(key("none")))
		_, limited := ctx.Deadline()
		require.False(t, limited)
		io.WriteString(w, "fine")
	})
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(closing)
		c.expect("fine")
		c.ended()
		require.Empty(t, w.log.String())
	})
}

func TestServerUnixSocket(t *testing.T) {
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path+" by unix")
	}), func(w *world) {
		l, err := gevent.Listen("unix", t.TempDir()+"/s")
		require.NoError(t, err)
		serving := gevent.Spawn(func() error { return w.Serve(l) })
		plain, err := gevent.Dial("unix", l.Addr().String())
		require.NoError(t, err)
		c := newWorldClient(t, plain)
		c.send(staying + staying)
		c.expect("/ by unix")
		c.expect("/ by unix")
		require.Nil(t, w.state.first.in.page)
		require.NoError(t, c.Close())
		require.NoError(t, w.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	})
}

func TestServerMisuse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	require.Panics(t, func() { new(Server).Serve(bareListener{l}) }, "outside a hub")
	require.NoError(t, gevent.Run(func() error {
		require.Panics(t, func() { new(Server).Serve(l) })
		return nil
	}))
	s := new(Server)
	s.state.hub = new(gevent.Hub)
	require.NoError(t, gevent.Run(func() error {
		require.Panics(t, func() { s.Serve(spareListener(t)) }, "another hub's")
		return nil
	}))
}
