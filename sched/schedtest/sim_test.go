package schedtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// fakeT stands for the testing.T of a test that is expected to fail.
type fakeT struct {
	testing.TB
	failed bool
	logs   []string
}

func (f *fakeT) Helper()                           {}
func (f *fakeT) Name() string                      { return "fake" }
func (f *fakeT) Failed() bool                      { return f.failed }
func (f *fakeT) Error(args ...any)                 { f.failed, f.logs = true, append(f.logs, fmt.Sprint(args...)) }
func (f *fakeT) Errorf(format string, args ...any) { f.Error(fmt.Sprintf(format, args...)) }
func (f *fakeT) Fatal(args ...any)                 { f.Error(args...); f.FailNow() }
func (f *fakeT) FailNow()                          { f.failed = true; runtime.Goexit() }

// outcome runs fn as a test of its own and tells how it went.
func outcome(fn func(t *fakeT)) (logs string, f *fakeT) {
	f = new(fakeT)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				f.Errorf("panic: %v", v)
			}
		}()
		fn(f)
	}()
	<-done
	return strings.Join(f.logs, "\n"), f
}

func TestFailuresAreSeen(t *testing.T) {
	for _, c := range []struct {
		name string
		fn   func(f *fakeT, s *schedtest.Sim)
		want string
	}{
		{"a task is left", func(_ *fakeT, s *schedtest.Sim) {
			s.Go("lazy", func() { _ = s.Park(sched.Why("a miracle")) })
			s.Settle()
		}, `1 tasks are left; end them, or call Settle or AllowLeftovers:` + "\n\t" + `task 2 "lazy" parked on a miracle`},
		{"a task never started", func(_ *fakeT, s *schedtest.Sim) { s.Go("", func() {}) }, "task 2 ready"},
		{"a timer is left", func(_ *fakeT, s *schedtest.Sim) { s.StartTimer(sched.NewTimer(func() {}), time.Hour) }, "1 timers are still armed"},
		{"deadlock", func(_ *fakeT, s *schedtest.Sim) { _ = s.Await("nothing") }, "deadlock: all 1 tasks wait"},
		{"panic of a task", func(_ *fakeT, s *schedtest.Sim) {
			s.Go("bad", func() { panic("oops") })
			s.Settle()
		}, "schedtest: bad (task 2): panic: oops\ngoroutine"},
		{"panic of a task while main goes on for ever", func(_ *fakeT, s *schedtest.Sim) {
			s.Go("bad", func() { panic("oops") })
			for {
				s.Yield()
			}
		}, "bad (task 2): panic: oops"},
		{"panic of main", func(*fakeT, *schedtest.Sim) { panic("oops") }, "panic: oops"},
		{"panic of a timer function", func(_ *fakeT, s *schedtest.Sim) {
			s.StartTimer(sched.NewTimer(func() { panic("oops") }), 0)
			s.Settle()
		}, "a function called by the loop: panic: oops"},
		{"main fails", func(f *fakeT, _ *schedtest.Sim) { require.Fail(f, "wrong") }, "wrong"},
		{"a task fails", func(f *fakeT, s *schedtest.Sim) {
			s.Go("", func() { require.Fail(f, "wrong") })
			for {
				_ = s.Sleep(time.Second) // for ever: the failure ends it
			}
		}, "wrong"},
		{"a timer function fails", func(f *fakeT, s *schedtest.Sim) {
			s.StartTimer(sched.NewTimer(func() { require.Fail(f, "wrong") }), time.Second)
			for {
				_ = s.Sleep(time.Minute)
			}
		}, "wrong"},
		{"a task fails while main waits in vain", func(f *fakeT, s *schedtest.Sim) {
			s.Go("", func() { require.Fail(f, "wrong") })
			_ = s.Park(sched.Why("nothing"))
		}, "wrong"},
		{"main is killed", func(_ *fakeT, s *schedtest.Sim) { s.Kill(s.Current()) }, sched.ErrKilled.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			cleaned := 0
			logs, f := outcome(func(f *fakeT) {
				schedtest.Run(f, func(s *schedtest.Sim) {
					defer func() { cleaned++ }()
					c.fn(f, s)
				})
			})
			require.True(t, f.failed)
			require.Contains(t, logs, c.want)
			require.NotContains(t, logs, "goroutines at the end")
			require.Equal(t, 1, cleaned)
			for range 100_000 {
				if runtime.NumGoroutine() <= before {
					return
				}
				runtime.Gosched()
			}
			t.Error("goroutines are left")
		})
	}
}

