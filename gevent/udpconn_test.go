//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// udpOn opens a UDP socket on a port of the loopback interface.
func udpOn(t testing.TB, network, host string) *UDPConn {
	t.Helper()
	c, err := ListenUDP(network, net.JoinHostPort(host, "0"))
	require.NoError(t, err)
	return c
}

func udpPair(t testing.TB) (a, b *UDPConn) {
	return udpOn(t, "udp", "127.0.0.1"), udpOn(t, "udp", "127.0.0.1")
}

func udpAt(c *UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// mustSend sends a text as one datagram.
func mustSend(t testing.TB, from net.PacketConn, to net.Addr, text string) {
	t.Helper()
	n, err := from.WriteTo([]byte(text), to)
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

// mustGet receives one datagram and checks it.
func mustGet(t testing.TB, at net.PacketConn, from net.Addr, text string) {
	t.Helper()
	b := make([]byte, 100)
	n, addr, err := at.ReadFrom(b)
	require.NoError(t, err)
	require.Equal(t, text, string(b[:n]))
	if from == nil {
		require.Nil(t, addr)
	} else {
		require.Equal(t, from.String(), addr.String())
	}
}

func TestUDPEcho(t *testing.T) {
	for _, network := range []string{"udp", "udp4", "udp6"} {
		host := "127.0.0.1"
		if network == "udp6" {
			host = "::1"
		}
		t.Run(network, func(t *testing.T) {
			run(t, func() error {
				server := udpOn(t, network, host)
				echo := Spawn(func() error {
					b := make([]byte, 100)
					for {
						n, from, err := server.ReadFrom(b)
						if err != nil {
							return err
						}
						if _, err := server.WriteTo(b[:n], from); err != nil {
							return err
						}
					}
				})
				parked(t, echo)
				unconnected := udpOn(t, network, host)
				for _, text := range []string{"one", "", "three"} {
					mustSend(t, unconnected, server.LocalAddr(), text)
					mustGet(t, unconnected, server.LocalAddr(), text)
				}
				connected, err := DialUDP(network, server.LocalAddr().String())
				require.NoError(t, err)
				require.Equal(t, server.LocalAddr().String(), connected.RemoteAddr().String())
				for _, text := range []string{"one", "", "three"} { // one without bytes is one all the same, not the end
					n, err := connected.Write([]byte(text))
					require.NoError(t, err)
					require.Equal(t, len(text), n)
					b := make([]byte, 10)
					n, err = connected.Read(b)
					require.NoError(t, err)
					require.Equal(t, text, string(b[:n]))
				}
				_, err = connected.WriteTo(nil, server.LocalAddr())
				require.ErrorIs(t, err, net.ErrWriteToConnected)
				require.ErrorIs(t, outsideErr(func() error { return valueless(connected.WriteTo(nil, server.LocalAddr())) }),
					net.ErrWriteToConnected)
				closeAll(t, server, unconnected, connected)
				require.ErrorIs(t, echo.Get(), net.ErrClosed)
				return nil
			})
		})
	}
}

// A socket for both kinds takes and tells addresses of IPv4 as they are.
func TestUDPDualStack(t *testing.T) {
	run(t, func() error {
		both, err := ListenUDP("udp", ":0")
		require.NoError(t, err)
		if !both.six {
			t.Skip("no socket for both here")
		}
		port := udpAt(both).Port()
		for _, host := range []string{"127.0.0.1", "::1"} {
			c := udpOn(t, "udp", host)
			_, err := c.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(netip.MustParseAddr(host), port))
			require.NoError(t, err)
			b := make([]byte, 10)
			n, from, err := both.ReadFromUDPAddrPort(b)
			require.NoError(t, err)
			require.Equal(t, udpAt(c), from)
			_, err = both.WriteToUDPAddrPort(b[:n], from)
			require.NoError(t, err)
			mapped := netip.AddrPortFrom(netip.AddrFrom16(from.Addr().As16()), from.Port())
			_, err = both.WriteToUDPAddrPort(b[:n], mapped)
			require.NoError(t, err)
			mustGet(t, c, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), port)), "x")
			mustGet(t, c, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), port)), "x")
			closeAll(t, c)
		}
		closeAll(t, both)
		return nil
	})
}

