package sched_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// panicOf returns what fn panics with, "" if it does not.
func panicOf(fn func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	fn()
	return ""
}

const (
	outside = " called outside a task: the host, a timer function or a hook cannot wait; spawn a task that does"
	foreign = " called on a goroutine that is not the scheduler's; use Post to hand it a function"
)

// waits are all calls that may wait.
func waits(s *sched.Scheduler, other *sched.Task) map[string]func() {
	q := new(sched.WaitQueue)
	why := sched.Why("misuse")
	return map[string]func(){
		"Park":      func() { _ = s.Park(why) },
		"ParkUntil": func() { _ = s.ParkUntil(why, 0) },
		"Yield":     func() { s.Yield() },
		"Sleep":     func() { _ = s.Sleep(time.Second) },
		"Wait":      func() { _ = q.Wait(s, why) },
		"WaitUntil": func() { _ = q.WaitUntil(s, why, 1) },
		"Ticket":    func() { s.Ticket() },
	}
}

func TestWaitingWhereThereIsNoTask(t *testing.T) {
	s := sched.New(sched.Config{})
	for call, do := range waits(s, nil) {
		require.Equal(t, "sched: "+call+outside, panicOf(do), "a host before Run")
	}
	var task *sched.Task
	require.NoError(t, s.Run(func() {
		task = s.Current()
		for call, do := range waits(s, task) {
			var text string
			s.StartTimer(sched.NewTimer(func() { text = panicOf(do) }), 0)
			s.Spawn("", func() {})
			s.Yield()
			_ = s.Sleep(time.Microsecond)
			require.Equal(t, "sched: "+call+outside, text, "a timer function")
			require.Equal(t, "returned", inGoroutine(func() { text = panicOf(do) }))
			require.Equal(t, "sched: "+call+foreign, text, "a foreign goroutine")
			require.Equal(t, sched.Running, task.State())
		}
	}))
	for call, do := range waits(s, task) {
		require.Equal(t, "sched: "+call+outside, panicOf(do), "a host after Run")
	}
	s.RunReady(0)
	require.Equal(t, "sched: Join of a task that was never started", panicOf(func() { _ = new(sched.Task).Join() }))
	waiting := s.Spawn("", func() { _ = s.Park(sched.Why("nothing")) })
	s.RunReady(0)
	require.Equal(t, "sched: WaitUntil"+outside, panicOf(func() { _ = waiting.JoinUntil(time.Hour) }))
	require.Zero(t, s.Stats().Timers, "nothing is left armed")
	require.NoError(t, s.Close())
}

func TestWaitingInAHook(t *testing.T) {
	for name, hooks := range map[string]func(do func()) *sched.Hooks{
		"parked":   func(do func()) *sched.Hooks { return &sched.Hooks{Parked: func(*sched.Task) { do() }} },
		"yielded":  func(do func()) *sched.Hooks { return &sched.Hooks{Yielded: func(*sched.Task) { do() }} },
		"switched": func(do func()) *sched.Hooks { return &sched.Hooks{Switched: func(_, _ *sched.Task) { do() }} },
		"exited":   func(do func()) *sched.Hooks { return &sched.Hooks{Exited: func(*sched.Task) { do() }} },
		"poll":     func(do func()) *sched.Hooks { return &sched.Hooks{AfterPoll: do} },
	} {
		t.Run(name, func(t *testing.T) {
			var s *sched.Scheduler
			var told []string
			s = sched.New(sched.Config{
				Hooks:   hooks(func() { _ = s.Park(sched.Why("misuse")) }),
				OnPanic: func(_ *sched.Task, p *sched.PanicError) { told = append(told, fmt.Sprint(p.Value)) },
			})
			_ = s.Run(func() {
				s.Spawn("", func() {})
				s.Yield()
				_ = s.Sleep(time.Millisecond)
			})
			require.NoError(t, s.Close())
			require.NotEmpty(t, told)
			require.Contains(t, told[0], "sched: Park"+outside)
		})
	}
}

