//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve starts s on a listener of its own.
func serve(t testing.TB, s *StreamServer) (address string, serving *Greenlet) {
	t.Helper()
	l := listen(t)
	serving = Spawn(func() error { return s.Serve(l) })
	parked(t, serving)
	return l.Addr().String(), serving
}

func dialTo(t testing.TB, address string) *TCPConn {
	t.Helper()
	c, err := Dial("tcp", address)
	require.NoError(t, err)
	return c.(*TCPConn)
}

func echo(c net.Conn) error {
	_, err := io.Copy(c, c)
	return err
}

func TestServerServes(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo, OnError: func(_ net.Conn, err error) { t.Error(err) }}
		address, serving := serve(t, s)
		var clients []*Greenlet
		for range 20 {
			clients = append(clients, Spawn(func() error {
				c := dialTo(t, address)
				mustWrite(t, c, "hello")
				mustRead(t, c, "hello")
				return c.Close()
			}))
		}
		require.NoError(t, JoinAll(clients...))
		require.Equal(t, 20, s.Served())
		require.Zero(t, s.Stop(patience))
		require.Zero(t, s.Active())
		require.Same(t, ErrServerClosed, serving.Get())
		_, err := Dial("tcp", address)
		require.Error(t, err)
		require.Zero(t, s.Stop(0), "twice")
		return nil
	})
}

func TestServerStopWaits(t *testing.T) {
	run(t, func() error {
		var l log
		s := &StreamServer{Handler: func(c net.Conn) error {
			mustRead(t, c, "request")
			mustWrite(t, c, "begun ")
			require.NoError(t, Sleep(5*time.Millisecond))
			mustWrite(t, c, "response")
			l.add("handled")
			return nil
		}}
		address, serving := serve(t, s)
		c := dialTo(t, address)
		mustWrite(t, c, "request")
		mustRead(t, c, "begun ")
		require.Equal(t, 1, s.Active())
		for conn := range s.Conns {
			require.Equal(t, c.LocalAddr().String(), conn.RemoteAddr().String())
		}
		require.Zero(t, s.Stop(patience))
		l.add("stopped")
		mustRead(t, c, "response")
		require.Same(t, ErrServerClosed, serving.Get())
		require.Equal(t, "handled stopped", l.String())
		closeAll(t, c)
		return nil
	})
}

func TestServerStopKills(t *testing.T) {
	for _, grace := range []time.Duration{5 * time.Millisecond, 0, -1} {
		run(t, func() error {
			cleaned := 0
			s := &StreamServer{Handler: func(c net.Conn) error {
				defer func() {
					require.NoError(t, Sleep(time.Millisecond))
					cleaned++
				}()
				return echo(c)
			}}
			address, serving := serve(t, s)
			a, b := dialTo(t, address), dialTo(t, address)
			mustWrite(t, b, "x")
			mustRead(t, b, "x") // so both have been accepted
			require.Equal(t, 2, s.Stop(grace))
			require.Equal(t, 2, cleaned)
			require.Same(t, ErrServerClosed, serving.Get())
			for _, c := range []*TCPConn{a, b} {
				_, err := c.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
				closeAll(t, c)
			}
			return nil
		})
	}
}

// One that was accepted just before the stop, and whose handler never starts, is closed as well.
func TestServerStopsBeforeTheHandlerStarts(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: func(net.Conn) error { t.Error("it started"); return nil }}
		address, serving := serve(t, s)
		c := dialTo(t, address)
		for s.Active() == 0 {
			Yield() // after which the server comes before us, but the handler, which it then spawns, behind
		}
		require.Equal(t, 1, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		closeAll(t, c)
		return nil
	})
}

// A handler may stop its own server: it is the last to be killed, and no connection of another one stays open.
func TestServerStoppedByAHandler(t *testing.T) {
	run(t, func() error {
		var s *StreamServer
		asked := 0
		s = &StreamServer{Handler: func(c net.Conn) error {
			if asked++; asked == 1 {
				mustRead(t, c, "stop") // meanwhile others have come, one of which has not started
				other, end := pair(t)
				s.open(other)
				Spawn(func() error {
					defer end.Close()
					_, err := end.Read(make([]byte, 1))
					require.Equal(t, io.EOF, err)
					return nil
				})
				s.Stop(0)
				t.Error("it went on")
			}
			return echo(c)
		}}
		address, serving := serve(t, s)
		c, d := dialTo(t, address), dialTo(t, address)
		mustWrite(t, d, "x")
		mustRead(t, d, "x")
		mustWrite(t, c, "stop")
		require.Same(t, ErrServerClosed, serving.Get())
		require.Zero(t, s.Active())
		require.Equal(t, 2, asked, "the one that had not started never did")
		require.Equal(t, 1, s.Refused())
		closeAll(t, c, d)
		return Sleep(time.Millisecond) // the reader of the other end
	})
}