// What is said of addresses that do not fit is an error at once.
func TestUDPWrongAddresses(t *testing.T) {
	run(t, func() error {
		c := udpOn(t, "udp4", "127.0.0.1")
		for _, to := range []net.Addr{nil, (*net.UDPAddr)(nil), &net.TCPAddr{}, &net.UDPAddr{IP: net.IPv6loopback, Port: 1}} {
			_, err := c.WriteTo([]byte("x"), to)
			var oe *net.OpError
			require.ErrorAs(t, err, &oe, "%v", to)
			require.Equal(t, "write", oe.Op)
		}
		_, err := c.WriteToUDPAddrPort([]byte("x"), netip.AddrPort{})
		require.ErrorContains(t, err, "missing address")
		_, err = c.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EDESTADDRREQ)
		_, err = c.WriteTo(make([]byte, 70_000), c.LocalAddr())
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		for _, network := range []string{"tcp", "ip", "unix", "udp5", ""} {
			_, err := ListenPacket(network, "127.0.0.1:0")
			var unknown net.UnknownNetworkError
			require.ErrorAs(t, err, &unknown)
		}
		_, err = DialUDP("tcp", "127.0.0.1:1")
		require.Error(t, err)
		_, err = ListenUDP("udp", "127.0.0.1:no such service")
		require.Error(t, err)
		_, err = ListenUDP("udp", c.LocalAddr().String())
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		closeAll(t, c)
		return nil
	})
}

// What does not fit is cut off, and the rest of it is not the next datagram.
func TestUDPTruncates(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		mustSend(t, a, b.LocalAddr(), "long one")
		mustSend(t, a, b.LocalAddr(), "next")
		mustSend(t, a, b.LocalAddr(), "last")
		got := make([]byte, 4)
		n, _, err := b.ReadFrom(got)
		require.NoError(t, err)
		require.Equal(t, "long", string(got[:n]))
		n, _, err = b.ReadFrom(nil)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = b.Read(nil)
		require.NoError(t, err, "this takes nothing")
		require.Zero(t, n)
		mustGet(t, b, a.LocalAddr(), "last")
		closeAll(t, a, b)
		return nil
	})
}

// A datagram that nobody was there to take is told to the next call, once.
func TestUDPRefused(t *testing.T) {
	run(t, func() error {
		gone := udpOn(t, "udp", "127.0.0.1")
		c, err := DialUDP("udp", gone.LocalAddr().String())
		require.NoError(t, err)
		closeAll(t, gone)
		_, err = c.Write([]byte("x"))
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		g := Spawn(func() error { return valueless(c.Read(make([]byte, 1))) })
		parked(t, g)
		_, err = c.Write([]byte("x"))
		require.NoError(t, err)
		require.ErrorIs(t, g.Get(), syscall.ECONNREFUSED, "one that waits is told, too")

		again, err := ListenUDP("udp", c.RemoteAddr().String())
		require.NoError(t, err)
		_, err = c.Write([]byte("y"))
		require.NoError(t, err)
		mustGet(t, again, c.LocalAddr(), "y")
		mustSend(t, again, c.LocalAddr(), "z")
		mustRead(t, c, "z")
		closeAll(t, c, again)
		return nil
	})
}

// Several who wait get one datagram each, in the order of their calls.
func TestUDPSeveralReaders(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		var gs []*Result[string]
		for range 4 {
			g := Go(func() (string, error) {
				buf := make([]byte, 10)
				n, _, err := b.ReadFrom(buf)
				return string(buf[:n]), err
			})
			gs = append(gs, g)
			parked(t, &g.Greenlet)
		}
		for _, text := range []string{"0", "1", "2", "3"} {
			mustSend(t, a, b.LocalAddr(), text)
		}
		for i, g := range gs {
			text, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, string(rune('0'+i)), text)
		}
		closeAll(t, a, b)
		return nil
	})
}

