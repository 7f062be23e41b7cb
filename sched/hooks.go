package sched

import "time"

// Hooks are called at each event of the scheduler, on its thread: for traces, views and lessons. Each may be nil. They
// must return quickly, and neither wait nor spawn. With no Hooks at all an event costs one comparison.
type Hooks struct {
	Spawned    func(t *Task)
	Ready      func(t, by *Task)           // t became ready; by the running task, nil by the loop (time, IO, a post)
	Parked     func(t *Task)               // t gives up the CPU to wait
	Yielded    func(t *Task)               // t gives up the CPU and stays ready
	Switched   func(from, to *Task)        // the CPU went over; the host is a task, too, named "host"
	Exited     func(t *Task)               // t is done
	BeforePoll func(timeout time.Duration) // nothing is ready; a negative timeout means for ever
	AfterPoll  func()
}
