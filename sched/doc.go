// Package sched runs many tasks on one OS thread, cooperatively: a task keeps the CPU until it parks, yields or ends, so
// between two of these nothing else runs and no data is shared that needs a lock. What is ready runs first come, first
// served, and the same program takes the same path every time.
//
// # Terms
//
// A task is a coroutine that the scheduler runs. Park gives up the CPU for a [Reason]; ready makes a parked task
// runnable. The run queue holds the ready ones. A [WaitQueue] holds tasks that wait for one thing. The hub thread is the
// OS thread that first called [Scheduler.Run]; the host is whoever called it. Post is the one door for other goroutines.
//
// # What it promises
//
//   - No coroutine of its own stands in between: who parks runs the loop and switches straight to the next task; if its
//     own event comes first, there is no switch at all.
//   - A wake-up ends exactly one wait. A wait that is killed, thrown at or timed out leaves its queue and its timer at once.
//   - Order: tasks start, wake and run FIFO; timers with equal deadlines fire FIFO.
//   - Fairness: after 64 steps timers, events and posts get their turn, so that a task that yields for ever
//     starves nobody; [Scheduler.Spend] does the same for operations that always succeed at once.
//   - When all tasks wait for something that cannot come, that is an error with the list of them, not a hang.
//
// # What it does not do
//
// It does not preempt: a task that computes, or that blocks the thread in a Go channel, a sync.Mutex or a system call,
// stops all others. It knows no sockets: a [Poller] brings events, a [Clock] the time; both can be virtual, see
// package schedtest.
//
// # Example
//
//	s := sched.New(sched.Config{})
//	err := s.Run(func() {
//		bun := new(sched.WaitQueue)
//		s.Spawn("eater", func() {
//			bun.Wait(s, sched.Why("a bun"))
//			fmt.Println("eaten")
//		})
//		s.Sleep(time.Second)
//		bun.Wake()
//		s.Yield()
//	})
package sched
