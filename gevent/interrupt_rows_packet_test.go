//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The rows of the suite over datagrams.

func init() {
	for call, excuse := range map[string]string{
		"ListenPacket":              "TestInterruptedUDPLookUp", // it parks for the look-up of a name alone
		"ListenConfig.ListenPacket": "TestInterruptedUDPLookUp",
		"ListenUDP":                 "TestInterruptedUDPLookUp",
		"DialUDP":                   "TestInterruptedUDPLookUp",
		// The loopback interface never lets a UDP socket wait for room.
		"UDPConn.Write":              "send, as UnixgramConn.Write",
		"UDPConn.WriteTo":            "send, as UnixgramConn.Write",
		"UDPConn.WriteToUDPAddrPort": "send, as UnixgramConn.Write",
		"UDPConn.WriteBatch":         "send, as UnixgramConn.Write",
	} {
		outsideTheSuite[call] = excuse
	}
}

// receiveRow is the row of a call that receives one datagram at c, to which send sends.
func receiveRow(t *testing.T, c net.PacketConn, receive func() (string, error), send func(), ends ...io.Closer) interruptible {
	return interruptible{
		call: func() error {
			text, err := receive()
			return backed(err, func() { require.Equal(t, "x", text); send() })
		},
		admit: send,
		close: func() { closeAll(t, ends...) }, closed: net.ErrClosed,
		check: func(t *testing.T) {
			n, _, err := c.ReadFrom(make([]byte, 9))
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.NoError(t, c.SetReadDeadline(in(time.Millisecond)))
			_, _, err = c.ReadFrom(make([]byte, 9))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "just one is left")
			closeAll(t, ends...)
		},
	}
}

// A packetWay is one of the calls to receive with.
type packetWay[C net.PacketConn] func(c C, b []byte) (int, error)

var udpWays = map[string]packetWay[*UDPConn]{
	"Read":     (*UDPConn).Read,
	"ReadFrom": func(c *UDPConn, b []byte) (int, error) { n, _, err := c.ReadFrom(b); return n, err },
	"ReadFromUDPAddrPort": func(c *UDPConn, b []byte) (int, error) {
		n, _, err := c.ReadFromUDPAddrPort(b)
		return n, err
	},
	"ReadBatch": func(c *UDPConn, b []byte) (int, error) {
		ms := []Message{{Buffers: [][]byte{b}}}
		_, err := c.ReadBatch(ms)
		return ms[0].N, err
	},
}

var unixgramWays = map[string]packetWay[*UnixgramConn]{
	"Read":     (*UnixgramConn).Read,
	"ReadFrom": func(c *UnixgramConn, b []byte) (int, error) { n, _, err := c.ReadFrom(b); return n, err },
}

// reads is what a row needs of a way.
func (w packetWay[C]) reads(c C) func() (string, error) {
	return func() (string, error) {
		b := make([]byte, 9)
		n, err := w(c, b)
		return string(b[:n]), err
	}
}

var _ = func() bool {
	for name, way := range udpWays {
		addReal("UDPConn."+name, func(t *testing.T) interruptible {
			a, b := udpPair(t)
			return receiveRow(t, b, way.reads(b), func() { mustSend(t, a, b.LocalAddr(), "x") }, a, b)
		})
	}
	for name, way := range unixgramWays {
		addReal("UnixgramConn."+name, func(t *testing.T) interruptible {
			b := unixgramOn(t, unixName(t))
			a, err := DialUnixgram("", b.LocalAddr().String())
			require.NoError(t, err)
			return receiveRow(t, b, way.reads(b), func() { mustWrite(t, a, "x") }, a, b)
		})
	}
	if runtime.GOOS != "linux" { // elsewhere nobody waits for room, see UnixgramConn
		return true
	}
	addReal("UnixgramConn.Write", func(t *testing.T) interruptible {
		b := unixgramOn(t, "")
		a, err := DialUnixgram("", b.LocalAddr().String())
		require.NoError(t, err)
		return sendRow(t, a, b, func() error { return valueless(a.Write([]byte("y"))) })
	})
	return addReal("UnixgramConn.WriteTo", func(t *testing.T) interruptible {
		a, b := unixgramOn(t, ""), unixgramOn(t, "")
		return sendRow(t, a, b, func() error { return valueless(a.WriteTo([]byte("y"), b.LocalAddr())) })
	})
}()

// sendRow is the row of a call that sends a datagram from a to b, which has no room at first.
func sendRow(t *testing.T, a, b *UnixgramConn, send func() error) interruptible {
	filled := 0
	for sysSendUnix(int(a.fd.sysfd), []byte("z"), b.LocalAddr().String()) == 0 {
		filled++
	}
	take := func() (n int) { // all that is there
		for {
			if _, _, errno := sysReceiveUnix(int(b.fd.sysfd), make([]byte, 9)); errno != 0 {
				require.True(t, isAgain(errno), errno)
				return n
			}
			n++
		}
	}
	taken := 0
	return interruptible{
		call:  func() error { return backed(send(), func() { filled++ }) },
		admit: func() { taken += take() },
		close: func() { closeAll(t, a, b) }, closed: net.ErrClosed,
		check: func(t *testing.T) {
			require.Equal(t, filled, taken+take(), "what was interrupted has sent nothing, the others once")
			closeAll(t, a, b)
		},
	}
}

func TestInterruptedUDPLookUp(t *testing.T) {
	for name, open := range map[string]func() error{
		"DialUDP":      func() error { return valueless(DialUDP("udp", "slow.test:80")) },
		"ListenUDP":    func() error { return valueless(ListenUDP("udp", "slow.test:0")) },
		"ListenPacket": func() error { return valueless(ListenPacket("udp", "slow.test:0")) },
		"ListenConfig": func() error { return valueless(new(ListenConfig).ListenPacket("udp", "slow.test:0")) },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				asked, free := slowResolver(t)
				defer free()
				for _, end := range []func(g *Greenlet){
					func(g *Greenlet) { throw(g, errMade); require.ErrorIs(t, g.Get(), errMade) },
					func(g *Greenlet) { require.NoError(t, g.Kill()) },
				} {
					g := Spawn(open)
					_, err := await(func() (struct{}, error) { return <-asked, nil })
					require.NoError(t, err)
					parked(t, g)
					end(g)
				}
				return nil
			})
		})
	}
}
