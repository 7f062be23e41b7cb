//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// After an alert of ours a connection gives nothing more, whatever the peer sends behind, and says so each time.
func TestReadFailsForGood(t *testing.T) {
	for name, wait := range map[string]bool{"Read": false, "WaitRead": true} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				f, c := newForger(t)
				f.send(handshakeRecord, 4, 0, 0, 14, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0) // only servers send tickets
				f.send(dataRecord, 'x')
				if wait {
					require.NoError(t, c.WaitRead(), "a Read would not wait")
				}
				for range 2 {
					require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
					n, err := c.Read(make([]byte, 1))
					require.EqualError(t, err, "tls: received new session ticket from a client")
					require.Zero(t, n)
					require.NoError(t, c.WaitRead())
				}
				closeAll(t, c, f.to.(io.Closer))
				return nil
			})
		})
	}
}

// A write deadline ends the handshake that a Write makes, whatever that waits for, and does not stay with the reads.
func TestWriteDeadlineInHandshake(t *testing.T) {
	for name, late := range map[string]bool{"set before": false, "set meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				x, y := sockets(t) // y says nothing
				cc, _ := configs(t)
				c := ssl.Client(x, cc)
				set := func() error { return c.SetWriteDeadline(time.Now().Add(time.Millisecond)) }
				if !late {
					require.NoError(t, set())
				}
				g := gevent.Spawn(func() error { _, err := io.WriteString(c, "x"); return err })
				gevent.Yield()
				if late {
					require.NoError(t, set())
				}
				require.ErrorIs(t, g.GetTimeout(patience), os.ErrDeadlineExceeded)
				closeAll(t, c, y)
				return nil
			})
		})
	}
	run(t, func() error {
		a, b := pair(t)
		require.NoError(t, a.SetWriteDeadline(time.Now().Add(20*time.Millisecond)))
		g := gevent.Spawn(b.Handshake)
		if a.Handshake() != nil {
			t.Skip("this machine is too slow")
		}
		require.NoError(t, g.Get())
		reader, got := reads(a)
		require.NoError(t, gevent.Sleep(21*time.Millisecond))
		talkOneWay(t, b, "still")
		closeAll(t, b)
		require.NoError(t, reader.GetTimeout(patience))
		require.Equal(t, "still", got.String())
		a.Close()
		return nil
	})
}

func talkOneWay(t *testing.T, c io.Writer, text string) {
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
}

// A writer that never waits, since there is room, is killed at any point: what has been written comes in one piece, and
// others write on.
func TestKilledWhileThereIsRoom(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		reader, got := reads(b)
		begun, ended := 0, 0
		for range 20 {
			writer := gevent.Spawn(func() error {
				for {
					begun++
					if _, err := fmt.Fprintf(a, "%d\n", begun); err != nil {
						return err
					}
					ended++
				}
			})
			target := ended + 3
			until(t, func() bool { return ended > target })
			require.NoError(t, writer.Kill())
		}
		talkOneWay(t, a, "end\n")
		closeAll(t, a)
		require.NoError(t, reader.GetTimeout(patience))
		lines := strings.Split(strings.TrimSpace(got.String()), "\n")
		last := 0
		for _, line := range lines[:len(lines)-1] {
			var i int
			_, err := fmt.Sscan(line, &i)
			require.NoError(t, err)
			require.Greater(t, i, last)
			last = i
		}
		require.Equal(t, "end", lines[len(lines)-1])
		require.GreaterOrEqual(t, len(lines)-1, ended)
		closeAll(t, b)
		return nil
	})
}

// An end of the connection without a close_notify, between two records, is an io.EOF, as for crypto/tls; in one it is not.
func TestCutOffBetweenRecords(t *testing.T) {
	run(t, func() error {
		a, b := shaken(t)
		talkOneWay(t, a, "half of it")
		closeAll(t, a.NetConn())
		text, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "half of it", string(text))
		b.Close()
		return nil
	})
}

// A waitingConn is a connection that knows how large the buffer is with which it is waited for data.
type waitingConn struct {
	*gevent.TCPConn
	size    int
	waiting bool // in WaitRead
}

func (c *waitingConn) Read(b []byte) (int, error) {
	c.size = len(b)
	defer func() { c.size = 0 }()
	return c.TCPConn.Read(b)
}

func (c *waitingConn) WaitRead() error {
	c.waiting = true
	defer func() { c.waiting = false }()
	return c.TCPConn.WaitRead()
}

// Once much has come a connection that waits for more holds no large buffer meanwhile.
func TestIdleAfterMuch(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		x, y := sockets(t)
		under := &waitingConn{TCPConn: y}
		client, server := ssl.Client(x, cc), ssl.Server(under, sc)
		shake(t, client, server)
		reader, got := reads(server)
		much := bytes.Repeat([]byte("much"), 50_000)
		_, err := client.Write(much)
		require.NoError(t, err)
		until(t, func() bool { return got.Len() == len(much) })
		parked(t, reader)
		require.True(t, under.waiting && under.size == 0 || under.size <= 2048, "waits with %d bytes", under.size)
		talkOneWay(t, client, "more")
		until(t, func() bool { return got.Len() == len(much)+4 })
		closeAll(t, client)
		require.NoError(t, reader.GetTimeout(patience))
		require.Equal(t, string(much)+"more", got.String())
		server.Close()
		return nil
	})
}