func TestALeakedGoroutineIsSeen(t *testing.T) {
	hold := make(chan struct{})
	var leaked sync.WaitGroup
	logs, _ := outcome(func(f *fakeT) {
		schedtest.Run(f, func(*schedtest.Sim) {
			for range 10 { // more than other tests' goroutines may end meanwhile
				leaked.Go(func() { <-hold })
			}
		})
	})
	close(hold)
	leaked.Wait()
	require.Contains(t, logs, "goroutines at the end")
}

func TestWhatIsAllowed(t *testing.T) {
	_, f := outcome(func(f *fakeT) {
		schedtest.Run(f, func(s *schedtest.Sim) {
			s.AllowLeftovers()
			s.Go("", func() { _ = s.Sleep(time.Hour) })
			s.StartTimer(sched.NewTimer(func() {}), time.Hour)
		})
		var seen []string
		schedtest.RunConfig(f, schedtest.Config{
			OnPanic: func(task *sched.Task, p *sched.PanicError) { seen = append(seen, fmt.Sprint(task, p)) },
		}, func(s *schedtest.Sim) {
			s.Go("bad", func() { panic("oops") })
			s.Settle()
		})
		require.Equal(f, []string{"bad (task 2) panic: oops"}, seen)
	})
	require.False(t, f.failed, f.logs)
}

func TestAdvanceStopsExactlyThereAndFiresInOrder(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for i, d := range []time.Duration{5, 2, 9, 2} {
			s.Go("", func() {
				for range 2 {
					_ = s.Sleep(d)
					s.Tracef("%d@%d", i, s.Now())
				}
			})
		}
		s.Advance(4)
		require.EqualValues(t, 4, s.Now())
		require.Equal(t, "1@2 3@2 1@4 3@4", s.TakeTrace(), "what is due then has been done")
		s.AdvanceTo(8)
		require.Equal(t, "0@5", s.TakeTrace())
		s.Advance(0)
		s.AdvanceTo(100)
		require.Equal(t, "2@9 0@10 2@18", s.TakeTrace())
		require.EqualValues(t, 100, s.Now())
	})
}

func TestSettleDoesNotMoveTheClock(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.Go("", func() {
			for i := range 3 {
				s.Tracef("%d", i)
				s.Yield()
			}
			s.Go("", func() { s.Tracef("child") })
			_ = s.Sleep(time.Second)
			s.Tracef("late")
		})
		s.StartTimer(sched.NewTimer(func() { s.Tracef("due") }), 0)
		s.Post(func() { s.Tracef("post") })
		s.Settle()
		require.Zero(t, s.Now())
		require.ElementsMatch(t, []string{"0", "1", "2", "child", "due", "post"}, s.Trace())
		s.TakeTrace()
		s.Advance(time.Second)
		require.Equal(t, "late", s.TraceString())
		require.PanicsWithValue(t, "schedtest: AdvanceTo(0s) at 1s: time does not go back", func() { s.AdvanceTo(0) })
	})
}

func TestOnlyOneAdvances(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.Go("", func() {
			defer func() { s.Tracef("%v", recover()) }()
			s.Settle()
		})
		s.Settle()
		require.Equal(t, "schedtest: AdvanceTo, Advance or Settle while another task is in one of them", s.TraceString())
	})
}

func TestAnotherTaskThanMainMaySettle(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var killed *sched.Task
		driver := s.Go("driver", func() {
			killed = s.Go("", func() {
				s.Kill(s.Current())
			})
			s.Advance(time.Second)
			s.Tracef("%v", s.Now())
		})
		require.NoError(t, driver.Join())
		require.Equal(t, "1s", s.TraceString())
		require.Equal(t, sched.ErrKilled, killed.Err())
		// One that is killed meanwhile leaves no trace.
		settler := s.Go("", func() { s.Advance(time.Hour) })
		s.Go("killer", func() { s.Kill(settler) })
		_ = settler.Join()
		s.Settle()
		require.Equal(t, time.Second, s.Now())
	})
}