func TestServerReports(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		var told []string
		s := &StreamServer{
			Handler: func(c net.Conn) error {
				var what [5]byte
				_, err := io.ReadFull(c, what[:])
				require.NoError(t, err)
				if string(what[:]) == "panic" {
					panic("handler's")
				}
				return errMade
			},
			OnError: func(c net.Conn, err error) { told = append(told, c.RemoteAddr().String()+" "+err.Error()) },
		}
		address, serving := serve(t, s)
		failing, panicking := dialTo(t, address), dialTo(t, address)
		mustWrite(t, failing, "fails")
		mustWrite(t, panicking, "panic")
		for _, c := range []*TCPConn{failing, panicking} {
			_, err := c.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
		}
		require.Equal(t, []string{failing.LocalAddr().String() + " made up"}, told)
		closeAll(t, failing, panicking)
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	}))
	require.Len(t, r.errs, 1)
	require.EqualError(t, r.errs[0], "panic: handler's")
	require.Equal(t, "connection", r.greenlets[0].Name())
}

// A killed Serve closes its listener; Stop then ends the handlers.
func TestServerKilled(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		address, serving := serve(t, s)
		c := dialTo(t, address)
		mustWrite(t, c, "x")
		mustRead(t, c, "x")
		require.NoError(t, serving.Kill())
		_, err := Dial("tcp", address)
		require.Error(t, err)
		mustWrite(t, c, "y")
		mustRead(t, c, "y")
		require.Equal(t, 1, s.Stop(0))
		closeAll(t, c)
		return nil
	})
}

func TestServerStoppedBeforeServe(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		require.Zero(t, s.Stop(0))
		l := listen(t)
		require.Same(t, ErrServerClosed, s.Serve(l))
		require.ErrorIs(t, l.Close(), net.ErrClosed)
		return nil
	})
}

func TestServerServesOnce(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		_, serving := serve(t, s)
		require.PanicsWithValue(t, "gevent: StreamServer.Serve after Serve or Start; make another server for another listener",
			func() { _ = s.Serve(nil) })
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

func TestServerListenerFails(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		l := listen(t)
		require.NoError(t, l.SetDeadline(time.Unix(1, 0)))
		err := s.Serve(l)
		var timeout net.Error
		require.True(t, errors.As(err, &timeout) && timeout.Timeout(), err)
		return nil
	})
}

// A Stop that is interrupted while it waits for the handlers leaves none behind.
func TestInterruptedStop(t *testing.T) {
	for name, i := range interruptions {
		if i.timed {
			continue // it is its own limit
		}
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				s := &StreamServer{Handler: echo}
				address, serving := serve(t, s)
				c := dialTo(t, address)
				mustWrite(t, c, "x")
				mustRead(t, c, "x")
				g := Spawn(i.around(func() error { s.Stop(time.Hour); return nil }))
				parked(t, g)
				i.end(g, true)
				require.NoError(t, g.Join())
				require.Same(t, ErrServerClosed, serving.Get())
				_, err := c.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
				require.Zero(t, s.Active())
				return c.Close()
			})
		})
	}
}

// Stop waits for the handlers that it kills, also in a scope that is over.
func TestStopInAScopeThatIsOverWaitsForTheHandlers(t *testing.T) {
	run(t, func() error {
		cleaned := false
		s := &StreamServer{Handler: func(c net.Conn) error {
			defer func() {
				require.NoError(t, Sleep(time.Millisecond))
				cleaned = true
			}()
			return echo(c)
		}}
		address, serving := serve(t, s)
		c := dialTo(t, address)
		mustWrite(t, c, "x")
		mustRead(t, c, "x")
		require.NoError(t, WithTimeout(0, func() error {
			require.Equal(t, 1, s.Stop(time.Hour))
			require.True(t, cleaned)
			return nil
		}))
		require.Same(t, ErrServerClosed, serving.Get())
		return c.Close()
	})
}
