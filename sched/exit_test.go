package sched_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestAPanicEndsItsTaskAloneAndIsReportedOnce(t *testing.T) {
	var reports []string
	onPanic := func(task *sched.Task, p *sched.PanicError) {
		reports = append(reports, fmt.Sprintf("%v: %v", task, p.Value))
		if !task.Scheduler().Here() || task.Scheduler().Current() != nil {
			t.Error("OnPanic is called by the loop")
		}
	}
	schedtest.RunConfig(t, schedtest.Config{OnPanic: onPanic}, func(s *schedtest.Sim) {
		bad := s.Go("bad", func() {
			defer s.Tracef("deferred")
			panic(io.ErrUnexpectedEOF)
		})
		s.Go("good", func() { s.Tracef("good") })
		for range 2 {
			err := bad.Join()
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			var p *sched.PanicError
			require.ErrorAs(t, err, &p)
			require.Contains(t, string(p.Stack), "TestAPanicEndsItsTaskAloneAndIsReportedOnce")
		}
		require.Equal(t, bad.Err(), bad.Join())
		s.Settle()
		require.Equal(t, "deferred good", s.TraceString())
		require.Equal(t, []string{"bad (task 2): unexpected EOF"}, reports)
		require.NoError(t, (&sched.PanicError{Value: 1}).Unwrap())
	})
}

func TestAPanicThatComesLastIsReportedBeforeAnythingElseRuns(t *testing.T) {
	var s *schedtest.Sim
	onPanic := func(*sched.Task, *sched.PanicError) { s.Tracef("report") }
	schedtest.RunConfig(t, schedtest.Config{OnPanic: onPanic}, func(sim *schedtest.Sim) {
		s = sim
		s.Go("", func() { panic(1) })
		s.Go("", func() { s.Tracef("next") })
		s.Settle()
		require.Equal(t, "report next", s.TraceString())
	})
}

func TestAPanickingHandler(t *testing.T) {
	var told []string
	onPanic := func(task *sched.Task, p *sched.PanicError) {
		told = append(told, fmt.Sprintf("%v %v", task == nil, p.Value))
		panic("handler")
	}
	err := schedtest.Try(t, schedtest.Config{OnPanic: onPanic}, func(s *schedtest.Sim) {
		s.Go("", func() { panic("task") })
		_ = s.Sleep(time.Second)
		t.Error("goes on although nobody can be told")
	})
	require.EqualError(t, err, "panic: handler")
	require.Equal(t, []string{"false task", "true handler"}, told)
}

func TestTimerFunctionsAreContained(t *testing.T) {
	t.Run("panic, handler", func(t *testing.T) {
		var told []string
		onPanic := func(task *sched.Task, p *sched.PanicError) {
			require.Nil(t, task)
			require.Contains(t, string(p.Stack), "TestTimerFunctionsAreContained")
			told = append(told, fmt.Sprint(p.Value))
		}
		schedtest.RunConfig(t, schedtest.Config{OnPanic: onPanic}, func(s *schedtest.Sim) {
			s.StartTimer(sched.NewTimer(func() { panic("timer") }), time.Second)
			s.StartTimer(sched.NewTimer(func() { _ = s.Park(sched.Why("misuse")) }), time.Second)
			require.NoError(t, s.Sleep(time.Minute))
			require.Len(t, told, 2)
			require.Equal(t, "timer", told[0])
			require.Contains(t, told[1], "a timer function or a hook cannot wait")
		})
	})
	t.Run("panic, no handler", func(t *testing.T) {
		s := sched.New(sched.Config{})
		ended := false
		err := s.Run(func() {
			defer func() { ended = true }()
			s.StartTimer(sched.NewTimer(func() { panic("timer") }), 0)
			_ = s.Park(sched.Why("nothing"))
		})
		require.EqualError(t, err, "panic: timer")
		require.True(t, ended)
		require.NoError(t, s.Run(func() {}), "it can be used again")
		require.NoError(t, s.Close())
	})
}

// inGoroutine calls fn on a goroutine of its own and tells how it ended: "returned", "Goexit", or the panic's value.
func inGoroutine(fn func()) (ended any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended = "Goexit"
		defer func() {
			if v := recover(); v != nil {
				ended = v
			}
		}()
		fn()
		ended = "returned"
	}()
	<-done
	return ended
}

