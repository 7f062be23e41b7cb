//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// However many come at once, the server lets others run after a hundred at the latest.
func TestServerIsFairWhileAccepting(t *testing.T) {
	for name, wrap := range map[string]func(l net.Listener) net.Listener{
		"ours":        func(l net.Listener) net.Listener { return l },
		"never parks": func(net.Listener) net.Listener { return new(generousListener) },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				const crowd = 300
				l := listen(t)
				var cs []io.Closer
				for range crowd {
					cs = append(cs, dialTo(t, l.Addr().String()))
				}
				s := &StreamServer{Handler: func(net.Conn) error { return nil }}
				serving := s.Start(wrap(l))
				for s.Served() < crowd {
					before := s.Served()
					Yield()
					require.LessOrEqual(t, s.Served()-before, 100)
				}
				require.Zero(t, s.Stop(patience))
				require.Same(t, ErrServerClosed, serving.Get())
				closeAll(t, cs...)
				_ = l.Close()
				return nil
			})
		})
	}
}

// A generousListener has a connection at any time.
type generousListener struct{ closed bool }

func (l *generousListener) Accept() (net.Conn, error) {
	if l.closed {
		return nil, net.ErrClosed
	}
	c, _ := net.Pipe()
	return c, nil
}

func (l *generousListener) Close() error   { l.closed = true; return nil }
func (l *generousListener) Addr() net.Addr { return &net.TCPAddr{} }

func TestServerStart(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		s := &StreamServer{Handler: echo}
		g := s.Start(l)
		require.Panics(t, func() { _ = s.Serve(l) })
		c := comes(t, l.Addr().String(), "a")
		mustRead(t, c, "a")
		closeAll(t, c)
		require.Zero(t, s.Stop(patience))
		require.Same(t, ErrServerClosed, g.Get())

		s = &StreamServer{Handler: echo}
		l = listen(t)
		g = s.Start(l)
		require.Zero(t, s.Stop(0), "before it has begun")
		require.ErrorIs(t, l.Close(), net.ErrClosed)
		require.Same(t, ErrServerClosed, g.Get())

		s = &StreamServer{Handler: echo}
		l = listen(t)
		require.NoError(t, s.Start(l).Kill())
		eventually(t, func() bool { return errors.Is(l.Close(), net.ErrClosed) })
		return nil
	})
}

func TestServeContext(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancelCause(context.Background())
		l := listen(t)
		s := &StreamServer{Handler: echo}
		serving := Spawn(func() error { return s.ServeContext(ctx, l, time.Hour) })
		c := comes(t, l.Addr().String(), "a")
		mustRead(t, c, "a")
		cancel(errMade)
		eventually(t, func() bool { return s.stopped })
		mustWrite(t, c, "in the grace")
		mustRead(t, c, "in the grace")
		closeAll(t, c)
		require.Same(t, errMade, serving.Get())

		l = listen(t)
		s = &StreamServer{Handler: echo}
		serving = Spawn(func() error { return s.ServeContext(context.Background(), l, 0) })
		parked(t, serving)
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

func TestServeContextInterrupted(t *testing.T) {
	for name, i := range interruptions {
		if i.timed {
			continue
		}
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				l := listen(t)
				s := &StreamServer{Handler: echo}
				g := Spawn(i.around(func() error { return s.ServeContext(context.Background(), l, 0) }))
				c := comes(t, l.Addr().String(), "a")
				mustRead(t, c, "a")
				parked(t, g)
				i.end(g, true)
				require.ErrorIs(t, g.Get(), i.err)
				mustEnd(t, c)
				require.Zero(t, s.Active())
				require.ErrorIs(t, l.Close(), net.ErrClosed)
				return nil
			})
		})
	}
}

// A listener that would block the hub is refused at once.
func TestServerRefusesListenersThatBlock(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		require.PanicsWithValue(t, "gevent: StreamServer for a listener of package net, whose Accept would block the hub; "+
			"take gevent.Listen", func() { _ = s.Serve(l) })
		for _, ours := range []net.Listener{listen(t), listenUnixTemp(t)} {
			_, err := await(func() (any, error) {
				return nil, Run(func() error {
					require.Panics(t, func() { (&StreamServer{Handler: echo}).Start(ours) })
					return nil
				})
			})
			require.NoError(t, err)
			closeAll(t, ours)
		}
		return nil
	})
}
