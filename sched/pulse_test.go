package sched_test

import (
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestPulseBeatsWithTheTurns(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		first, waiting := s.Pulse()
		require.False(t, waiting)
		for range 64 {
			s.Yield()
		}
		second, waiting := s.Pulse()
		require.False(t, waiting)
		require.NotEqual(t, first, second)
		require.NoError(t, s.Sleep(time.Second))
		third, waiting := s.Pulse()
		require.False(t, waiting)
		require.NotEqual(t, second, third)
	})
}

func TestPulseTellsThatTheLoopWaits(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	require.NoError(t, s.Run(func() {
		main, release := s.Current(), s.Hold()
		go func() {
			defer release()
			for { // the test would hang if it never waited
				if _, waiting := s.Pulse(); waiting {
					break
				}
				runtime.Gosched()
			}
			s.Post(func() { s.Ready(main) })
		}()
		require.NoError(t, s.Park(sched.Why("the goroutine")))
		_, waiting := s.Pulse()
		require.False(t, waiting)
	}))
}

// A Goexit in a hook of the poll skips the end of the sleep; the next turn makes up for it.
func TestPulseAfterAGoexitInThePoll(t *testing.T) {
	var s *sched.Scheduler
	once := true
	s = sched.New(sched.Config{Hooks: &sched.Hooks{BeforePoll: func(time.Duration) {
		if once {
			once = false
			runtime.Goexit()
		}
	}}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = s.Close() }()
		defer func() {
			_ = s.Run(func() {
				_, waiting := s.Pulse()
				require.False(t, waiting)
				require.NoError(t, s.Sleep(time.Microsecond))
				_, waiting = s.Pulse()
				require.False(t, waiting)
			})
		}()
		_ = s.Run(func() { _ = s.Sleep(time.Hour) })
	}()
	<-done
	require.False(t, once)
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		config sched.Config
		name   string
		found  bool
	}{
		{sched.Config{Roster: true}, "worker", true},
		{sched.Config{Roster: true}, "", false},
		{sched.Config{Roster: true, Sites: true}, "", true},
		{sched.Config{Sites: true}, "worker", false},
	} {
		s := sched.New(c.config)
		task := s.Spawn(c.name, func() {})
		address := reflect.ValueOf(task).Pointer()
		o, ok := s.Origin(address)
		require.Equal(t, c.found, ok)
		if ok {
			require.Equal(t, c.name, o.Name)
			require.Equal(t, task.ID(), o.ID)
			if c.config.Sites {
				require.Contains(t, o.Site, "spawned at ")
				require.Contains(t, o.Site, "pulse_test.go:")
			}
		}
		require.NoError(t, s.Run(func() { _ = task.Join() }))
		_, ok = s.Origin(address)
		require.False(t, ok, "it has ended")
		require.NoError(t, s.Close())
	}
}