// A Goexit must end Run, and go on in its caller, wherever it comes from: whoever's stack the loop happens to run on,
// the thread, the tasks and their deferred functions must be in order.
func TestGoexitGoesOnInTheCallerOfRun(t *testing.T) {
	handler := func(*sched.Task, *sched.PanicError) { runtime.Goexit() }
	timer := func(s *sched.Scheduler) { s.StartTimer(sched.NewTimer(runtime.Goexit), s.After(time.Millisecond)) }
	for name, c := range map[string]struct {
		config sched.Config
		main   func(s *sched.Scheduler)
	}{
		"main": {main: func(*sched.Scheduler) { runtime.Goexit() }},
		"main in a deferred function": {main: func(*sched.Scheduler) {
			defer runtime.Goexit()
		}},
		"timer, on the stack of main": {main: func(s *sched.Scheduler) {
			timer(s)
			_ = s.Sleep(time.Hour)
		}},
		"timer, on the stack of another": {main: func(s *sched.Scheduler) {
			timer(s)
			s.Spawn("", func() { _ = s.Sleep(time.Hour) })
			_ = s.Park(sched.Why("nothing"))
		}},
		"timer, on the stack of one that yields": {main: func(s *sched.Scheduler) {
			timer(s)
			for {
				s.Yield()
			}
		}},
		"timer, after a task has ended": {main: func(s *sched.Scheduler) {
			timer(s)
			s.Spawn("", func() {})
			_ = s.Park(sched.Why("nothing"))
		}},
		"timer, after a task has ended by Goexit": {main: func(s *sched.Scheduler) {
			timer(s)
			s.Spawn("", runtime.Goexit)
			_ = s.Park(sched.Why("nothing"))
		}},
		"handler": {config: sched.Config{OnPanic: handler}, main: func(s *sched.Scheduler) {
			s.Spawn("", func() { panic(1) })
			_ = s.Park(sched.Why("nothing"))
		}},
		"hook, parked": {config: sched.Config{Hooks: &sched.Hooks{Parked: func(*sched.Task) { runtime.Goexit() }}},
			main: func(s *sched.Scheduler) { _ = s.Sleep(time.Hour) }},
		"hook, switched": {config: sched.Config{Hooks: &sched.Hooks{Switched: func(from, _ *sched.Task) {
			if from.Name() == "trap" {
				runtime.Goexit()
			}
		}}}, main: func(s *sched.Scheduler) {
			s.Spawn("on the way", func() { // whom the hook keeps from its turn
				s.Yield()
				_ = s.Sleep(time.Hour)
			})
			s.Spawn("trap", s.Yield)
			_ = s.Sleep(time.Hour)
		}},
		"hook, poll": {config: sched.Config{Hooks: &sched.Hooks{BeforePoll: func(time.Duration) { runtime.Goexit() }}},
			main: func(s *sched.Scheduler) { _ = s.Sleep(time.Hour) }},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			require.Equal(t, "Goexit", inGoroutine(func() {
				s := sched.New(c.config)
				cleaned := 0
				defer func() {
					if cleaned != 3 || s.Stats().Live != 0 {
						t.Errorf("%d deferred functions have run, %d tasks are left", cleaned, s.Stats().Live)
					}
					if err := s.Run(func() {}); err != nil && c.config.Hooks == nil {
						t.Error("again: ", err)
					}
				}()
				_ = s.Run(func() {
					defer func() {
						cleaned++
						wake := s.After(10 * time.Microsecond)
						if err := s.ParkUntil(sched.Why("a moment"), wake); err != sched.ErrTimeout || s.Now() < wake {
							t.Error("the wait of a deferred function ended early: ", err)
						}
					}()
					defer func() { cleaned++ }()
					s.Spawn("bystander", func() {
						defer func() { cleaned++ }()
						_ = s.Park(sched.Why("nothing"))
					})
					s.Yield()
					c.main(s)
				})
				t.Error("Run has returned")
			}))
			requireGoroutines(t, before)
		})
	}
}

func TestGoexitInRunReadyGoesOnInItsCaller(t *testing.T) {
	s := sched.New(sched.Config{})
	require.Equal(t, "Goexit", inGoroutine(func() {
		defer s.Close()
		s.StartTimer(sched.NewTimer(runtime.Goexit), 0)
		s.Spawn("", func() { _ = s.Park(sched.Why("nothing")) })
		s.RunReady(time.Second)
		t.Error("RunReady has returned")
	}))
}

