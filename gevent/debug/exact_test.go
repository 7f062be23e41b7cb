package debug

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A ledger counts for itself how long each task runs: by the bodies, which alone move the clock.
type ledger struct {
	clock *schedtest.Clock
	busy  map[uint64]time.Duration
	all   time.Duration
}

// work lets the present task run for a while.
func (l *ledger) work(rng *rand.Rand) {
	d := time.Duration(rng.IntN(1000))
	l.clock.Set(l.clock.Now() + d)
	l.busy[sched.Current().Current().ID()] += d
	l.all += d
}

// Whatever tasks do, what is accounted for is what they did: in greenlets, pooled tasks and posts, those that end, those
// that are killed before they start, and those that were there when it began.
func TestDebugTimesOfRandomPrograms(t *testing.T) {
	dbgAlone(t)
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		clock := new(schedtest.Clock)
		dbgRun(t, gevent.Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func(hub *gevent.Hub) {
			l := &ledger{clock: clock, busy: map[uint64]time.Duration{}}
			v := New(hub).views[0]
			queue, over := gevent.NewQueue[int](2), new(gevent.Event)
			body := func() {
				for range rng.IntN(8) {
					l.work(rng)
					switch rng.IntN(4) {
					case 0:
						gevent.Yield()
					case 1:
						_ = queue.PutTimeout(1, time.Duration(rng.IntN(2000)))
					case 2:
						_, _ = queue.GetTimeout(time.Duration(rng.IntN(2000)))
					case 3:
						_ = gevent.Sleep(time.Duration(1 + rng.IntN(2000)))
					}
					l.work(rng)
				}
			}
			early := gevent.Spawn(func() error { l.work(rng); return over.Wait() })
			gevent.Yield()
			clear(l.busy)
			l.all = 0
			v.track().forever = true
			began := clock.Now()
			for range 60 {
				switch rng.IntN(5) {
				case 0:
					sched.Current().Go(body)
				case 1:
					require.True(t, hub.Post(body))
				case 2:
					gevent.SpawnLater(time.Duration(rng.IntN(3000)), func() error { body(); return nil })
				case 3:
					g := gevent.Spawn(func() error { body(); return nil })
					if rng.IntN(3) == 0 {
						g.Kill()
					}
				case 4:
					gevent.Spawn(func() error { body(); return over.Wait() })
				}
				l.work(rng)
				if rng.IntN(3) == 0 {
					gevent.Yield()
				}
			}
			for _, d := range []time.Duration{10, 5000, 100_000} {
				_ = gevent.Sleep(d)
				all := v.table()
				for _, row := range all.Tasks {
					require.Equal(t, l.busy[row.ID], row.Busy, "seed %d, task %d %s", seed, row.ID, row.Name)
				}
				u := v.figures().Tracked
				require.Equal(t, clock.Now()-began, u.For)
				require.Equal(t, l.all, u.Busy)
				require.Equal(t, u.For, u.Busy+u.Idle+u.Loop)
				require.Equal(t, int(v.hub.Stats().Live), len(v.tracker.accounts))
			}
			over.Set()
			require.NoError(t, early.Get())
			_ = gevent.Sleep(time.Second)
			require.Len(t, v.tracker.accounts, 1, "main's")
		})
	}
}
