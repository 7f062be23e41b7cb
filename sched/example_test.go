package sched_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func Example() {
	s := sched.New(sched.Config{})
	defer s.Close()
	err := s.Run(func() {
		bun := new(sched.WaitQueue)
		eater := s.Spawn("eater", func() {
			_ = bun.Wait(s, sched.Why("a bun"))
			fmt.Println("eaten")
		})
		s.Yield()
		fmt.Println("baked")
		bun.Wake()
		_ = eater.Join()
	})
	fmt.Println(err)
	// Output:
	// baked
	// eaten
	// <nil>
}

// onVirtualTime runs main on a clock that jumps, so that the examples take no time and always print the same.
func onVirtualTime(main func(s *sched.Scheduler)) {
	clock := new(schedtest.Clock)
	s := sched.New(sched.Config{Clock: clock, Poller: schedtest.NewPoller(clock)})
	defer s.Close()
	if err := s.Run(func() { main(s) }); err != nil {
		fmt.Println(err)
	}
}

func ExampleScheduler_Spawn() {
	onVirtualTime(func(s *sched.Scheduler) {
		for _, name := range []string{"a", "b"} {
			s.Spawn(name, func() {
				fmt.Println(name, "first")
				s.Yield()
				fmt.Println(name, "second")
			})
		}
		fmt.Println("main goes on until it waits")
		s.Yield()
		s.Yield()
	})
	// Output:
	// main goes on until it waits
	// a first
	// b first
	// a second
	// b second
}

func ExampleScheduler_Go() {
	onVirtualTime(func(s *sched.Scheduler) {
		for i := range 3 {
			s.Go(func() { fmt.Println("request", i) })
		}
		s.Yield()
	})
	// Output:
	// request 0
	// request 1
	// request 2
}

func ExampleScheduler_Run() {
	s := sched.New(sched.Config{})
	defer s.Close()
	_ = s.Run(func() {
		s.Spawn("server", func() {
			defer fmt.Println("server: cleaned up")
			_ = s.Park(sched.Why("requests"))
		})
		s.Yield()
		fmt.Println("main: done")
	})
	fmt.Println("nothing runs any more")
	// Output:
	// main: done
	// server: cleaned up
	// nothing runs any more
}

func ExampleScheduler_RunReady() {
	s := sched.New(sched.Config{})
	defer s.Close()
	s.Spawn("npc", func() {
		for step := 1; ; step++ {
			fmt.Println("npc: step", step)
			_ = s.Park(sched.Why("the next frame"))
		}
	})
	var frame sched.WaitQueue
	s.Spawn("light", func() {
		_ = frame.Wait(s, sched.Why("a frame"))
		fmt.Println("light: on")
	})
	for i := range 2 { // the host's own loop
		s.RunReady(time.Second) // at most: it returns when nothing is ready
		fmt.Println("host: draws", i)
		frame.Wake()
	}
	// Output:
	// npc: step 1
	// host: draws 0
	// light: on
	// host: draws 1
}

func ExampleScheduler_Sleep() {
	onVirtualTime(func(s *sched.Scheduler) {
		for _, d := range []time.Duration{3, 1, 2} {
			s.Spawn("", func() {
				_ = s.Sleep(d * time.Second)
				fmt.Println("woken at", s.Now())
			})
		}
		_ = s.Sleep(time.Minute)
	})
	// Output:
	// woken at 1s
	// woken at 2s
	// woken at 3s
}

func ExampleScheduler_ParkUntil() {
	onVirtualTime(func(s *sched.Scheduler) {
		err := s.ParkUntil(sched.Why("an answer"), s.After(time.Second))
		fmt.Println(errors.Is(err, sched.ErrTimeout), s.Now())
	})
	// Output: true 1s
}