func TestAPanicOfMainIsRaisedAgainInTheCallerOfRun(t *testing.T) {
	value := &struct{ int }{1}
	s := sched.New(sched.Config{})
	cleaned := false
	defer s.Close()
	func() {
		defer func() { require.Same(t, value, recover()) }()
		_ = s.Run(func() {
			s.Spawn("", func() {
				defer func() { cleaned = true }()
				_ = s.Park(sched.Why("nothing"))
			})
			s.Yield()
			panic(value)
		})
		t.Error("Run has returned")
	}()
	require.True(t, cleaned)
	require.Nil(t, sched.Current())
	require.NoError(t, s.Run(func() {}), "it can be used again")
}

func TestMainKilled(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	ended := false
	err := s.Run(func() {
		defer func() { ended = true }()
		main := s.Current()
		s.Spawn("", func() { s.Kill(main) })
		_ = s.Park(sched.Why("the end"))
	})
	require.Equal(t, sched.ErrKilled, err)
	require.True(t, ended)
}

func TestMainThatNeverStarts(t *testing.T) {
	for _, c := range []struct {
		end  func(s *sched.Scheduler, main *sched.Task)
		want error
	}{
		{func(s *sched.Scheduler, main *sched.Task) { s.Kill(main) }, sched.ErrKilled},
		{func(s *sched.Scheduler, main *sched.Task) { s.Throw(main, errThrown) }, errThrown},
	} {
		s := sched.New(sched.Config{})
		main := new(sched.Task)
		s.Spawn("killer", func() { c.end(s, main) })
		s.Spawn("bystander", func() {
			t.Error("ran after main had ended")
		})
		err := s.RunTask(main, "main", sched.Func(func() { t.Error("started") }))
		require.Equal(t, c.want, err)
		require.NoError(t, s.Close())
	}
}

func TestRunAgain(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	early := s.Spawn("early", func() {})
	for i := range 3 {
		n := 0
		require.NoError(t, s.Run(func() {
			require.Equal(t, s, sched.Current())
			s.Spawn("", func() { n++ })
			s.Yield()
		}))
		require.Equal(t, 1, n, i)
		require.Nil(t, sched.Current())
		require.False(t, s.Here())
	}
	require.Equal(t, sched.Done, early.State())
	require.EqualValues(t, 7, s.Stats().Spawned)
	// On another goroutine, hence perhaps on another thread.
	require.Equal(t, "returned", inGoroutine(func() { _ = s.Run(func() {}) }))
}

type failingPoller struct {
	err   error
	calls int
}

func (p *failingPoller) Poll(timeout time.Duration) error {
	if timeout == 0 {
		return nil
	}
	p.calls++
	if p.err == nil {
		panic("poller")
	}
	return p.err
}
func (p *failingPoller) Wake()        {}
func (p *failingPoller) Waiting() int { return 1 }

func TestAFailingPollerEndsRun(t *testing.T) {
	boom := errors.New("boom")
	for _, err := range []error{boom, nil} {
		p := &failingPoller{err: err}
		s := sched.New(sched.Config{Poller: p})
		ended := 0
		got := s.Run(func() {
			defer func() { ended++ }()
			defer func() {
				defer func() { ended++ }()
				_ = s.Park(sched.Why("what the poller will not bring"))
			}()
			_ = s.Park(sched.Why("an event"))
		})
		require.ErrorContains(t, got, "sched: the poller failed: ")
		if err != nil {
			require.ErrorIs(t, got, boom)
		}
		require.Equal(t, 2, ended)
		require.Equal(t, 1, p.calls, "it is not asked again")
		require.NoError(t, s.Close())
	}
}

type brokenPoller struct{ failingPoller }

func (p *brokenPoller) Poll(time.Duration) error { return p.failingPoller.Poll(-1) }

func TestAFailingPollerInRunReady(t *testing.T) {
	s := sched.New(sched.Config{Poller: &brokenPoller{failingPoller{err: io.ErrUnexpectedEOF}}})
	task := s.Spawn("", func() {})
	func() {
		defer func() { require.ErrorIs(t, recover().(error), io.ErrUnexpectedEOF) }()
		s.RunReady(0)
		t.Error("RunReady has returned")
	}()
	require.NoError(t, s.Close())
	require.Equal(t, sched.ErrKilled, task.Err())
}

func TestJoinAfterGoexit(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		require.Equal(t, sched.ErrKilled, s.Go("", runtime.Goexit).Join())
	})
}