func TestCallsFromForeignGoroutines(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var q sched.WaitQueue
		task := s.Go("task", func() { _ = q.Wait(s.Scheduler, sched.Why("turn")) })
		s.Settle()
		timer := sched.NewTimer(func() {})
		for call, do := range map[string]func(){
			"Spawn":        func() { s.Spawn("", func() {}) },
			"Ready":        func() { s.Ready(task) },
			"Wake":         func() { q.Wake() },
			"Kill":         func() { s.Kill(task) },
			"Throw":        func() { s.Throw(task, errThrown) },
			"SetTimeout":   func() { s.SetTimeout(task, 0) },
			"StartTimer":   func() { s.StartTimer(timer, 0) },
			"StopTimer":    func() { s.StopTimer(timer) },
			"NextDeadline": func() { s.NextDeadline() },
		} {
			text := ""
			require.Equal(t, "returned", inGoroutine(func() { text = panicOf(do) }))
			require.Equal(t, "sched: "+call+foreign, text)
		}
		require.Equal(t, sched.Parked, task.State())
		q.Wake()
		s.Settle()
	})
}

func TestRunInTheWrongPlace(t *testing.T) {
	s, other := sched.New(sched.Config{}), sched.New(sched.Config{})
	nothing := func() {}
	inside := func() {
		const inTask = "sched: Run, RunReady or Close called inside a task of the same scheduler"
		require.Contains(t, panicOf(func() { _ = s.Run(nothing) }), inTask)
		require.Contains(t, panicOf(func() { s.RunReady(0) }), inTask)
		require.Contains(t, panicOf(func() { _ = s.Close() }), inTask)
		const second = "sched: this thread has a scheduler already"
		require.Contains(t, panicOf(func() { _ = other.Run(nothing) }), second)
		require.Contains(t, panicOf(func() { other.RunReady(0) }), second)
		text := ""
		require.Equal(t, "returned", inGoroutine(func() { text = panicOf(func() { s.RunReady(0) }) }))
		require.Contains(t, text, "sched: Run and RunReady belong on the thread that called one of them first")
	}
	require.NoError(t, s.Run(inside))
	require.NoError(t, s.Run(func() {
		s.StartTimer(sched.NewTimer(inside), 0)
		_ = s.Sleep(time.Microsecond)
	}))
	s.RunReady(0)
	require.Contains(t, panicOf(func() { _ = other.Run(nothing) }), "sched: this thread has a scheduler already")
	require.NoError(t, s.Close())
	require.NoError(t, other.Run(nothing))
	require.NoError(t, other.Close())
	for range 2 {
		require.Equal(t, "sched: Run or RunReady on a closed scheduler", panicOf(func() { _ = s.Run(nothing) }))
		require.Equal(t, "sched: Run or RunReady on a closed scheduler", panicOf(func() { s.RunReady(0) }))
		require.Equal(t, "sched: Spawn on a closed scheduler", panicOf(func() { s.Spawn("", nothing) }))
	}
}

type bare struct {
	coro.Coroutine
	home *coro.Coroutine
	body func()
}

func (b *bare) Run()                                { b.body() }
func (b *bare) Finished(*coro.Exit) *coro.Coroutine { return b.home }

func TestRunInsideABareCoroutine(t *testing.T) {
	th := coro.Enter()
	defer func() { require.NoError(t, th.Leave()) }()
	s := sched.New(sched.Config{})
	text := ""
	b := &bare{home: th.Main(), body: func() { text = panicOf(func() { _ = s.Run(func() {}) }) }}
	b.Init(th, b)
	b.Switch()
	require.Contains(t, text, "sched: Run and RunReady called inside a coroutine")
	require.NoError(t, s.Run(func() {}), "on the main coroutine it is allowed")
	require.NoError(t, s.Close())
}

