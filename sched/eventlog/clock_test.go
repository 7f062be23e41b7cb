package eventlog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// A tickingClock goes on by itself at each look.
type tickingClock struct{ now time.Duration }

func (c *tickingClock) Now() time.Duration {
	c.now += 7
	return c.now
}

// A clock of the host's is asked, and nothing is made of its answer.
func TestClockOfTheHostIsReadAsItIs(t *testing.T) {
	c := &tickingClock{now: -100}
	log := eventlog.New(eventlog.Config{})
	s := sched.New(sched.Config{Clock: c, Hooks: log.Hooks()})
	require.NoError(t, s.Run(func() {
		for range 1000 {
			before := c.now
			log.Note("")
			require.Equal(t, before+7, c.now, "looked once")
			s.Yield()
		}
	}))
	require.NoError(t, s.Close())
	r := log.Recording()
	require.Negative(t, r.Events[0].At)
	for i, e := range r.Events[1:] {
		require.GreaterOrEqual(t, e.At, r.Events[i].At)
		require.Zero(t, (e.At+100)%7)
	}
}

// Counted times are those of the system's clock, to a millisecond, through polls and while nobody polls, and never go
// back.
func TestClockThatCountsIsTheSystems(t *testing.T) {
	const off = time.Millisecond
	log := eventlog.New(eventlog.Config{Size: 1 << 16})
	s := sched.New(sched.Config{Hooks: log.Hooks()})
	var before, after []time.Duration
	require.NoError(t, s.Run(func() {
		other := s.Spawn("", func() {
			for {
				s.Yield()
			}
		})
		for range 20 {
			for range 500 {
				before = append(before, s.Now())
				log.Note("")
				after = append(after, s.Now())
				s.Yield()
			}
		}
		s.Kill(other)
		for range 5 {
			_ = s.Sleep(2 * time.Millisecond)
			before = append(before, s.Now())
			log.Note("")
			after = append(after, s.Now())
		}
	}))
	require.NoError(t, s.Close())
	notes, last := 0, time.Duration(0)
	for _, e := range log.Recording().Events {
		require.GreaterOrEqual(t, e.At, last)
		last = e.At
		if e.Kind == eventlog.Note {
			require.Greater(t, e.At, before[notes]-off)
			require.Less(t, e.At, after[notes]+off)
			notes++
		}
	}
	require.Len(t, before, notes)
}

// In a bubble time jumps, while the processor goes on counting.
func TestClockInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := eventlog.New(eventlog.Config{Size: 1 << 16})
		var want []time.Duration
		s := sched.New(sched.Config{Hooks: log.Hooks()})
		note := func() {
			want = append(want, s.Now())
			log.Note("")
		}
		require.NoError(t, s.Run(func() {
			for range 50 {
				note()
				_ = s.Sleep(time.Millisecond)
				note()
				time.Sleep(time.Millisecond * time.Duration(1+len(want)%3)) // blocks the thread
				for range 20 {
					note()
					s.Yield()
				}
			}
		}))
		require.NoError(t, s.Close())
		var got []time.Duration
		for _, e := range log.Recording().Events {
			if e.Kind == eventlog.Note {
				got = append(got, e.At)
			}
		}
		require.Equal(t, want, got)
	})
}
