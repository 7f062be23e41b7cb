//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A serverGate is a handler that lets its connections go one at a time, in the order in which they came.
type serverGate struct {
	log  log
	gate *Semaphore
}

func newServerGate() *serverGate { return &serverGate{gate: NewSemaphore(0)} }

func (g *serverGate) handle(c net.Conn) error {
	name := make([]byte, 1)
	if _, err := io.ReadFull(c, name); err != nil {
		return err
	}
	g.log.add("+" + string(name))
	err := g.gate.Acquire()
	g.log.add("-" + string(name))
	return err
}

// comes dials and says a name, which waits until it is served.
func comes(t testing.TB, address, name string) *TCPConn {
	c := dialTo(t, address)
	mustWrite(t, c, name)
	return c
}

// mustEnd checks that the server has closed the connection.
func mustEnd(t testing.TB, cs ...*TCPConn) {
	t.Helper()
	for _, c := range cs {
		_, err := c.Read(make([]byte, 1))
		require.Error(t, err)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		closeAll(t, c)
	}
}

// quiet lets all happen that can, also in the kernel.
func quiet(t testing.TB) { require.NoError(t, Sleep(2*time.Millisecond)) }

func TestServerMaxConns(t *testing.T) {
	run(t, func() error {
		g := newServerGate()
		s := &StreamServer{Handler: g.handle, MaxConns: 2}
		address, serving := serve(t, s)
		var cs []*TCPConn
		for _, name := range []string{"a", "b", "c", "d"} {
			cs = append(cs, comes(t, address, name))
		}
		quiet(t)
		require.Equal(t, "+a +b", g.log.String(), "the others are not even accepted")
		require.Equal(t, 2, s.Active())
		require.Equal(t, 2, s.Served())
		require.Contains(t, fmt.Sprint(serving.task.Why()), "a handler to end (2 run)")
		g.gate.Release()
		mustEnd(t, cs[0])
		eventually(t, func() bool { return s.Served() == 3 })
		g.gate.Release()
		g.gate.Release()
		g.gate.Release()
		mustEnd(t, cs[1:]...)
		require.Zero(t, s.Stop(patience))
		require.Equal(t, 4, s.Served())
		require.Zero(t, s.Refused())
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

// While a server is full it waits for no descriptor, and Stop finds it.
func TestServerStopsWhileFull(t *testing.T) {
	for name, s := range map[string]*StreamServer{"MaxConns": {MaxConns: 1}, "Pool": {Pool: NewPool(1)}} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				s.Handler = echo
				address, serving := serve(t, s)
				a, b := comes(t, address, "a"), comes(t, address, "b")
				mustRead(t, a, "a")
				s.StopAccepting()
				s.StopAccepting()
				mustEnd(t, b)
				mustWrite(t, a, "again")
				mustRead(t, a, "again")
				parked(t, serving)
				require.NoError(t, a.Close())
				require.Same(t, ErrServerClosed, serving.Get())
				require.Zero(t, s.Stop(0))
				require.Equal(t, 1, s.Served())
				return nil
			})
		})
	}
}

func TestServersShareAPool(t *testing.T) {
	run(t, func() error {
		g := newServerGate()
		pool := NewPool(2)
		one := &StreamServer{Handler: g.handle, Pool: pool}
		two := &StreamServer{Handler: g.handle, Pool: pool}
		address1, serving1 := serve(t, one)
		address2, serving2 := serve(t, two)
		a := comes(t, address1, "a")
		eventually(t, func() bool { return one.Active() == 1 })
		b := comes(t, address2, "b")
		eventually(t, func() bool { return two.Active() == 1 })
		c, d := comes(t, address1, "c"), comes(t, address2, "d")
		quiet(t)
		require.Equal(t, "+a +b", g.log.String())
		require.Equal(t, 2, pool.Len())
		require.LessOrEqual(t, one.Served()+two.Served(), 4)
		for range 4 {
			g.gate.Release()
		}
		mustEnd(t, a, b, c, d)
		require.Zero(t, one.Stop(patience))
		require.Zero(t, two.Stop(patience))
		require.Equal(t, 2, one.Served())
		require.Equal(t, 2, two.Served())
		require.Same(t, ErrServerClosed, serving1.Get())
		require.Same(t, ErrServerClosed, serving2.Get())
		return pool.Join()
	})
}

