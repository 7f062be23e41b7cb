package sched_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A name, and what a lock says of itself, may hold anything; a report shows it on one line, and moves no cursor.
func TestReportsAreOfPlainText(t *testing.T) {
	const evil = "\x1b[2Ja\ntask 9 \xff"
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		m := &mutex{name: "lock " + evil}
		for range 2 {
			s.Go(evil, func() { _ = m.lock(s); _ = m.lock(s) })
		}
		s.Settle()
		g := s.Graph()
		require.Equal(t, evil, g.Tasks[1].Name, "as data it is what it is")
		require.Len(t, g.Cycles, 1)
		for _, text := range []string{g.Tasks[1].String(), g.Tasks[2].String(), g.CycleText(g.Cycles[0])} {
			require.NotContains(t, text, "\x1b")
			require.NotContains(t, text, "\n")
			require.Contains(t, text, `\x1b[2Ja\n`)
		}
		require.Equal(t, `naïve 名 "x" (task 7)`, sched.Holder{ID: 7, Name: `naïve 名 "x"`}.String())
	})
}
