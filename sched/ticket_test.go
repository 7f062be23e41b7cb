package sched_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// A ticket waits from when its task has parked until somebody ends that wait, not until the task goes on.
func TestTicketWaits(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	require.NoError(t, s.Run(func() {
		var ticket sched.Ticket
		task := s.Spawn("waiter", func() {
			ticket = s.Ticket()
			require.False(t, ticket.Waits(), "not yet")
			_ = s.Park(sched.Why("a test"))
			require.False(t, ticket.Waits())
			_ = s.Park(sched.Why("something else"))
		})
		s.Yield()
		require.True(t, ticket.Waits())
		require.True(t, s.Ready(task))
		require.False(t, ticket.Waits(), "its wait is over, though it had no turn yet")
		s.Yield()
		require.False(t, ticket.Waits(), "another wait")
		s.Kill(task)
		s.Yield()
		require.False(t, ticket.Waits())
	}))
}
