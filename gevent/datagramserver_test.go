//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func init() {
	for call, excuse := range map[string]string{
		"DatagramServer.Serve":        "TestInterruptedDatagramServe",        // once only
		"DatagramServer.ServeContext": "TestInterruptedDatagramServeContext", // once only
		"DatagramServer.Stop":         "TestInterruptedDatagramStop",         // it returns no error
		"DatagramServer.WriteTo":      "the connection's, no more",
	} {
		outsideTheSuite[call] = excuse
	}
}

// datagramEcho makes s answer with what it gets.
func datagramEcho(s *DatagramServer) *DatagramServer {
	s.Handler = func(data []byte, from net.Addr) error { return valueless(s.WriteTo(data, from)) }
	return s
}

// datagrams starts s on a socket of its own.
func datagrams(t testing.TB, s *DatagramServer) (address net.Addr, serving *Greenlet) {
	c := udpOn(t, "udp", "127.0.0.1")
	serving = s.Start(c)
	parked(t, serving)
	return c.LocalAddr(), serving
}

func dialUDPTo(t testing.TB, address net.Addr) *UDPConn {
	c, err := DialUDP("udp", address.String())
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(in(patience)))
	return c
}

func TestDatagramServerServes(t *testing.T) {
	run(t, func() error {
		s := datagramEcho(&DatagramServer{OnError: func(_ net.Addr, err error) { t.Error(err) }})
		address, serving := datagrams(t, s)
		var clients crowd
		const crowded, rounds = 20, 10
		for i := range crowded {
			clients.goes(func() {
				c := dialUDPTo(t, address)
				for round := range rounds {
					text := fmt.Sprint(i, "/", round, strings.Repeat("-", 500*i)) // above and below the usual size
					mustWrite(t, c, text)
					b := make([]byte, 20_000)
					n, err := c.Read(b)
					require.NoError(t, err)
					require.Equal(t, text, string(b[:n]))
				}
				closeAll(t, c)
			})
		}
		clients.wait(t)
		require.Equal(t, crowded*rounds, s.Served())
		require.Zero(t, s.Stop(patience))
		require.Zero(t, s.Active())
		require.Same(t, ErrServerClosed, serving.Get())
		require.NotEmpty(t, s.spare)
		_, err := s.WriteTo(nil, address)
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}

// Handlers that wait have each their own data, though the server goes on to receive.
func TestDatagramServerBuffersAreApart(t *testing.T) {
	run(t, func() error {
		gate := NewSemaphore(0)
		var l log
		s := &DatagramServer{}
		s.Handler = func(data []byte, from net.Addr) error {
			if err := gate.Acquire(); err != nil {
				return err
			}
			l.add(string(data))
			return nil
		}
		address, serving := datagrams(t, s)
		c := dialUDPTo(t, address)
		for round := range 2 { // the second time in used buffers
			l = nil
			for i := range 5 {
				mustWrite(t, c, fmt.Sprintf("%d%d", round, i))
			}
			eventually(t, func() bool { return s.Active() == 5 })
			for range 5 {
				gate.Release()
			}
			eventually(t, func() bool { return s.Active() == 0 })
			require.Equal(t, fmt.Sprintf("%[1]d0 %[1]d1 %[1]d2 %[1]d3 %[1]d4", round), l.String())
			require.Len(t, s.spare, 5)
		}
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		closeAll(t, c)
		return nil
	})
}

// While as many run as may, nothing is received; the system keeps what comes.
func TestDatagramServerBounds(t *testing.T) {
	for name, s := range map[string]*DatagramServer{"MaxHandlers": {MaxHandlers: 2}, "Pool": {Pool: NewPool(2)}} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				gate := NewSemaphore(0)
				most := 0
				s.Handler = func(data []byte, from net.Addr) error {
					most = max(most, s.Active())
					return gate.Acquire()
				}
				address, serving := datagrams(t, s)
				c := dialUDPTo(t, address)
				for range 6 {
					mustWrite(t, c, "x")
				}
				eventually(t, func() bool { return s.Active() == 2 })
				quiet(t)
				require.Equal(t, 2, s.Served())
				for range 6 {
					gate.Release()
				}
				eventually(t, func() bool { return s.Served() == 6 && s.Active() == 0 })
				require.Equal(t, 2, most)
				mustWrite(t, c, "x")
				mustWrite(t, c, "x")
				eventually(t, func() bool { return s.Active() == 2 })
				require.Equal(t, 2, s.Stop(0), "also while it is full")
				require.Same(t, ErrServerClosed, serving.Get())
				closeAll(t, c)
				return nil
			})
		})
	}
}