func TestUDPDeadlines(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		read := func() error { _, _, err := a.ReadFrom(make([]byte, 1)); return err }
		require.NoError(t, a.SetReadDeadline(in(time.Millisecond)))
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
		require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
		require.ErrorIs(t, outsideErr(read), os.ErrDeadlineExceeded)
		mustSend(t, a, b.LocalAddr(), "writing has its own")
		require.NoError(t, a.SetDeadline(time.Unix(1, 0)))
		_, err := a.WriteTo([]byte("x"), b.LocalAddr())
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, a.SetDeadline(time.Time{}))
		g := Spawn(read)
		parked(t, g)
		require.NoError(t, a.SetIdleTimeout(0))
		mustSend(t, b, a.LocalAddr(), "x")
		require.NoError(t, g.Get())
		closeAll(t, a, b)
		require.ErrorIs(t, read(), net.ErrClosed)
		return nil
	})
}

// Greenlets and goroutines at one socket.
func TestUDPInBothWorlds(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		for i := range 20 {
			text := strings.Repeat("x", i)
			mustSend(t, a, b.LocalAddr(), text)
			require.NoError(t, outsideErr(func() error {
				buf := make([]byte, 100)
				n, from, err := b.ReadFrom(buf)
				if err != nil {
					return err
				}
				_, err = b.WriteTo(buf[:n], from)
				return err
			}))
			mustGet(t, a, b.LocalAddr(), text)
		}
		c, err := DialUDP("udp", b.LocalAddr().String())
		require.NoError(t, err)
		require.NoError(t, outsideErr(func() error { return valueless(c.Write([]byte("out"))) }))
		mustGet(t, b, c.LocalAddr(), "out")
		mustSend(t, b, c.LocalAddr(), "back")
		require.NoError(t, outsideErr(func() error { return valueless(c.Read(make([]byte, 9))) }))
		blockedRead := blocked(func() error { return valueless(c.Read(make([]byte, 9))) })
		closeAll(t, a, b, c)
		err, failure := await(func() (error, error) { return <-blockedRead, nil })
		require.NoError(t, failure)
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}

// A write that the system has no room for waits, and nothing is lost or sent twice on the way to the receiver's own queue.
func TestUDPWritersFillTheSystem(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		require.NoError(t, a.SetWriteBuffer(4<<10))
		require.NoError(t, b.SetReadBuffer(4<<20))
		const each = 200
		var writers crowd
		for w := range 3 {
			writers.goes(func() {
				for range each {
					_, err := a.WriteTo(make([]byte, 1000+w), b.LocalAddr())
					require.NoError(t, err)
				}
			})
		}
		counts := map[int]int{}
		require.NoError(t, b.SetReadDeadline(in(patience)))
		buf := make([]byte, 2000)
		for range 3 * each {
			n, _, err := b.ReadFrom(buf)
			require.NoError(t, err)
			counts[n]++
		}
		require.Equal(t, map[int]int{1000: each, 1001: each, 1002: each}, counts)
		writers.wait(t)
		closeAll(t, a, b)
		return nil
	})
}

// What package net's own tests call the UDP zero-byte payload: nil and empty, in both forms of sending.
func TestUDPEmptyDatagrams(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		for _, payload := range [][]byte{nil, {}} {
			_, err := a.WriteToUDPAddrPort(payload, udpAt(b))
			require.NoError(t, err)
			g := Spawn(func() error {
				n, from, err := b.ReadFromUDPAddrPort(make([]byte, 8))
				require.Zero(t, n)
				require.Equal(t, udpAt(a), from)
				return err
			})
			require.NoError(t, g.Get())
		}
		closeAll(t, a, b)
		return nil
	})
}

