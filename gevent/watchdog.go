package gevent

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// defaultWatchdog is how long a hub may stand still until that is reported. A greenlet that keeps the CPU for so long has
// certainly not meant to.
const defaultWatchdog = 10 * time.Second

// looks is how many times the watchdog looks at the hub until it reports.
const looks = 4

// A watchdog looks at a hub's pulse from outside and reports when it stands still though the hub does not wait. It runs
// on a timer, so there is no goroutine of it between two looks, and it costs the hub nothing but the pulse.
type watchdog struct {
	hub   *Hub
	limit time.Duration
	tell  func(*Blocked)

	mu    sync.Mutex // also held while telling: who stops the watchdog waits for that
	timer *time.Timer
	armed time.Time
	beats uint32
	stuck time.Duration // since the pulse stood still, in looks that came in time
	next  time.Duration // the value of stuck that is to be reported
	last  *Blocked      // what was reported of the present standstill; nil if nothing
}

// watch starts the watchdog of a hub; it returns nil if that is off.
func (c *Config) watch(h *Hub) *watchdog {
	if c.Watchdog < 0 {
		return nil
	}
	w := &watchdog{hub: h, limit: c.Watchdog, tell: c.OnBlocked}
	if w.limit == 0 {
		w.limit = defaultWatchdog
	}
	if w.tell == nil {
		w.tell = logBlocked
	}
	w.next = w.limit
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = time.Now()
	w.timer = time.AfterFunc(w.period(), w.tick)
	return w
}

func (w *watchdog) period() time.Duration { return max(w.limit/looks, time.Millisecond) }

// stop waits until a report that is being told has been. A nil watchdog is stopped.
func (w *watchdog) stop() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}

func (w *watchdog) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		return
	}
	w.look(time.Since(w.armed))
	w.armed = time.Now()
	w.timer.Reset(w.period())
}

// look is called with mu held, when passed has gone by since the look before.
func (w *watchdog) look(passed time.Duration) {
	beats, waiting := w.hub.sched.Pulse()
	if waiting || beats != w.beats {
		w.goesOn(beats)
		return
	}
	if passed > 2*w.period() {
		return // we were held up ourselves, by a debugger, a stopped process, a busy machine: so was the hub, blameless
	}
	if w.stuck += passed; w.stuck < w.next {
		return
	}
	b := w.hub.examine(w.stuck)
	if beats, waiting = w.hub.sched.Pulse(); waiting || beats != w.beats {
		w.goesOn(beats) // meanwhile: what was found may be innocent
		return
	}
	w.last, w.next = b, 2*w.stuck
	w.report(b)
}

func (w *watchdog) goesOn(beats uint32) {
	if w.last != nil {
		over := *w.last
		over.For, over.Over = w.stuck, true
		w.report(&over)
	}
	w.beats, w.stuck, w.next, w.last = beats, 0, w.limit, nil
}

// report contains a panic of the user's function: nobody else is there to recover it, and it would end the process.
func (w *watchdog) report(b *Blocked) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("OnBlocked panicked", "error", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	w.tell(b)
}