// A connection for which the last place has gone elsewhere waits for one with the server; what ends that wait closes it.
func TestServerWithAConnectionInHand(t *testing.T) {
	ends := map[string]struct {
		end    func(s *StreamServer, serving, member *Greenlet)
		err    error
		served bool
	}{
		"place": {func(_ *StreamServer, _, member *Greenlet) { member.KillAsync() }, ErrServerClosed, true},
		"stop":  {func(s *StreamServer, _, _ *Greenlet) { s.StopAccepting() }, ErrServerClosed, false},
		"kill":  {func(_ *StreamServer, g, _ *Greenlet) { g.KillAsync() }, ErrExit, false},
		"throw": {func(_ *StreamServer, g, _ *Greenlet) { throw(g, errMade) }, errMade, false},
		"place+stop": {func(s *StreamServer, _, member *Greenlet) {
			s.Pool.Discard(member)
			s.StopAccepting()
			member.KillAsync()
		}, ErrServerClosed, false},
	}
	for name, e := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				pool := NewPool(1)
				s := &StreamServer{Handler: func(c net.Conn) error { return valueless(c.Write([]byte("hello"))) }, Pool: pool}
				address, serving := serve(t, s)
				member, err := pool.Spawn(func() error { return Sleep(time.Hour) }) // after the server has seen that there is room
				require.NoError(t, err)
				c := dialTo(t, address)
				eventually(t, func() bool { return s.Served() == 1 })
				require.Contains(t, fmt.Sprint(serving.task.Why()), "pool full")
				e.end(s, serving, member)
				if e.served {
					mustRead(t, c, "hello")
					mustEnd(t, c)
					require.Zero(t, s.Stop(0))
				} else {
					mustEnd(t, c)
					require.Equal(t, 1, s.Refused())
				}
				require.Same(t, e.err, serving.Get())
				require.NoError(t, pool.Kill())
				require.Equal(t, 1, pool.FreeCount())
				return nil
			})
		})
	}
}

// Whoever kills the pool ends the handlers, and closes the connections of those that have not begun.
func TestServerPoolKilled(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo, Pool: NewPool(9)}
		address, serving := serve(t, s)
		a := comes(t, address, "a")
		mustRead(t, a, "a")
		b := dialTo(t, address)
		for s.Served() == 1 {
			Yield() // see TestServerStopsBeforeTheHandlerStarts
		}
		s.Pool.KillAsync()
		mustEnd(t, a, b)
		require.Equal(t, 1, s.Refused())
		require.Zero(t, s.Active())
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

