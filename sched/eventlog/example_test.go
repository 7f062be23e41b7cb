package eventlog_test

import (
	"fmt"
	"os"
	"time"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// virtual returns a scheduler on virtual time, so that its log is the same each time.
func virtual(hooks *sched.Hooks) *sched.Scheduler {
	clock := new(schedtest.Clock)
	return sched.New(sched.Config{Clock: clock, Poller: schedtest.NewPoller(clock), Hooks: hooks})
}

// The events of a task that sleeps.
func ExampleLog() {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	defer s.Close()
	_ = s.Run(func() {
		log.Note("hello")
		_ = s.Sleep(time.Second)
	})
	for _, e := range log.Recording().Events {
		fmt.Println(e.At, e.Kind, "of", e.Task)
	}
	// Output:
	// 0s spawn of 1
	// 0s switch of 1
	// 0s note of 1
	// 0s park of 1
	// 0s poll of 0
	// 1s polled of 0
	// 1s ready of 1
	// 1s switch of 1
	// 1s exit of 1
	// 1s switch of 0
}

// A producer makes an item each second, and a consumer waits for it.
func ExampleRecording_WriteText() {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	defer s.Close()
	var items []int
	var wanted sched.WaitQueue
	_ = s.Run(func() {
		s.Spawn("producer", func() {
			for i := range 2 {
				_ = s.Sleep(time.Second)
				items = append(items, i)
				wanted.Wake()
			}
		})
		consumer := s.Spawn("consumer", func() {
			for range 2 {
				for len(items) == 0 {
					_ = wanted.Wait(s, sched.Why("an item"))
				}
				log.Note(fmt.Sprint("got ", items[0]))
				items = items[1:]
			}
		})
		_ = consumer.Join()
	})
	_ = log.Recording().WriteText(os.Stdout, eventlog.TextOptions{})
	// Output:
	// ┃ runs   ╎ is ready   · waits
	//       main         producer     consumer
	//   0s  ╎ is spawned
	//       ┃ starts
	//       ┃ spawns producer
	//       ┃ spawns consumer         ╎
	//       · waits for join of consumer (task 3)
	//       ·            ┃ starts     ╎
	//       ·            · sleeps until 1s
	//       ·            ·            ┃ starts
	//       ·            ·            · waits for an item
	//       ── nothing is ready: the loop waits until 1s
	//   1s  ·            ╎ is woken: its time is up
	//       ·            ┃ goes on    ·
	//       ·            ┃ wakes consumer
	//       ·            · sleeps until 2s
	//       ·            ·            ┃ goes on
	//       ·            ·            ┃ “got 0”
	//       ·            ·            · waits for an item
	//       ── nothing is ready: the loop waits until 2s
	//   2s  ·            ╎ is woken: its time is up
	//       ·            ┃ goes on    ·
	//       ·            ┃ wakes consumer
	//       ·              ends       ╎
	//       ·                         ┃ goes on
	//       ·                         ┃ “got 1”
	//       ·                           ends
	//       ╎                           wakes main
	//       ┃ goes on
	//         ends
	//       ── the loop returns to the host
}

// Two tasks each have what the other wants.
func ExampleRecording_WriteTree() {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	defer s.Close()
	db, file := &holdable{name: "the database"}, &holdable{name: "the file"}
	_ = s.Run(func() {
		db.lock(s)
		worker := s.Spawn("worker", func() {
			file.lock(s)
			_ = s.Sleep(time.Second)
			db.lock(s)
		})
		s.Spawn("bystander", func() { _ = worker.JoinUntil(s.After(time.Minute)) })
		_ = s.Sleep(2 * time.Second)
		file.lock(s)
	})
	r := log.Recording()
	for step, e := range r.Events {
		if e.Kind == eventlog.Park && e.Text == "the file" {
			_ = r.WriteTree(os.Stdout, step+1)
		}
	}
	// Output:
	// step 19 of 32, at 2s: nobody is ready
	// main (task 1) waits for the file, since 2s, held by worker (task 2)
	//   worker (task 2) waits for the database, since 1s, held by main (task 1)
	//   bystander (task 3) waits for join of worker (task 2), since 0s, until 1m0s
	// cycle: main (task 1) → worker (task 2) → main (task 1)
}
