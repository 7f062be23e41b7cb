package main

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/loadresult"
)

// server answers each connection with reply, which gets the connection and may close it.
func server(t *testing.T, reply func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				reply(c)
			}()
		}
	}()
	return l.Addr().String()
}

func echoes(c net.Conn) { _, _ = io.Copy(c, c) }

func measure(t *testing.T, p plan) (loadresult.Result, error) {
	t.Helper()
	l, err := connect(p)
	require.NoError(t, err)
	defer l.close()
	return l.measure(io.Discard)
}

func TestCountsEchoes(t *testing.T) {
	for _, p := range []plan{
		{conns: 3, size: 64, pipeline: 1},
		{conns: 3, size: 64, pipeline: 16},
		{conns: 2, size: 1 << 20, pipeline: 4}, // more than a socket takes at once
	} {
		p.addr, p.warmup, p.duration = server(t, echoes), 10*time.Millisecond, 100*time.Millisecond
		res, err := measure(t, p)
		require.NoError(t, err)
		for res.Messages == 0 && p.duration < 10*time.Second { // a busy machine may not get through one large batch
			p.duration *= 4
			res, err = measure(t, p)
			require.NoError(t, err)
		}
		require.Positive(t, res.Messages)
		require.Zero(t, res.Messages%int64(p.pipeline))
		require.Positive(t, res.Latency.P50)
		require.LessOrEqual(t, res.Latency.P50, res.Latency.Max)
		require.Contains(t, res.String(), "messages in")
	}
}

func TestNoticesAWrongEcho(t *testing.T) {
	addr := server(t, func(c net.Conn) {
		p := make([]byte, 64)
		for round := 0; ; round++ {
			if _, err := io.ReadFull(c, p); err != nil {
				return
			}
			if round == 20 {
				p[9]++
			}
			if _, err := c.Write(p); err != nil {
				return
			}
		}
	})
	_, err := measure(t, plan{addr: addr, conns: 1, size: 64, pipeline: 1, duration: time.Second})
	require.ErrorContains(t, err, "connection 0: the echo differs from byte 9 on")
}

func TestNoticesAHangUp(t *testing.T) {
	addr := server(t, func(c net.Conn) { _, _ = io.CopyN(c, c, 640) })
	_, err := measure(t, plan{addr: addr, conns: 1, size: 64, pipeline: 1, duration: time.Second})
	require.Error(t, err)
}

func TestConnectFails(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	_, err = connect(plan{addr: addr, conns: 1, size: 64, pipeline: 1})
	require.ErrorContains(t, err, "connection 0: connect to")
}