func TestScriptedEvents(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		readable, writable := s.Poller.Event("readable"), s.Poller.Event("writable")
		require.Same(t, readable, s.Poller.Event("readable"))
		for i := range 2 {
			s.Go("", func() {
				require.NoError(t, s.Await("readable"))
				s.Tracef("r%d@%v", i, s.Now())
			})
		}
		s.Go("", func() {
			require.NoError(t, s.Await("writable"))
			s.Tracef("w@%v", s.Now())
		})
		s.Go("", func() {
			_ = s.Sleep(2 * time.Second)
			s.Tracef("timer@%v", s.Now())
		})
		writable.FireAt(2 * time.Second)
		readable.FireAt(time.Second)
		s.Settle()
		require.Equal(t, 3, s.Stats().Events)
		s.Advance(2 * time.Second)
		require.Equal(t, "r0@1s r1@1s w@2s timer@2s", s.TakeTrace(), "an event comes before the timers of its time")

		writable.Fire() // nobody waits: it is kept
		require.NoError(t, s.Await("writable"))
		readable.FireAt(0) // is past: comes at once
		require.NoError(t, s.Await("readable"))
		require.Equal(t, 2*time.Second, s.Now())
		require.Equal(t, sched.ErrTimeout, readable.AwaitUntil(s.Scheduler, 3*time.Second))
		require.Equal(t, 3*time.Second, s.Now())
	})
}

func TestFireFromOutside(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.Outside(s.Poller.Event("e").Fire)
		require.NoError(t, s.Poller.Event("e").AwaitUntil(s.Scheduler, time.Hour))
		require.Zero(t, s.Now(), "the clock stands still while somebody outside works")
		posted := false
		main := s.Current()
		s.Outside(func() {
			s.Post(func() {
				posted = true
				s.Ready(main)
			})
		})
		require.NoError(t, s.Sleep(time.Hour))
		require.True(t, posted)
		s.Outside(func() {})
		require.NoError(t, s.Sleep(time.Hour))
		require.Equal(t, time.Hour, s.Now())
		s.Outside(func() {})
		require.NoError(t, s.Sleep(time.Hour))
		require.Positive(t, s.Poller.Wakes()+1)
	})
}

func TestAnHourOfManyTakesNoTime(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		start := time.Now()
		n := 0
		for range 100 {
			s.Go("", func() {
				for range 60 {
					_ = s.Sleep(time.Minute)
					n++
				}
			})
		}
		s.Advance(time.Hour)
		require.Equal(t, 6000, n)
		require.Less(t, time.Since(start), time.Minute)
	})
}

func TestRecorder(t *testing.T) {
	first, second := new(schedtest.Recorder), new(schedtest.Recorder)
	require.Empty(t, first.String())
	hooks := sched.Tee(first.Hooks(), nil, &sched.Hooks{}, second.Hooks())
	schedtest.RunConfig(t, schedtest.Config{Hooks: hooks, Record: true}, func(s *schedtest.Sim) {
		_ = s.Sleep(time.Second)
		require.Equal(t, []string{"spawn 1 main", "switch host→1", "park 1 sleep", "poll 1s", "ready 1", "switch 1→1"}, s.Recorder.Lines())
		require.Equal(t, s.Recorder.Lines(), first.Lines())
		require.Equal(t, s.Recorder.Lines(), second.Lines())
		require.Equal(t, strings.Join(first.Lines(), "\n")+"\n", s.Recorder.Take())
		require.Empty(t, s.Recorder.Lines())
	})
}

func TestClock(t *testing.T) {
	var c schedtest.Clock
	c.Set(time.Second)
	require.Equal(t, time.Second, c.Now())
	require.PanicsWithValue(t, "schedtest: a clock does not go back, from 1s to 0s", func() { c.Set(0) })
}
