package sched_test

import (
	"errors"
	"fmt"
	"regexp"

	"greenloop/sched"
)

// A latch is a primitive that knows who can open it.
type latch struct {
	owner   *sched.Task
	waiters sched.WaitQueue
}

func (l *latch) String() string         { return "a latch" }
func (l *latch) Holders() []*sched.Task { return []*sched.Task{l.owner} }

// A reason that implements Owned lets the report of a deadlock say who has what is waited for, and mark the cycle.
func ExampleOwned() {
	s := sched.New(sched.Config{})
	defer s.Close()
	err := s.Run(func() {
		l := &latch{owner: s.Current()}
		_ = s.Spawn("worker", func() { _ = l.waiters.Wait(s, l) }).Join()
	})
	var dead *sched.DeadlockError
	if errors.As(err, &dead) {
		fmt.Println(dead.CycleText(dead.Cycles[0]))
		for _, t := range dead.Tasks {
			fmt.Printf("%s waits for %s; it is held by %v\n", t.Name, t.Why, t.Holders)
		}
	}
	// Output:
	// main (task 1) → worker (task 2) → main (task 1)
	// main waits for join of worker (task 2); it is held by [worker (task 2)]
	// worker waits for a latch; it is held by [main (task 1)]
}

func ExampleScheduler_Graph() {
	s := sched.New(sched.Config{})
	defer s.Close()
	fmt.Println(s.Run(func() {
		main := s.Current()
		s.Spawn("worker", func() { _ = main.Join() })
		s.Yield()
		text := s.Graph().String()
		fmt.Println(regexp.MustCompile(` for [0-9.]+[nµm]?s|, in .*`).ReplaceAllString(text, ""))
	}))
	// Output:
	// task 1 "main" running
	// task 2 "worker" parked on join of main (task 1)
	// <nil>
}

func ExampleScheduler_AddHooks() {
	s := sched.New(sched.Config{})
	defer s.Close()
	_ = s.Run(func() {
		remove := s.AddHooks(&sched.Hooks{Yielded: func(t *sched.Task) { fmt.Println(t, "yields") }})
		s.Yield()
		remove()
		s.Yield()
	})
	// Output: main (task 1) yields
}

func ExampleScheduler_Pulse() {
	s := sched.New(sched.Config{})
	defer s.Close()
	_ = s.Run(func() {
		before, _ := s.Pulse() // this may be done on any goroutine
		for range 100 {
			s.Yield()
		}
		after, waiting := s.Pulse()
		fmt.Println(before != after, waiting)
	})
	// Output: true false
}
