package gevent

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A modelScope is a scope as its documentation has it.
type modelScope struct {
	deadline time.Duration
	over     bool
	shield   bool
	err      error // what waits end with; found out when first seen
}

// A scopeModel runs a random nest of scopes, and knows what each wait in it has to end with.
type scopeModel struct {
	t      *rapid.T
	clock  *schedtest.Clock
	scopes []*modelScope // the outermost first
}

func TestScopesAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := new(schedtest.Clock)
		m := &scopeModel{t: rt, clock: clock}
		require.NoError(rt, RunConfig(Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
			m.body(0)
			require.Zero(rt, GetHub().Stats().Timers)
			require.NoError(rt, Canceled())
			return nil
		}))
	})
}

func (m *scopeModel) body(depth int) {
	few := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.IntRange(0, 6).Draw(t, "d")) })
	for range rapid.IntRange(0, 6).Draw(m.t, "steps") {
		op := rapid.SampledFrom([]string{"sleep", "sleep", "timeout", "shield", "shield for", "compute", "ask"}).Draw(m.t, "op")
		if depth == 6 && op != "sleep" {
			continue
		}
		switch op {
		case "sleep":
			m.sleep(1 + few.Draw(m.t, "sleep"))
		case "timeout":
			d := few.Draw(m.t, "timeout")
			m.within(&modelScope{}, d, func(fn func() error) error { return WithTimeout(d, fn) }, depth)
		case "shield":
			m.within(&modelScope{shield: true}, Never, Shield, depth)
		case "shield for":
			d := few.Draw(m.t, "shield for")
			m.within(&modelScope{shield: true}, d, func(fn func() error) error { return ShieldTimeout(d, fn) }, depth)
		case "compute":
			m.clock.Set(m.clock.Now() + few.Draw(m.t, "compute"))
		case "ask":
			m.pass()
			m.check(Canceled(), m.verdict())
		}
	}
}

func (m *scopeModel) within(s *modelScope, d time.Duration, enter func(func() error) error, depth int) {
	s.deadline = GetHub().sched.After(d)
	s.over = d == 0
	m.scopes = append(m.scopes, s)
	require.NoError(m.t, enter(func() error { m.body(depth + 1); return nil }))
	m.scopes = m.scopes[:len(m.scopes)-1]
}

// visible returns the scopes that count for a wait now, the outermost first.
func (m *scopeModel) visible() []*modelScope {
	for i, s := range slices.Backward(m.scopes) {
		if s.shield {
			return m.scopes[i:]
		}
	}
	return m.scopes
}

func (m *scopeModel) verdict() *modelScope {
	for _, s := range m.visible() {
		if s.over {
			return s
		}
	}
	return nil
}

// pass lets the timers of all fire that are due.
func (m *scopeModel) pass() {
	for _, s := range m.scopes {
		s.over = s.over || s.deadline <= m.clock.Now()
	}
}

// sleep checks how, and when, a Sleep ends: by the first scope whose time comes before its own.
func (m *scopeModel) sleep(d time.Duration) {
	want, at := m.verdict(), m.clock.Now()
	if want == nil {
		at += d
		var first *modelScope
		for _, s := range m.visible() {
			if s.deadline <= at && (first == nil || s.deadline < first.deadline) {
				first = s
			}
		}
		if first != nil {
			want, at = first, max(m.clock.Now(), first.deadline)
		}
	}
	parks := m.verdict() == nil
	err := Sleep(d)
	require.Equal(m.t, at, m.clock.Now(), "when")
	if parks {
		m.pass()
	}
	m.check(err, want)
}

// check requires that err is that of s: always the same, and no other's.
func (m *scopeModel) check(err error, s *modelScope) {
	if s == nil {
		require.NoError(m.t, err)
		return
	}
	require.ErrorIs(m.t, err, ErrTimeout)
	for _, o := range m.scopes {
		if o != s && o.err != nil {
			require.False(m.t, errors.Is(err, o.err), "another scope's")
		}
	}
	if s.err == nil {
		s.err = err
	}
	require.True(m.t, s.err == err, "a scope has one error")
}

// Started timeouts, canceled and shielded at random, with errors thrown by others: each that is not canceled ends one wait, when
// its time has come, and outside the shields that were raised after it.
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

// lower makes what was started inside a shield that is left stand where that stood.
func (m *startModel) lower(depth int) {
	for _, s := range m.all {
		s.depth = min(s.depth, depth)
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