func ExampleScheduler_SetTimeout() {
	onVirtualTime(func(s *sched.Scheduler) {
		reader := s.Spawn("reader", func() {
			err := s.Park(sched.Why("data"))
			fmt.Println(err, "at", s.Now())
		})
		s.Yield()
		s.SetTimeout(reader, s.After(time.Second)) // as net.Conn's SetReadDeadline, during the Read
		_ = reader.Join()
	})
	// Output: sched: deadline passed at 1s
}

func ExampleScheduler_Spend() {
	onVirtualTime(func(s *sched.Scheduler) {
		s.Spawn("other", func() { fmt.Println("other: not starved") })
		for i := range 200 {
			s.Spend() // a read that succeeded at once
			if i == 199 {
				fmt.Println("main: 200 reads")
			}
		}
	})
	// Output:
	// other: not starved
	// main: 200 reads
}

func ExampleScheduler_Kill() {
	onVirtualTime(func(s *sched.Scheduler) {
		worker := s.Spawn("worker", func() {
			defer fmt.Println("worker: cleaned up")
			for {
				_ = s.Sleep(time.Second)
			}
		})
		s.Yield()
		s.Kill(worker)
		fmt.Println(worker.Join())
	})
	// Output:
	// worker: cleaned up
	// sched: task killed
}

func ExampleScheduler_Throw() {
	onVirtualTime(func(s *sched.Scheduler) {
		worker := s.Spawn("worker", func() {
			fmt.Println("worker:", s.Sleep(time.Hour))
			fmt.Println("worker goes on")
		})
		s.Yield()
		s.Throw(worker, errors.New("the plan has changed"))
		_ = worker.Join()
	})
	// Output:
	// worker: the plan has changed
	// worker goes on
}

func ExampleScheduler_Post() {
	s := sched.New(sched.Config{})
	defer s.Close()
	_ = s.Run(func() {
		main := s.Current()
		release := s.Hold() // somebody outside will post: that we all wait is no deadlock
		go func() {
			defer release()
			answer := 6 * 7 // on a goroutine of its own, perhaps on another core
			s.Post(func() {
				fmt.Println("answer:", answer) // on the scheduler's thread
				s.Ready(main)
			})
		}()
		_ = s.Park(sched.Why("the answer"))
	})
	// Output: answer: 42
}

func ExampleTicket() {
	onVirtualTime(func(s *sched.Scheduler) {
		ticket := s.Ticket() // for the wait that comes
		s.StartTimer(sched.NewTimer(func() { fmt.Println("too late:", !ticket.Ready()) }), 2*time.Second)
		fmt.Println(s.ParkUntil(sched.Why("an answer"), time.Second))
		_ = s.Sleep(time.Minute) // this wait is not ended
		fmt.Println(s.Now())
	})
	// Output:
	// sched: deadline passed
	// too late: true
	// 1m1s
}

func ExampleWaitQueue() {
	onVirtualTime(func(s *sched.Scheduler) {
		var door sched.WaitQueue
		for i := range 3 {
			s.Spawn("", func() {
				_ = door.Wait(s, sched.Why("the door"))
				fmt.Println("guest", i)
			})
		}
		s.Yield()
		fmt.Println(door.Len(), "wait,", door.First(), "first")
		door.Wake()
		s.Yield()
		fmt.Println(door.WakeAll(), "more")
		s.Yield()
	})
	// Output:
	// 3 wait, task 2 first
	// guest 0
	// 2 more
	// guest 1
	// guest 2
}

func ExampleTimer() {
	onVirtualTime(func(s *sched.Scheduler) {
		var tick sched.Timer
		tick.Init(func() {
			fmt.Println("tick", s.Now())
			s.StartTimer(&tick, s.After(time.Second))
		})
		s.StartTimer(&tick, time.Second)
		_ = s.Sleep(2500 * time.Millisecond)
		fmt.Println(s.StopTimer(&tick), s.StopTimer(&tick))
	})
	// Output:
	// tick 1s
	// tick 2s
	// true false
}