func TestArguments(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		self := s.Current()
		for want, do := range map[string]func(){
			"sched: Spawn of a nil function":       func() { s.Spawn("", nil) },
			"sched: a task needs a body":           func() { s.Start(new(sched.Task), "", nil) },
			"sched: Throw of a nil error":          func() { s.Throw(self, nil) },
			"sched: a Timer needs a function":      func() { sched.NewTimer(nil) },
			"sched: a task cannot join itself: ma": func() { _ = self.Join() },
			"sched: StartTimer of a timer without": func() { s.StartTimer(new(sched.Timer), 0) },
			"sched: main (task 1) was started bef": func() { s.Start(self, "", sched.Func(func() {})) },
			"sched: Init of an armed timer; stop ": func() {
				timer := sched.NewTimer(func() {})
				s.StartTimer(timer, time.Hour)
				defer s.StopTimer(timer)
				timer.Init(func() {})
			},
		} {
			require.Contains(t, panicOf(do), want)
		}
	})
	s := sched.New(sched.Config{})
	require.Equal(t, "sched: Run of a nil function", panicOf(func() { _ = s.Run(nil) }))
	require.Equal(t, "sched: a task needs a body", panicOf(func() { _ = s.RunTask(new(sched.Task), "", nil) }))
	require.Nil(t, coro.Current(), "the thread was given back")
	require.NoError(t, s.Close())
}

func TestTasksAndTimersOfAnotherScheduler(t *testing.T) {
	const not = " of a task of another scheduler, or of one never started; use Post to reach another scheduler"
	one, two := sched.New(sched.Config{}), sched.New(sched.Config{})
	defer func() {
		require.NoError(t, one.Close())
		require.NoError(t, two.Close())
	}()
	task := one.Spawn("", func() {})
	require.Equal(t, "sched: Ready"+not, panicOf(func() { two.Ready(task) }))
	require.Equal(t, "sched: Kill"+not, panicOf(func() { two.Kill(task) }))
	require.Equal(t, "sched: Throw"+not, panicOf(func() { two.Throw(task, errThrown) }))
	require.Equal(t, "sched: SetTimeout"+not, panicOf(func() { two.SetTimeout(task, 0) }))
	timer, others := sched.NewTimer(func() {}), sched.NewTimer(func() {})
	one.StartTimer(timer, time.Hour)
	const armed = "sched: this Timer is armed in another scheduler; stop it there first"
	require.Equal(t, armed, panicOf(func() { two.StopTimer(timer) }))
	two.StartTimer(others, time.Hour)
	require.Equal(t, armed, panicOf(func() { two.StartTimer(timer, 0) }))
	require.True(t, one.StopTimer(timer))
	require.False(t, one.StopTimer(timer))
	two.StartTimer(timer, 0)
	require.True(t, two.StopTimer(timer))
	require.True(t, two.StopTimer(others))
}

func TestUnstarted(t *testing.T) {
	var task sched.Task
	require.Equal(t, sched.Created, task.State())
	require.Equal(t, "task 0", task.String())
	require.Nil(t, task.Scheduler())
	require.Nil(t, task.Body())
	require.Nil(t, task.Why())
	require.NoError(t, task.Err())
	require.Equal(t, "created delayed ready running parked done",
		fmt.Sprint(sched.Created, sched.Delayed, sched.Ready, sched.Running, sched.Parked, sched.Done))
	runtime.KeepAlive(&task)
}

// A task that switches to the host beneath the scheduler is told so, in Run's caller, and what is left is cleaned up.
func TestSwitchToTheHost(t *testing.T) {
	s := sched.New(sched.Config{})
	var order []string
	require.PanicsWithValue(t, "sched: main (task 1) switched to the host by means of package coro; a task gives up the CPU by Park and Yield only",
		func() {
			_ = s.Run(func() {
				defer func() { order = append(order, "main ends") }()
				s.Spawn("other", func() {
					defer func() { order = append(order, "other ends") }()
					_ = s.Sleep(time.Hour)
				})
				s.Yield()
				coro.Current().Main().Switch()
				order = append(order, "goes on")
				s.Yield()
				order = append(order, "not reached")
			})
		})
	require.ElementsMatch(t, []string{"goes on", "main ends", "other ends"}, order)
	require.NoError(t, s.Run(func() {}))
	require.NoError(t, s.Close())
}
