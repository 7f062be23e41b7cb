package debug

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A hand is a clock that only the test moves.
type hand struct{ now time.Duration }

func (h *hand) Now() time.Duration { return h.now }

// dbgTask returns the row of that name.
func dbgTask(t *testing.T, all *table, name string) task {
	t.Helper()
	for _, row := range all.Tasks {
		if row.Name == name {
			return row
		}
	}
	require.FailNow(t, "no task "+name)
	panic("unreachable")
}

// Busy, ready and waiting time, the longest run and the switches are exactly what the clock says, and add up.
func TestDebugTimesAreExact(t *testing.T) {
	dbgAlone(t)
	clock := new(hand)
	dbgRun(t, gevent.Config{Clock: clock, Watchdog: -1}, func(hub *gevent.Hub) {
		h := New(hub)
		var gate, done gevent.Event
		old := gevent.SpawnNamed("old", gate.Wait)
		gevent.Yield()
		clock.now += time.Hour // before it is tracked
		h.Track()
		worker := gevent.SpawnNamed("worker", func() error {
			clock.now += 3 * time.Millisecond // runs
			gevent.Yield()
			clock.now += 5 * time.Millisecond
			require.NoError(t, gate.Wait())
			clock.now += time.Millisecond
			return done.Wait()
		})
		clock.now += 10 * time.Millisecond // it is ready
		gevent.Yield()
		clock.now += 100 * time.Millisecond // again
		gevent.Yield()
		clock.now += time.Second // it waits
		gate.Set()
		clock.now += 2 * time.Millisecond // it is ready
		gevent.Yield()
		all := h.views[0].table()
		row := dbgTask(t, all, "worker")
		require.Equal(t, 9*time.Millisecond, row.Busy)
		require.Equal(t, 112*time.Millisecond, row.Ready)
		require.Equal(t, time.Second, row.Waiting)
		require.Equal(t, 5*time.Millisecond, row.Longest)
		require.Equal(t, uint64(3), row.Switches)
		require.Equal(t, all.Tracked, row.Busy+row.Ready+row.Waiting)
		main := dbgTask(t, all, "main")
		require.Equal(t, 1112*time.Millisecond, main.Busy)
		require.Equal(t, 9*time.Millisecond, main.Ready)
		require.Equal(t, 1002*time.Millisecond, main.Longest, "it runs still")
		for _, row := range all.Tasks {
			require.NotEqual(t, "old", row.Name, "it has ended")
		}
		f := h.views[0].figures()
		require.Equal(t, f.Tracked.For, f.Tracked.Busy+f.Tracked.Idle+f.Tracked.Loop)
		l := h.views[0].latency()
		require.Equal(t, 100*time.Millisecond, l.Delays.Longest[0].For)
		require.Equal(t, "worker", l.Delays.Longest[0].Name)
		require.True(t, slices.ContainsFunc(l.Delays.Longest, func(m moment) bool {
			return m.Name == "worker" && m.For == 2*time.Millisecond && m.WaitedFor == "event"
		}))
		require.Equal(t, 1002*time.Millisecond, l.Runs.Longest[0].For)
		require.Equal(t, "main", l.Runs.Longest[0].Name)
		done.Set()
		require.NoError(t, gevent.JoinAll(old, worker))
	})
}

// Nothing is left of a task that has ended, however many there were.
func TestDebugManyTasks(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		h := New(hub)
		h.Track()
		tracker := h.views[0].tracker
		const all, batch = 100_000, 5_000
		for range all / batch {
			for range batch {
				gevent.Spawn(func() error { return nil })
			}
			gevent.Yield()
		}
		require.Len(t, tracker.accounts, 1, "main's")
		require.Len(t, tracker.spare, maxSpare)
		require.Equal(t, uint64(all), tracker.delays.count-all/batch, "each ran once, and main after each batch")
		require.Len(t, tracker.runs.longest, kept)
	})
}