func ExampleTask() {
	onVirtualTime(func(s *sched.Scheduler) {
		task := s.Spawn("worker", func() { _ = s.Sleep(time.Second) })
		fmt.Println(task, task.State())
		s.Yield()
		fmt.Println(task.State(), "on", task.Why())
		fmt.Println(task.Join(), task.State())
	})
	// Output:
	// worker (task 2) ready
	// parked on sleep
	// <nil> done
}

func ExampleScheduler_StartLater() {
	onVirtualTime(func(s *sched.Scheduler) {
		var task sched.Task
		s.StartLater(&task, "later", sched.Func(func() { fmt.Println("at", s.Now()) }), time.Second)
		fmt.Println(task.State())
		_ = task.Join()
	})
	// Output:
	// delayed
	// at 1s
}

// A connection is its task: one allocation for both.
type connection struct {
	sched.Task
	peer string
}

func (c *connection) Run() { fmt.Println("serving", c.peer) }

func ExampleBody() {
	onVirtualTime(func(s *sched.Scheduler) {
		c := &connection{peer: "alice"}
		s.Start(&c.Task, "connection", c)
		_ = c.Join()
	})
	// Output: serving alice
}

func ExamplePanicError() {
	onVirtualTime(func(s *sched.Scheduler) {
		err := s.Spawn("", func() { panic("out of tea") }).Join()
		var p *sched.PanicError
		fmt.Println(err, errors.As(err, &p), len(p.Stack) > 0)
	})
	// Output: panic: out of tea true true
}

func ExampleDeadlockError() {
	s := sched.New(sched.Config{})
	defer s.Close()
	err := s.Run(func() {
		eater := s.Spawn("eater", func() { _ = s.Park(sched.Why("a bun")) })
		_ = eater.Join()
	})
	var dead *sched.DeadlockError
	if errors.As(err, &dead) {
		for _, task := range dead.Tasks {
			fmt.Println(task.Name, task.State, "on", task.Why)
		}
	}
	// Output:
	// main parked on join of eater (task 2)
	// eater parked on a bun
}

func ExampleScheduler_Dump() {
	onVirtualTime(func(s *sched.Scheduler) {
		s.Spawn("sleeper", func() { _ = s.Sleep(time.Hour) })
		_ = s.Sleep(time.Second)
		for _, task := range s.Dump() {
			fmt.Println(task.ID, task.Name, task.State, task.Why, task.Since)
		}
	})
	// Output:
	// 1 main running  0s
	// 2 sleeper parked sleep 1s
}

func ExampleScheduler_Stats() {
	onVirtualTime(func(s *sched.Scheduler) {
		s.Spawn("", func() { _ = s.Sleep(time.Hour) })
		s.Spawn("", func() {})
		s.Yield()
		st := s.Stats()
		fmt.Println(st.Spawned, "spawned,", st.Live, "live,", st.Timers, "timer")
	})
	// Output: 3 spawned, 2 live, 1 timer
}

func ExampleHooks() {
	s := sched.New(sched.Config{Hooks: &sched.Hooks{
		Parked: func(t *sched.Task) { fmt.Println(t, "waits for", t.Why()) },
		Ready:  func(t, by *sched.Task) { fmt.Println(t, "is woken by", by) },
	}})
	defer s.Close()
	_ = s.Run(func() {
		child := s.Spawn("child", func() { _ = s.Park(sched.Why("a word")) })
		s.Yield()
		s.Ready(child)
		s.Yield()
	})
	// Output:
	// child (task 2) waits for a word
	// child (task 2) is woken by main (task 1)
}

func ExampleConfig_seed() {
	order := func(seed uint64) (order string) {
		s := sched.New(sched.Config{Seed: seed})
		defer s.Close()
		_ = s.Run(func() {
			for _, name := range []string{"a", "b", "c"} {
				s.Spawn(name, func() { order += name })
			}
			for len(order) < 3 {
				s.Yield()
			}
		})
		return order
	}
	first, again := order(7), order(7)
	fmt.Println(order(0), first == again)
	// Output: abc true
}
