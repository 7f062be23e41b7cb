package eventlog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// Another goroutine that takes a recording while the scheduler runs is told so, before it reads anything that changes.
func TestRecordingOnAnotherGoroutine(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	s := sched.New(sched.Config{Hooks: log.Hooks()})
	running, stop, told := make(chan struct{}), make(chan struct{}), make(chan any)
	go func() {
		defer close(told)
		<-running
		defer close(stop)
		func() {
			defer func() { told <- recover() }()
			log.Recording()
		}()
	}()
	var got any
	require.NoError(t, s.Run(func() {
		close(running)
		for {
			select {
			case got = <-told:
				return
			case <-stop:
				return
			default:
				s.Yield()
			}
		}
	}))
	require.NoError(t, s.Close())
	require.Equal(t, "sched: RunQueue called on a goroutine that is not the scheduler's; use Post to hand it a function", got)
}
