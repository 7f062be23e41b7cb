package debug

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
	"greenloop/sched"
)

// patience bounds every wait of these tests.
const dbgPatience = 30 * time.Second

// dbgAlone checks, at the end of the test, that no goroutine and no descriptor is left.
func dbgAlone(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // Go's own poller keeps a few from its first use on
	require.NoError(t, err)
	l.Close()
	before := dbgFds()
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		require.LessOrEqual(t, dbgFds(), before, "descriptors left")
	})
}

func dbgFds() int {
	entries, _ := os.ReadDir("/proc/self/fd") // none elsewhere
	return len(entries)
}

// dbgHooks returns how many hooks were added to the calling scheduler.
func dbgHooks() int { return reflect.ValueOf(sched.Current()).Elem().FieldByName("added").Len() }

// dbgRun runs main in a hub, bounded, and checks that no greenlet, no timer and no hooks are left but one tracker's.
func dbgRun(t *testing.T, c gevent.Config, main func(hub *gevent.Hub)) {
	t.Helper()
	require.NoError(t, gevent.RunConfig(c, func() error {
		hub := gevent.GetHub()
		limit := dbgPatience
		if c.Clock != nil {
			limit = 1000 * time.Hour // on that clock
		}
		if err := gevent.WithTimeout(limit, func() error {
			main(hub)
			return gevent.Canceled()
		}); err != nil {
			return err
		}
		gevent.Yield()
		if c.Clock == nil {
			require.NoError(t, gevent.Sleep(1))
		}
		require.Equal(t, 1, hub.Stats().Live, "greenlets left: %v", hub.Dump())
		require.LessOrEqual(t, dbgHooks(), 1)
		return nil
	}))
}

// dbgServe serves handler by gevent/http on the calling hub while use runs.
func dbgServe(t *testing.T, handler http.Handler, use func(url string)) {
	t.Helper()
	l, err := gevent.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &ghttp.Server{Handler: handler}
	serving := gevent.Spawn(func() error { return server.Serve(l) })
	defer func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	}()
	use("http://" + l.Addr().String())
}

// dbgGet asks by a client that waits in a greenlet.
func dbgGet(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	transport := &ghttp.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, string(body)
}

// dbgAsk calls the handler right here, in a greenlet or on a goroutine.
func dbgAsk(h http.Handler, target string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/"+target, nil))
	return w.Code, w.Body.String()
}

// A dbgHub is a hub on a goroutine of its own, whose main waits until it is told to end.
type dbgHub struct {
	*gevent.Hub
	stop  chan struct{}
	ended chan error
}

func dbgElsewhere(t *testing.T) *dbgHub {
	t.Helper()
	h := &dbgHub{stop: make(chan struct{}), ended: make(chan error, 1)}
	ready := make(chan *gevent.Hub, 1)
	go func() {
		h.ended <- gevent.Run(func() error {
			ready <- gevent.GetHub()
			_, _, err := gevent.Recv(h.stop)
			return err
		})
	}()
	h.Hub = dbgReceive(t, ready)
	return h
}

// end ends the hub and checks that there were so many hooks.
func (h *dbgHub) end(t *testing.T, hooks int) {
	t.Helper()
	left := make(chan int, 1)
	require.True(t, h.Post(func() { left <- dbgHooks() }))
	require.Equal(t, hooks, dbgReceive(t, left), "hooks left")
	close(h.stop)
	require.NoError(t, dbgReceive(t, h.ended))
}

func dbgReceive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(dbgPatience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

func dbgContains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		require.True(t, strings.Contains(text, want), fmt.Sprintf("%q is not in\n%s", want, text))
	}
}
