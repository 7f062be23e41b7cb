package gevent

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// Started timeouts, canceled and shielded at random, with errors thrown by others: each that is not canceled ends one
// wait, when its time has come, and outside the shields that were raised after it.
func TestStartedTimeoutsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := new(schedtest.Clock)
		require.NoError(rt, RunConfig(Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
			m := &startModel{t: rt, clock: clock}
			m.body(0)
			m.clock.Set(m.clock.Now() + 100)
			for range 2 * len(m.all) {
				m.sleep(0)
			}
			for _, s := range m.all {
				require.Equal(rt, !s.canceled, s.hit, "%+v", *s)
				require.False(rt, s.timeout.Pending())
			}
			require.Zero(rt, GetHub().Stats().Timers)
			return nil
		}))
	})
}

type startModel struct {
	t     *rapid.T
	clock *schedtest.Clock
	all   []*started
}

type started struct {
	timeout       *Timeout
	deadline      time.Duration
	depth         int // of shields
	canceled, hit bool
}

// lower makes what was started inside a shield that is left stand where that stood.
func (m *startModel) lower(depth int) {
	for _, s := range m.all {
		s.depth = min(s.depth, depth)
	}
}

func (m *startModel) body(depth int) {
	small := rapid.IntRange(0, 6)
	for range rapid.IntRange(0, 8).Draw(m.t, "steps") {
		switch rapid.SampledFrom([]string{"sleep", "start", "start", "cancel", "shield", "timeout", "compute", "yield"}).Draw(m.t, "op") {
		case "sleep":
			m.sleep(depth)
		case "start":
			d := time.Duration(small.Draw(m.t, "d"))
			m.all = append(m.all, &started{timeout: StartTimeout(d), deadline: m.clock.Now() + d, depth: depth})
		case "cancel":
			if len(m.all) > 0 {
				s := rapid.SampledFrom(m.all).Draw(m.t, "which")
				s.timeout.Cancel()
				s.canceled = s.canceled || !s.hit
				require.False(m.t, s.timeout.Pending())
			}
		case "shield":
			if depth < 4 {
				_ = Shield(func() error { m.body(depth + 1); return nil })
				m.lower(depth)
			}
		case "timeout":
			_ = WithTimeout(time.Duration(small.Draw(m.t, "d")), func() error { m.sleep(depth); return nil })
		case "compute":
			m.clock.Set(m.clock.Now() + time.Duration(small.Draw(m.t, "d")))
		case "yield":
			Yield()
		}
	}
}

func (m *startModel) sleep(depth int) {
	err := Sleep(time.Duration(rapid.IntRange(1, 5).Draw(m.t, "sleep")))
	for _, s := range m.all {
		if s.timeout.Is(err) {
			require.False(m.t, s.hit, "twice")
			require.False(m.t, s.canceled, "after Cancel")
			require.LessOrEqual(m.t, s.deadline, m.clock.Now(), "too early")
			require.GreaterOrEqual(m.t, s.depth, depth, "through a shield")
			s.hit = true
			return
		}
	}
	var other *TimeoutError
	if err != nil && !errors.As(err, &other) {
		require.ErrorIs(m.t, err, sched.ErrTimeout)
	}
}
