//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

// askKept starts n clients that keep their connections until an answer says that it ends, and repeat nothing.
func (l *preforkLoad) askKept(addr string, n int) {
	for range n {
		l.all.Go(func() {
			for !l.stopped.Load() {
				if err := l.keep(addr); err != nil {
					l.bad.Add(1)
					l.lastError.Store(err.Error())
				}
			}
		})
	}
}

// keep asks on one connection.
func (l *preforkLoad) keep(addr string) error {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for !l.stopped.Load() {
		if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"); err != nil {
			return err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		l.good.Add(1)
		if resp.Close {
			break
		}
	}
	return nil
}

// A reload fails no request of busy clients, though they keep their connections and repeat nothing.
func TestPreforkReloadOfKeptConnections(t *testing.T) {
	defer mp.OnSlowComputers(patience)()
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 2}, preforkMode{})
		var load preforkLoad
		load.askKept(p.addr(), 16)
		for range preforkRounds(3) {
			load.more(t)
			require.NoError(t, p.Reload())
		}
		load.more(t)
		load.stop(t)
		require.Zero(t, load.bad.Load(), "%v", load.lastError.Load())
		require.Zero(t, p.count(mp.WorkerDied)+p.count(mp.WorkerOverdue))
		p.end()
		return nil
	})
}

// A client that keeps a connection and says nothing does not keep a worker from ending in its grace.
func TestPreforkStopWithSilentClient(t *testing.T) {
	preforkPatiently(t, func(d time.Duration) (ok bool) {
		run(t, func() error {
			p := newPreforked(t, mp.Prefork{Workers: 1, Grace: d}, preforkMode{})
			slow := startPreforkSlow(t, p.addr())
			_, err := io.WriteString(slow, "x")
			require.NoError(t, err)
			resp, err := http.ReadResponse(slow.in, nil)
			require.NoError(t, err)
			require.False(t, resp.Close)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			p.end()
			_, err = slow.in.ReadByte()
			require.Equal(t, io.EOF, err)
			ok = p.count(mp.WorkerOverdue) == 0
			return slow.Close()
		})
		return ok
	})
}