func TestServerTimeout(t *testing.T) {
	skewed(t, func(pass func(time.Duration)) error {
		told := NewQueue[error](0)
		s := &StreamServer{Handler: echo, Timeout: time.Hour, OnError: func(_ net.Conn, err error) { told.Put(err) }}
		address, serving := serve(t, s)
		c := comes(t, address, "a")
		mustRead(t, c, "a")
		pass(s.Timeout)
		mustEnd(t, c)
		err, failure := told.Get()
		require.NoError(t, failure)
		var timeout *TimeoutError
		require.ErrorAs(t, err, &timeout)
		require.Equal(t, s.Timeout, timeout.After)
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

// plainListener hands out connections of which only the methods of net.Conn are seen.
type plainListener struct{ net.Listener }

func (l plainListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return struct{ net.Conn }{c}, nil
}

// tlsLike hands out connections that are around others, as those of crypto/tls are.
type tlsLike struct{ net.Listener }

type around struct {
	net.Conn
	under net.Conn
}

func (c around) NetConn() net.Conn { return c.under }

func (l tlsLike) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return around{c, c}, nil
}

func TestServerIdleTimeout(t *testing.T) {
	listeners := map[string]func(l net.Listener) net.Listener{
		"ours":   func(l net.Listener) net.Listener { return l },
		"around": func(l net.Listener) net.Listener { return tlsLike{l} },
		"plain":  func(l net.Listener) net.Listener { return plainListener{l} },
	}
	for name, wrap := range listeners {
		t.Run(name, func(t *testing.T) {
			skewed(t, func(pass func(time.Duration)) error {
				told := NewQueue[error](0)
				s := &StreamServer{Handler: func(c net.Conn) error {
					b := make([]byte, 1)
					for {
						if _, err := c.Read(b); err != nil {
							return err
						}
						if b[0] == 'f' { // more than the peer takes
							return valueless(c.Write(make([]byte, 64<<20)))
						}
						if _, err := c.Write(b); err != nil {
							return err
						}
					}
				}, IdleTimeout: time.Hour, OnError: func(_ net.Conn, err error) { told.Put(err) }}
				l := listen(t)
				serving := s.Start(wrap(l))
				c := dialTo(t, l.Addr().String())
				for range 5 {
					mustWrite(t, c, "x")
					mustRead(t, c, "x")
					quiet(t)
					pass(40 * time.Minute)
				}
				require.Equal(t, 1, s.Active())
				full := comes(t, l.Addr().String(), "f")
				eventually(t, func() bool {
					gs := s.running()
					return len(gs) == 2 && gs[1].task.Why() == toWrite
				})
				for range 2 {
					pass(40 * time.Minute)
					err, failure := told.Get()
					require.NoError(t, failure)
					require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				}
				mustEnd(t, c)
				require.NoError(t, full.Close())
				require.Zero(t, s.Stop(0))
				require.Same(t, ErrServerClosed, serving.Get())
				return nil
			})
		})
	}
}

// A skewedClock is the system's, on which time can be made to pass.
type skewedClock struct {
	start  time.Time
	passed time.Duration
}

func (c *skewedClock) Now() time.Duration { return time.Since(c.start) + c.passed }

// skewed is run with such a clock.
func skewed(t testing.TB, main func(pass func(time.Duration)) error) {
	clock := &skewedClock{start: time.Now()}
	require.NoError(t, runConfig(t, Config{Clock: clock}, func() error {
		return main(func(d time.Duration) { clock.passed += d })
	}))
}

func TestSetIdleTimeout(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		read := func() error { return valueless(a.Read(make([]byte, 1))) }
		require.NoError(t, a.SetIdleTimeout(time.Millisecond))
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
		require.ErrorIs(t, a.WaitRead(), os.ErrDeadlineExceeded)
		fill(t, a)
		require.ErrorIs(t, a.WaitWrite(), os.ErrDeadlineExceeded)
		require.NoError(t, a.SetIdleTimeout(time.Hour))
		require.NoError(t, a.SetReadDeadline(in(time.Millisecond)))
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded, "whichever comes first")
		require.NoError(t, a.SetIdleTimeout(time.Millisecond))
		require.NoError(t, a.SetReadDeadline(in(time.Hour)))
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
		require.NoError(t, a.SetIdleTimeout(0))
		g := Spawn(read)
		quiet(t)
		parked(t, g)
		mustWrite(t, b, "x")
		require.NoError(t, g.Get())
		_, err := await(func() (any, error) {
			require.Panics(t, func() { _ = a.SetIdleTimeout(1) })
			return nil, nil
		})
		require.NoError(t, err)
		closeAll(t, a, b)
		require.ErrorIs(t, a.SetIdleTimeout(1), net.ErrClosed)
		return nil
	})
}
