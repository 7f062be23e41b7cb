//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// abuseConns returns how many connections to oneself the descriptors allow, up to n.
func abuseConns(t *testing.T, n int) int {
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if testing.Short() {
		n /= 20
	}
	return min(n, (int(limit.Cur)-openDescriptors(t)-200)/2)
}

// Ten thousand connections that have served a request and wait for the next one cost little, with their clients' ends.
func TestAbuseIdleConnections(t *testing.T) {
	n := abuseConns(t, abuseIdle)
	inAbuse(t, handling(ignores), func(w *abusedWorld) {
		w.alive()
		clients := make([]net.Conn, n)
		before := abuseMemory()
		for i := range clients {
			c, err := gevent.Dial("tcp", w.address)
			require.NoError(t, err)
			clients[i] = c
			abuseVisit(t, c)
		}
		each := (abuseMemory() - before) / int64(n)
		t.Logf("%d connections, %d bytes for both ends of one", n, each)
		require.GreaterOrEqual(t, w.state.active, n)
		require.Less(t, each, int64(16<<10))
		w.alive()
		for i := 0; i < n; i += n / 10 {
			abuseVisit(t, clients[i])
		}
		for _, c := range clients {
			require.NoError(t, c.Close())
		}
		w.gone()
	})
}

// abuseVisit makes a request and reads the answer, with no buffer that stays.
func abuseVisit(t *testing.T, c net.Conn) {
	_, err := io.WriteString(c, "GET /visit HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	var answer [512]byte
	n := 0
	for !strings.HasSuffix(string(answer[:n]), "\r\n\r\n/visit") {
		m, err := c.Read(answer[n:])
		require.NoError(t, err)
		n += m
	}
}

// Twenty thousand short connections leave no descriptor, no goroutine and no memory behind.
func TestAbuseShortConnections(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2000
	}
	inAbuse(t, handling(ignores), func(w *abusedWorld) {
		visit := func(n int) {
			const beside = 16
			var gs []*gevent.Greenlet
			for range beside {
				gs = append(gs, gevent.Spawn(func() error {
					for range n / beside {
						c, err := gevent.Dial("tcp", w.address)
						require.NoError(t, err)
						abuseVisit(t, c)
						require.NoError(t, c.(*gevent.TCPConn).SetLinger(0)) // or the system would run out of ports
						require.NoError(t, c.Close())
					}
					return nil
				}))
			}
			require.NoError(t, gevent.JoinAll(gs...))
			w.gone()
		}
		visit(1600)
		memory, descriptors, goroutines := abuseMemory(), openDescriptors(t), runtime.NumGoroutine()
		visit(n)
		require.LessOrEqual(t, openDescriptors(t), descriptors+2, "the honest client's")
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines+64, "those that are kept for the next greenlets")
		require.Less(t, abuseMemory()-memory, int64(2<<20))
	})
}

// abuseSet sets a field of an Rlimit, whose type is not the same on all systems.
func abuseSet[T int64 | uint64](field *T, n int) { *field = T(n) }

const abuseChild = "GEVENT_HTTP_TEST_WITHOUT_DESCRIPTORS"

// A server that runs out of descriptors serves those it has, says so in its log, now and then, and accepts the others once
// some come free. In a process of its own.
func TestAbuseOutOfDescriptors(t *testing.T) {
	if os.Getenv(abuseChild) != "" {
		require.NoError(t, gevent.Run(func() error { return abuseOutOfDescriptors(t) }))
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAbuseOutOfDescriptors$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), abuseChild+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func abuseOutOfDescriptors(t *testing.T) error {
	const crowd, room = 40, 10
	w := &world{Server: handling(ignores), t: t}
	w.ErrorLog = slog.New(slog.NewTextHandler(&w.log, nil))
	l := spareListener(t)
	var clients []*worldClient // their descriptors first, so that the limit leaves room for some of the server's only
	w.address = l.Addr().String()
	for range crowd {
		clients = append(clients, w.dial())
	}
	highest, err := os.Open(os.DevNull)
	require.NoError(t, err)
	var limit syscall.Rlimit
	abuseSet(&limit.Cur, int(highest.Fd())+room)
	abuseSet(&limit.Max, int(highest.Fd())+room)
	require.NoError(t, highest.Close())
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))

	w.serveOn(l)
	for range 3 { // those that were accepted are served, whoever waits
		clients[0].send(staying)
		clients[0].expect("/")
	}
	w.eventually(func() bool { return strings.Contains(w.log.String(), "accept failed") })
	require.Less(t, w.state.active, crowd)
	clients[1].send(staying)
	clients[1].expect("/")
	for _, c := range clients {
		c.send(closing)
		c.expect("/")
		c.ended()
	}
	require.Less(t, strings.Count(w.log.String(), "accept failed"), 10*crowd)
	require.NoError(t, w.Close())
	require.ErrorIs(t, w.serving.Get(), http.ErrServerClosed)
	return nil
}