// In the grace handlers still answer.
func TestDatagramServerStopWaits(t *testing.T) {
	run(t, func() error {
		gate := NewSemaphore(0)
		s := &DatagramServer{}
		s.Handler = func(data []byte, from net.Addr) error {
			if err := gate.Acquire(); err != nil {
				return err
			}
			return valueless(s.WriteTo(data, from))
		}
		address, serving := datagrams(t, s)
		c := dialUDPTo(t, address)
		mustWrite(t, c, "answer")
		eventually(t, func() bool { return s.Active() == 1 })
		s.StopReceiving()
		s.StopReceiving()
		mustWrite(t, c, "too late")
		parked(t, serving)
		stop := Go(func() (int, error) { return s.Stop(patience), nil })
		parked(t, &stop.Greenlet)
		gate.Release()
		mustRead(t, c, "answer")
		killed, err := stop.Get()
		require.NoError(t, err)
		require.Zero(t, killed)
		require.Same(t, ErrServerClosed, serving.Get())
		require.Equal(t, 1, s.Served())
		closeAll(t, c)
		return nil
	})
}

func TestDatagramServerReports(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		told := NewQueue[string](0)
		s := &DatagramServer{OnError: func(from net.Addr, err error) { told.Put(fmt.Sprint(from, " ", err)) }}
		s.Handler = func(data []byte, from net.Addr) error {
			switch string(data) {
			case "panic":
				panic("handler's")
			case "late":
				return Sleep(time.Hour)
			}
			return errMade
		}
		address, serving := datagrams(t, s)
		c := dialUDPTo(t, address)
		mustWrite(t, c, "panic")
		mustWrite(t, c, "fails")
		text, err := told.Get()
		require.NoError(t, err)
		require.Equal(t, c.LocalAddr().String()+" made up", text)
		s.Timeout = time.Millisecond
		mustWrite(t, c, "late")
		text, err = told.Get()
		require.NoError(t, err)
		require.Contains(t, text, "timed out after 1ms")
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		closeAll(t, c)
		return nil
	}))
	require.Len(t, r.errs, 1)
	require.EqualError(t, r.errs[0], "panic: handler's")
	require.Equal(t, "datagram", r.greenlets[0].Name())
}

// A scriptedPackets fails as it is told to, in order, and then is closed. Nil stands for a datagram.
type scriptedPackets struct {
	*UDPConn
	script []error
}

func (c *scriptedPackets) ReadFrom([]byte) (int, net.Addr, error) {
	if len(c.script) == 0 {
		return 0, nil, net.ErrClosed
	}
	err := c.script[0]
	c.script = c.script[1:]
	return 0, &net.UDPAddr{}, err
}

// What the system says of a socket that is as good as before ends nothing; what it says in a row costs pauses.
func TestDatagramServerSurvives(t *testing.T) {
	refused := os.NewSyscallError("recvfrom", syscall.ECONNREFUSED)
	exhausted := os.NewSyscallError("recvfrom", syscall.ENOBUFS)
	bad := os.NewSyscallError("recvfrom", syscall.EBADF)
	for name, e := range map[string]struct {
		script []error
		served int
		told   int
		end    error
		least  time.Duration
	}{
		"one at a time": {[]error{nil, refused, nil, exhausted, nil}, 3, 2, net.ErrClosed, 0},
		"in a row":      {[]error{refused, refused, refused, nil}, 1, 3, net.ErrClosed, 15 * time.Millisecond},
		"for good":      {[]error{nil, bad, nil}, 1, 0, syscall.EBADF, 0},
		"thrown":        {[]error{nil, errMade, nil}, 1, 0, errMade, 0},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				told := 0
				s := &DatagramServer{
					Handler: func([]byte, net.Addr) error { return nil },
					OnError: func(from net.Addr, err error) { require.Nil(t, from); told++ },
				}
				c := udpOn(t, "udp", "127.0.0.1")
				start := time.Now()
				require.ErrorIs(t, s.Serve(&scriptedPackets{c, e.script}), e.end)
				require.GreaterOrEqual(t, time.Since(start), e.least)
				require.Equal(t, e.served, s.Served())
				require.Equal(t, e.told, told)
				require.ErrorIs(t, c.Close(), net.ErrClosed)
				require.Zero(t, s.Stop(patience))
				return nil
			})
		})
	}
}

// A real one: what a peer that has gone makes the system say does not end the server.
func TestDatagramServerOfADialledSocket(t *testing.T) {
	run(t, func() error {
		peer := udpOn(t, "udp", "127.0.0.1")
		c := dialUDPTo(t, peer.LocalAddr())
		require.NoError(t, c.SetDeadline(time.Time{}))
		told := NewQueue[error](0)
		s := &DatagramServer{
			Handler: func([]byte, net.Addr) error { return nil },
			OnError: func(_ net.Addr, err error) { told.Put(err) },
		}
		serving := s.Start(c)
		closeAll(t, peer)
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
		err, failure := told.Get()
		require.NoError(t, failure)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		again, err := ListenUDP("udp", peer.LocalAddr().String())
		require.NoError(t, err)
		mustSend(t, again, c.LocalAddr(), "x")
		eventually(t, func() bool { return s.Served() == 1 })
		require.Zero(t, s.Stop(0))
		require.Same(t, ErrServerClosed, serving.Get())
		closeAll(t, again)
		return nil
	})
}

