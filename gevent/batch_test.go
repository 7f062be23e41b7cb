//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// batchRoom returns messages to receive into, each with two buffers.
func batchRoom(n int) []Message {
	ms := make([]Message, n)
	for i := range ms {
		ms[i].Buffers = [][]byte{make([]byte, 2), make([]byte, 100)}
	}
	return ms
}

func batchText(m *Message) string {
	all := append(append([]byte(nil), m.Buffers[0]...), m.Buffers[1]...)
	return string(all[:m.N])
}

// batchOf returns messages to send, each in two buffers.
func batchOf(to netip.AddrPort, texts ...string) []Message {
	ms := make([]Message, len(texts))
	for i, text := range texts {
		half := len(text) / 2
		ms[i] = Message{Buffers: [][]byte{[]byte(text[:half]), []byte(text[half:])}, Addr: to}
	}
	return ms
}

var batchTexts = []string{"one", "", "three", "f", "five"}

func TestBatch(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		connected, err := DialUDP("udp", b.LocalAddr().String())
		require.NoError(t, err)
		for _, from := range []*UDPConn{a, connected} {
			to := udpAt(b)
			if from == connected {
				to = netip.AddrPort{}
			}
			sending := batchOf(to, batchTexts...)
			n, err := from.WriteBatch(sending)
			require.NoError(t, err)
			require.Equal(t, len(batchTexts), n)
			receiving := batchRoom(9)
			got := 0
			for got < len(batchTexts) {
				n, err := b.ReadBatch(receiving[got:])
				require.NoError(t, err)
				if runtime.GOOS == "linux" {
					require.Equal(t, len(batchTexts), n, "all that is there comes at once")
				}
				got += n
			}
			for i, text := range batchTexts {
				require.Equal(t, len(text), sending[i].N)
				require.Equal(t, text, batchText(&receiving[i]))
				require.Equal(t, udpAt(from), receiving[i].Addr)
			}
		}
		n, err := b.ReadBatch(nil)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = b.WriteBatch(nil)
		require.NoError(t, err)
		require.Zero(t, n)
		closeAll(t, a, b, connected)
		_, err = b.ReadBatch(batchRoom(1))
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = b.WriteBatch(batchOf(udpAt(a), "x"))
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}

// One that was cut off says so.
func TestBatchTruncates(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		_, err := a.WriteBatch(batchOf(udpAt(b), "too long for that", "short"))
		require.NoError(t, err)
		ms := batchRoom(1)
		ms[0].Buffers = ms[0].Buffers[:1]
		n, err := b.ReadBatch(ms)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, "to", string(ms[0].Buffers[0][:ms[0].N]))
		require.NotZero(t, ms[0].Flags&syscall.MSG_TRUNC)
		mustGet(t, b, a.LocalAddr(), "short")
		closeAll(t, a, b)
		return nil
	})
}

// More than the system takes at once are sent all the same, and received with waiting in between.
func TestBatchOfMany(t *testing.T) {
	const crowd = 3000
	run(t, func() error {
		a, b := udpPair(t)
		require.NoError(t, b.SetReadBuffer(8<<20))
		require.NoError(t, b.SetReadDeadline(in(patience)))
		texts := make([]string, crowd)
		for i := range texts {
			texts[i] = string(rune('a' + i%26))
		}
		ms := batchOf(udpAt(b), texts...)
		sender := Go(func() (n int, err error) {
			for n < crowd && err == nil { // in pieces that the receiver's queue has room for
				var some int
				some, err = a.WriteBatch(ms[n:min(n+100, crowd)])
				n += some
				Yield()
			}
			return n, err
		})
		got := 0
		ready := batchRoom(1500)
		for got < crowd {
			n, err := b.ReadBatch(ready)
			require.NoError(t, err)
			for i := range ready[:n] {
				require.Equal(t, texts[got+i], batchText(&ready[i]))
			}
			got += n
		}
		n, err := sender.Get()
		require.NoError(t, err)
		require.Equal(t, crowd, n)
		closeAll(t, a, b)
		return nil
	})
}

// The error is that of the first that was not sent; those before it are.
func TestBatchFailsInTheMiddle(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		ms := batchOf(udpAt(b), "good", "bad", "never")
		ms[1].Addr = netip.AddrPortFrom(netip.IPv6Loopback(), 1)
		n, err := a.WriteBatch(ms)
		require.Equal(t, 1, n)
		var oe *net.OpError
		require.ErrorAs(t, err, &oe)
		require.Equal(t, "[::1]:1", oe.Addr.String())
		mustGet(t, b, a.LocalAddr(), "good")

		ms[1] = Message{Buffers: [][]byte{make([]byte, 70_000)}, Addr: udpAt(b)}
		n, err = a.WriteBatch(ms)
		require.Equal(t, 1, n)
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		closeAll(t, a, b)
		return nil
	})
}

func TestBatchOnAGoroutine(t *testing.T) {
	run(t, func() error {
		a, b := udpPair(t)
		connected, err := DialUDP("udp", b.LocalAddr().String())
		require.NoError(t, err)
		for _, from := range []*UDPConn{a, connected} {
			n, err := await(func() (int, error) { return from.WriteBatch(batchOf(udpAt(b), batchTexts...)) })
			require.NoError(t, err)
			require.Equal(t, len(batchTexts), n)
			for _, text := range batchTexts {
				ms := batchRoom(9)
				n, err := await(func() (int, error) { return b.ReadBatch(ms) })
				require.NoError(t, err)
				require.Equal(t, 1, n)
				require.Equal(t, text, batchText(&ms[0]))
				require.Equal(t, udpAt(from), ms[0].Addr)
			}
		}
		ms := batchOf(udpAt(b), "good", "bad")
		ms[1].Buffers = [][]byte{make([]byte, 70_000)}
		n, err := await(func() (int, error) { return a.WriteBatch(ms) })
		require.Equal(t, 1, n)
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		closeAll(t, a, b, connected)
		return nil
	})
}

// Control data goes both ways: here, a time to live that is asked for with each datagram.
func TestBatchControlData(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the option is another one elsewhere")
	}
	run(t, func() error {
		a, b := udpPair(t)
		raw, err := b.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			require.NoError(t, syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipRecvTTL, 1))
		}))
		mustSend(t, a, b.LocalAddr(), "x")
		ms := batchRoom(1)
		ms[0].OOB = make([]byte, 64)
		_, err = b.ReadBatch(ms)
		require.NoError(t, err)
		found, err := syscall.ParseSocketControlMessage(ms[0].OOB[:ms[0].NN])
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.EqualValues(t, syscall.IPPROTO_IP, found[0].Header.Level)
		closeAll(t, a, b)
		return nil
	})
}

// ipRecvTTL is Linux's IP_RECVTTL.
const ipRecvTTL = 12
