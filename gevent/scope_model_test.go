package gevent

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
