// Package schedtest runs tasks on virtual time and scripted events, so that what they do, and in which order, is the same
// each time, and an hour takes no time at all.
//
// # What it promises
//
//   - Time moves only when no task can run: then it jumps to the next deadline, or to the next scripted event. Events
//     that are scripted for the time of a deadline come before the timers of that time.
//   - A task that waits for what cannot come is a deadlock, which fails the test with the list of all tasks.
//   - A test that leaves a task, an armed timer or a goroutine behind fails; see [Sim.AllowLeftovers].
//   - A panic of a task fails the test. So does t.FailNow, or testify's require, in any task; either ends the test at once,
//     after the deferred functions of all tasks have run.
//
// # What it does not do
//
// It does not wait for other goroutines: time jumps on although one of them may be about to post. [Sim.Outside] starts one
// for which it does wait. Goroutines are counted in the whole process, so that a test that uses it must not be
// parallel to others.
//
// # Example
//
//	schedtest.Run(t, func(s *schedtest.Sim) {
//		s.Go("tick", func() {
//			for range 3 {
//				_ = s.Sleep(time.Second)
//				s.Tracef("tick at %v", s.Now())
//			}
//		})
//		s.Go("reader", func() {
//			_ = s.Await("readable 1")
//			s.Tracef("read at %v", s.Now())
//		})
//		s.Poller.Event("readable 1").FireAt(1500 * time.Millisecond)
//		s.Advance(time.Minute)
//		require.Equal(t, "tick at 1s, read at 1.5s, tick at 2s, tick at 3s", strings.Join(s.Trace(), ", "))
//	})
package schedtest
