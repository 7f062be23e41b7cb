//go:build unix

package netpoll

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// traffic is some connections whose owners keep the contract: they read and write when told to, and otherwise wait.
type traffic struct {
	*suite
	conns []*trafficConn
}

type trafficConn struct {
	*conn
	peer           *conn
	sent, received int
}

// TestNoEdgeIsLost lets peers write and read at random, and requires that whoever still waits at the end has nothing to do.
func TestNoEdgeIsLost(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		rapid.Check(t, func(rt *rapid.T) {
			tr := &traffic{suite: s}
			defer tr.close()
			for range 3 {
				tr.connect()
			}
			for range rapid.IntRange(1, 30).Draw(rt, "steps") {
				tr.step(rt)
			}
			tr.settle()
			tr.check(rt)
		})
	})
}

func (tr *traffic) connect() {
	a, b := tr.pair(tr.t)
	c := &trafficConn{conn: &conn{end: a, s: tr.suite}, peer: &conn{end: b, s: tr.suite}}
	c.watcher.Owner = c
	require.NoError(tr.t, tr.p.Add(a.fd(), &c.watcher))
	tr.conns = append(tr.conns, c)
}

func (tr *traffic) close() {
	for _, c := range tr.conns {
		c.drop()
		_ = c.peer.close()
	}
}

func (tr *traffic) step(rt *rapid.T) {
	i := rapid.IntRange(0, len(tr.conns)-1).Draw(rt, "conn")
	c := tr.conns[i]
	switch rapid.SampledFrom([]string{"peer writes", "peer reads", "peer floods", "wait", "wait", "replace"}).Draw(rt, "step") {
	case "peer writes":
		n, _ := c.peer.write(make([]byte, rapid.IntRange(1, 40).Draw(rt, "bytes")))
		c.sent += n
	case "peer reads":
		_, _ = c.peer.read(make([]byte, rapid.SampledFrom([]int{10, 1 << 20}).Draw(rt, "bytes")))
	case "peer floods":
		for n, err := 0, error(nil); err == nil; n, err = c.peer.write(make([]byte, 4096)) {
			c.sent += n
		}
	case "wait":
		tr.serve(rapid.IntRange(1, 4).Draw(rt, "room"))
	case "replace":
		c.drop()
		_ = c.peer.close()
		tr.connect()
		tr.conns[i] = tr.conns[len(tr.conns)-1]
		tr.conns = tr.conns[:len(tr.conns)-1]
	}
}

// serve takes one batch and has the owners act on it.
func (tr *traffic) serve(room int) int {
	tr.events = make([]Event, room)
	got := tr.poll(0)
	for w, m := range got {
		c := w.Owner.(*trafficConn)
		if m&Readable != 0 {
			c.readSome()
		}
		if m&Writable != 0 {
			c.fill()
		}
	}
	return len(got)
}

// readSome reads until EAGAIN or, as the contract allows, a short read.
func (c *trafficConn) readSome() {
	buf := make([]byte, 512)
	for {
		n, err := c.read(buf)
		c.received += n
		if err == unix.EAGAIN || err == nil && n < len(buf) {
			require.NoError(c.s.t, c.s.p.Arm(&c.watcher, Readable))
			return
		}
		require.NoError(c.s.t, err)
	}
}

func (tr *traffic) settle() {
	for tr.serve(4) > 0 {
	}
}

func (tr *traffic) check(rt *rapid.T) {
	for i, c := range tr.conns {
		require.Equal(rt, c.sent, c.received, "conn %d waits for data that is there", i)
		_, err := c.write([]byte{0})
		require.ErrorIs(rt, err, unix.EAGAIN, "conn %d waits for room that is there", i)
	}
}