func TestDatagramServerUnix(t *testing.T) {
	run(t, func() error {
		c := unixgramOn(t, unixName(t))
		s := datagramEcho(&DatagramServer{})
		serving := s.Start(c)
		client, err := DialUnixgram(unixName(t), c.LocalAddr().String())
		require.NoError(t, err)
		mustWrite(t, client, "x")
		mustRead(t, client, "x")
		require.Zero(t, s.Stop(patience))
		require.Same(t, ErrServerClosed, serving.Get())
		closeAll(t, client)
		return nil
	})
}

// However many come, others run after 64.
func TestDatagramServerIsFair(t *testing.T) {
	run(t, func() error {
		const crowd = 500
		c := udpOn(t, "udp", "127.0.0.1")
		s := &DatagramServer{Handler: func([]byte, net.Addr) error { return nil }}
		serving := s.Start(&scriptedPackets{c, make([]error, crowd)})
		for s.Served() < crowd {
			before := s.Served()
			Yield()
			require.LessOrEqual(t, s.Served()-before, acceptsInARow)
		}
		require.ErrorIs(t, serving.Get(), net.ErrClosed)
		require.Zero(t, s.Stop(patience))
		return nil
	})
}

func TestDatagramServerMisuse(t *testing.T) {
	std, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer std.Close()
	run(t, func() error {
		c := udpOn(t, "udp", "127.0.0.1")
		require.Panics(t, func() { new(DatagramServer).Start(c) })
		require.Panics(t, func() { datagramEcho(&DatagramServer{}).Start(std) })
		s := datagramEcho(&DatagramServer{})
		_, err := s.WriteTo(nil, c.LocalAddr())
		require.ErrorIs(t, err, net.ErrClosed)
		serving := s.Start(c)
		require.Panics(t, func() { _ = s.Serve(c) })
		require.NoError(t, serving.Kill(), "before it has begun")
		eventually(t, func() bool { return errors.Is(c.Close(), net.ErrClosed) })
		return nil
	})
}

// eachDatagramInterruption ends a greenlet that runs do while a handler is under way. It is served by do, or before.
func eachDatagramInterruption(t *testing.T, do func(s *DatagramServer, c *UDPConn) error, served bool, left int) {
	for name, i := range interruptions {
		if i.timed {
			continue
		}
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				s := &DatagramServer{}
				s.Handler = func(data []byte, from net.Addr) error {
					_, _ = s.WriteTo(data, from)
					return Sleep(time.Hour)
				}
				c := udpOn(t, "udp", "127.0.0.1")
				client := dialUDPTo(t, c.LocalAddr())
				doing := func() *Greenlet {
					g := Spawn(i.around(func() error { return do(s, c) }))
					parked(t, g)
					return g
				}
				var g *Greenlet
				if served {
					s.Start(c)
				} else {
					g = doing()
				}
				mustWrite(t, client, "x")
				mustRead(t, client, "x")
				if served {
					g = doing()
				}
				i.end(g, true)
				require.NoError(t, g.Join())
				eventually(t, func() bool { return s.Active() == left })
				require.Equal(t, left, s.Stop(0))
				require.Zero(t, s.Active())
				closeAll(t, client)
				return nil
			})
		})
	}
}

func TestInterruptedDatagramServe(t *testing.T) { // the handlers go on
	eachDatagramInterruption(t, func(s *DatagramServer, c *UDPConn) error { return s.Serve(c) }, false, 1)
}

func TestInterruptedDatagramServeContext(t *testing.T) {
	eachDatagramInterruption(t, func(s *DatagramServer, c *UDPConn) error {
		return s.ServeContext(context.Background(), c, 0)
	}, false, 0)
}

func TestInterruptedDatagramStop(t *testing.T) {
	eachDatagramInterruption(t, func(s *DatagramServer, _ *UDPConn) error { s.Stop(time.Hour); return nil }, true, 0)
}

func TestDatagramServeContext(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancelCause(context.Background())
		s := datagramEcho(&DatagramServer{})
		c := udpOn(t, "udp", "127.0.0.1")
		serving := Spawn(func() error { return s.ServeContext(ctx, c, 0) })
		client := dialUDPTo(t, c.LocalAddr())
		mustWrite(t, client, "x")
		mustRead(t, client, "x")
		cancel(errMade)
		require.Same(t, errMade, serving.Get())
		require.ErrorIs(t, c.Close(), net.ErrClosed)
		closeAll(t, client)
		return nil
	})
}
