package schedtest_test

import (
	"fmt"
	"time"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A Clock and a Poller serve without a Sim, too: for lessons and simulations.
func Example() {
	clock := new(schedtest.Clock)
	poller := schedtest.NewPoller(clock)
	s := sched.New(sched.Config{Clock: clock, Poller: poller})
	defer s.Close()
	_ = s.Run(func() {
		poller.Event("readable 1").FireAt(1500 * time.Millisecond)
		reader := s.Spawn("reader", func() {
			_ = poller.Event("readable 1").Await(s)
			fmt.Println("read at", s.Now())
		})
		ticker := s.Spawn("ticker", func() {
			for range 3 {
				_ = s.Sleep(time.Second)
				fmt.Println("tick at", s.Now())
			}
		})
		_, _ = reader.Join(), ticker.Join()
	})
	// Output:
	// tick at 1s
	// read at 1.5s
	// tick at 2s
	// tick at 3s
}

func ExampleRecorder() {
	var r schedtest.Recorder
	s := sched.New(sched.Config{Hooks: r.Hooks()})
	defer s.Close()
	_ = s.Run(func() {
		s.Spawn("child", func() {})
		s.Yield()
	})
	fmt.Print(r.String())
	// Output:
	// spawn 1 main
	// switch host→1
	// spawn 2 child by 1
	// yield 1
	// switch 1→2
	// exit 2
	// switch 2→1
	// exit 1
	// switch 1→host
}