func TestUDPFile(t *testing.T) {
	run(t, func() error {
		std, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		f, err := std.File()
		require.NoError(t, err)
		p, err := FilePacketConn(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.NoError(t, std.Close())
		c := p.(*UDPConn)
		require.Nil(t, c.RemoteAddr())
		other := udpOn(t, "udp", "127.0.0.1")
		mustSend(t, other, c.LocalAddr(), "adopted")
		mustGet(t, c, other.LocalAddr(), "adopted")

		connected, err := DialUDP("udp", other.LocalAddr().String())
		require.NoError(t, err)
		f, err = connected.File()
		require.NoError(t, err)
		p, err = FilePacketConn(f)
		require.NoError(t, err)
		require.Equal(t, other.LocalAddr().String(), p.(*UDPConn).RemoteAddr().String())
		closeAll(t, f, p, connected, other, c)

		l := listen(t)
		f, err = l.File()
		require.NoError(t, err)
		_, err = FilePacketConn(f)
		require.ErrorIs(t, err, syscall.EPROTONOSUPPORT)
		closeAll(t, l, f)
		_, err = FilePacketConn(f)
		require.ErrorIs(t, err, os.ErrClosed)
		null, err := os.Open(os.DevNull)
		require.NoError(t, err)
		_, err = FilePacketConn(null)
		require.ErrorIs(t, err, syscall.ENOTSOCK)
		return null.Close()
	})
}

// Broadcast is allowed, as with package net, and options are set through SyscallConn and Control.
func TestUDPOptions(t *testing.T) {
	run(t, func() error {
		option := func(c syscall.RawConn, name int) (v int) {
			require.NoError(t, c.Control(func(fd uintptr) {
				var err error
				v, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, name)
				require.NoError(t, err)
			}))
			return v
		}
		called := ""
		config := &ListenConfig{Control: func(network, address string, c syscall.RawConn) error {
			called = network + " " + address
			return nil
		}, ReusePort: true}
		one, err := config.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(t, err)
		require.Equal(t, "udp4 127.0.0.1:0", called)
		two, err := config.ListenPacket("udp", one.LocalAddr().String())
		require.NoError(t, err)
		raw, err := one.(*UDPConn).SyscallConn()
		require.NoError(t, err)
		require.NotZero(t, option(raw, syscall.SO_BROADCAST))
		closeAll(t, one, two)
		failing := &ListenConfig{Control: func(string, string, syscall.RawConn) error { return errMade }}
		_, err = failing.ListenPacket("udp", "127.0.0.1:0")
		require.ErrorIs(t, err, errMade)
		return nil
	})
}

// Names of hosts and of services are looked up.
func TestUDPNames(t *testing.T) {
	run(t, func() error {
		c, err := ListenUDP("udp", "localhost:0")
		require.NoError(t, err)
		d, err := DialUDP("udp", net.JoinHostPort("localhost", "domain"))
		require.NoError(t, err)
		require.Equal(t, 53, d.RemoteAddr().(*net.UDPAddr).Port)
		e, err := DialUDP("udp", c.LocalAddr().(*net.UDPAddr).String())
		require.NoError(t, err)
		closeAll(t, c, d, e)
		return nil
	})
}

// Without bytes taken from the heap: what a game server or a resolver does all the time.
func TestUDPAllocatesNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system's call for it allocates")
	}
	run(t, func() error {
		a, b := udpPair(t)
		to, buf := udpAt(b), make([]byte, 100)
		n := testing.AllocsPerRun(100, func() {
			_, err := a.WriteToUDPAddrPort(buf[:10], to)
			if err == nil {
				_, _, err = b.ReadFromUDPAddrPort(buf)
			}
			if err != nil {
				t.Error(err)
			}
		})
		require.Zero(t, n)
		closeAll(t, a, b)
		return nil
	})
}

// An address without a host is this one, for each kind of socket, and so is the unspecified one of IPv4.
func TestUDPToThisHost(t *testing.T) {
	for _, c := range []struct{ network, from, host string }{
		{"udp4", "0.0.0.0", "127.0.0.1"}, {"udp6", "::", "::1"}, {"udp", "::", "::1"},
	} {
		t.Run(c.network, func(t *testing.T) {
			run(t, func() error {
				to, from := udpOn(t, c.network, c.host), udpOn(t, c.network, c.from)
				require.NoError(t, to.SetReadDeadline(in(patience)))
				for _, host := range []net.IP{nil, net.IPv4zero} {
					at := &net.UDPAddr{IP: host, Port: to.LocalAddr().(*net.UDPAddr).Port}
					mustSend(t, from, at, "inside")
					mustGet(t, to, &net.UDPAddr{IP: net.ParseIP(c.host), Port: from.LocalAddr().(*net.UDPAddr).Port}, "inside")
					require.NoError(t, outsideErr(func() error { return valueless(from.WriteTo([]byte("outside"), at)) }))
					mustGet(t, to, &net.UDPAddr{IP: net.ParseIP(c.host), Port: from.LocalAddr().(*net.UDPAddr).Port}, "outside")
				}
				closeAll(t, to, from)
				return nil
			})
		})
	}
}
