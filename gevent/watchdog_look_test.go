package gevent

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watched runs main in a hub whose watchdog's looks are the test's own.
func watched(t *testing.T, reports *[]Blocked, main func(h *Hub, w *watchdog) error) {
	t.Helper()
	c := Config{Watchdog: time.Hour, OnBlocked: func(b *Blocked) { *reports = append(*reports, *b) }}
	require.NoError(t, runConfig(t, c, func() error { return main(GetHub(), GetHub().watch) }))
}

// look looks n times, after the watchdog's period each.
func look(w *watchdog, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		w.look(w.period())
	}
}

// elsewhere blocks the hub until fn has run on another goroutine.
func elsewhere(fn func()) {
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	<-done
}

func TestWatchdogReportsAtGrowingIntervals(t *testing.T) {
	var reports []Blocked
	watched(t, &reports, func(_ *Hub, w *watchdog) error {
		elsewhere(func() {
			look(w, 1) // the pulse has changed since the beginning
			look(w, looks-1)
			require.Empty(t, reports)
			look(w, 1)
			require.Len(t, reports, 1)
			look(w, looks-1)
			require.Len(t, reports, 1)
			look(w, 1)
			require.Len(t, reports, 2) // after 1 hour and 2
			look(w, 3*looks)
			require.Len(t, reports, 3) // 4
			require.Equal(t, "chan receive", reports[2].State)
		})
		for range 2 * quantumOfSched {
			Yield()
		}
		elsewhere(func() { look(w, 1) })
		require.Len(t, reports, 4)
		require.True(t, reports[3].Over)
		require.Equal(t, 5*time.Hour, reports[3].For)
		elsewhere(func() { look(w, looks-1) })
		require.Len(t, reports, 4) // it begins anew
		return nil
	})
}

// quantumOfSched is how many steps the loop may make without a turn.
const quantumOfSched = 64

// Who is held up itself, by a debugger, SIGSTOP, a busy machine, does not blame the hub.
func TestWatchdogThatIsLateBlamesNobody(t *testing.T) {
	var reports []Blocked
	watched(t, &reports, func(_ *Hub, w *watchdog) error {
		elsewhere(func() {
			look(w, looks)
			w.mu.Lock()
			defer w.mu.Unlock()
			for range 10 * looks {
				w.look(2*w.period() + 1)
			}
			require.Empty(t, reports)
			w.look(w.period()) // in time, with what was there before
			require.Len(t, reports, 1)
		})
		return nil
	})
}

func TestWatchdogNeverReportsAnIdleHub(t *testing.T) {
	var reports []Blocked
	watched(t, &reports, func(h *Hub, w *watchdog) error {
		_, err := await(func() (bool, error) {
			for { // until the hub waits in its poller; it does so until we return
				if _, waiting := h.sched.Pulse(); waiting {
					break
				}
				runtime.Gosched()
			}
			look(w, 100*looks)
			return true, nil
		})
		require.Empty(t, reports)
		return err
	})
}

// A hub that always has something to do makes its turns.
func TestWatchdogDoesNotReportABusyHub(t *testing.T) {
	var reports []Blocked
	watched(t, &reports, func(_ *Hub, w *watchdog) error {
		for range 10 * looks {
			for range quantumOfSched {
				Yield()
			}
			elsewhere(func() { look(w, 1) })
		}
		require.Empty(t, reports)
		return nil
	})
}

func TestWatchdogIsOnByDefault(t *testing.T) {
	run(t, func() error {
		w := GetHub().watch
		require.Equal(t, 10*time.Second, w.limit)
		require.NotNil(t, w.tell)
		return nil
	})
	require.NoError(t, runConfig(t, Config{Watchdog: -1}, func() error {
		require.Nil(t, GetHub().watch)
		return nil
	}))
}

// What has ended in the time of the examination is not reported.
func TestWatchdogStopped(t *testing.T) {
	var kept *watchdog
	run(t, func() error { kept = GetHub().watch; return nil })
	require.Nil(t, kept.timer)
	kept.tick() // a timer that fired at the same moment
	require.Nil(t, kept.timer)
}

func TestDefaultReportIsLogged(t *testing.T) {
	lines := captureLog(t, func() {
		b := &Blocked{For: time.Second, Greenlet: "g", Line: "f.go:1", State: "sleep", Advice: adviceFor("sleep")}
		logBlocked(b)
		b.Over = true
		logBlocked(b)
	})
	require.Contains(t, lines, "hub blocked")
	require.Contains(t, lines, "at=f.go:1")
	require.Contains(t, lines, "use gevent.Sleep")
	require.Contains(t, lines, "hub goes on")
}