// Killed before the start, started later, ended by a panic: each is accounted for up to its end, and forgotten.
func TestDebugTasksThatEnd(t *testing.T) {
	dbgAlone(t)
	ignore := func(*gevent.Greenlet, error, []byte) {}
	dbgRun(t, gevent.Config{OnError: ignore}, func(hub *gevent.Hub) {
		h := New(hub)
		h.Track()
		gevent.Spawn(func() error { return nil }).Kill()
		later := gevent.SpawnLater(time.Hour, func() error { return nil })
		row := h.views[0].table().Tasks[1]
		require.Equal(t, "delayed", row.State)
		require.NotNil(t, row.Until)
		later.Kill()
		soon := gevent.SpawnLater(time.Millisecond, func() error { panic("of the test") })
		require.NoError(t, soon.Join())
		waits := gevent.Spawn(func() error { return gevent.Sleep(time.Hour) })
		gevent.Yield()
		waits.Kill()
		require.Len(t, h.views[0].tracker.accounts, 1)
	})
}

// Tracking that the first look began ends when nobody looks any more, and begins again with the next look.
func TestDebugTrackingLapses(t *testing.T) {
	dbgAlone(t)
	clock := new(hand)
	dbgRun(t, gevent.Config{Clock: clock, Watchdog: -1}, func(hub *gevent.Hub) {
		h := New(hub)
		code, body := dbgAsk(h, "vars")
		require.Equal(t, 200, code)
		dbgContains(t, body, `"tracked": null`)
		require.Zero(t, dbgHooks(), "figures alone begin nothing")
		dbgAsk(h, "tasks")
		require.Equal(t, 1, dbgHooks())
		clock.now += lapse
		gevent.Yield()
		require.Equal(t, 1, dbgHooks())
		dbgAsk(h, "latency") // another look
		clock.now += lapse
		gevent.Yield()
		require.Equal(t, 1, dbgHooks())
		clock.now++
		gevent.Yield()
		require.Zero(t, dbgHooks())
		gevent.Yield()
		_, body = dbgAsk(h, "vars")
		dbgContains(t, body, `"tracked": null`)
		dbgAsk(h, "")
		require.Equal(t, 1, dbgHooks())
		h.Track()
		clock.now += 2 * lapse
		gevent.Yield()
		require.Equal(t, 1, dbgHooks(), "for ever")
	})
}

// A spread counts each duration in its bucket and keeps the ten longest.
func TestDebugSpread(t *testing.T) {
	var s spread
	for _, d := range []time.Duration{-1, 0, 1023, 1024, 2047, 2048, 34 * time.Second, time.Hour} {
		if s.add(d) {
			s.keep(moment{For: d})
		}
	}
	h := s.histogram(0)
	require.Len(t, h.Buckets, buckets)
	require.Equal(t, []bucket{{1024, 3}, {2048, 2}, {4096, 1}}, h.Buckets[:3])
	require.Equal(t, bucket{bound(buckets - 2), 1}, h.Buckets[buckets-2])
	require.Equal(t, bucket{0, 1}, h.Buckets[buckets-1])
	require.Equal(t, time.Hour, h.Max)
	for i := range 100 {
		if d := time.Duration(i) * time.Minute; s.add(d) {
			s.keep(moment{For: d})
		}
	}
	h = s.histogram(0)
	require.Len(t, h.Longest, kept)
	for i, m := range h.Longest {
		require.Equal(t, time.Duration(99-i)*time.Minute, m.For)
	}
	require.Equal(t, uint64(108), h.Count)
	empty := new(spread).histogram(0)
	require.Zero(t, empty.Mean())
	text, err := asJSON(empty)
	require.NoError(t, err)
	var back map[string]any
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, []any{}, back["buckets"], "empty, not null")
}

func TestDebugShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 1023: "1.023µs", 12_345: "12.35µs", 123_456: "123.5µs", 1_234_567: "1.235ms", 12_345_678: "12.35ms",
		1_234_567_890: "1.235s", 61_234_567_890: "1m1.23s", -1_234_567: "-1.235ms",
	} {
		require.Equal(t, want, short(d), fmt.Sprint(int64(d)))
	}
}
