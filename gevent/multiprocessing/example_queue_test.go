//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type adds struct {
	Jobs *mp.JoinableQueue[int]
	Sums *mp.Queue[int]
}

// adder gets numbers, and puts their sum when it gets a zero.
var adder = mp.Define("adder", func(a adds) error {
	sum := 0
	for {
		n, err := a.Jobs.Get()
		if err != nil {
			return err
		}
		if sum += n; n == 0 {
			return errors.Join(a.Sums.Put(sum), a.Jobs.TaskDone())
		}
		if err := a.Jobs.TaskDone(); err != nil {
			return err
		}
	}
})

// Two processes share the jobs in a queue.
func ExampleJoinableQueue() {
	err := gevent.Run(func() error {
		jobs, err := mp.NewJoinableQueue[int](10)
		if err != nil {
			return err
		}
		sums, err := mp.NewQueue[int](0)
		if err != nil {
			return err
		}
		for range 2 {
			if _, err := adder.Start(adds{jobs, sums}); err != nil { // the queues are shared, not moved
				return err
			}
		}
		for n := range 100 {
			if err := jobs.Put(n + 1); err != nil {
				return err
			}
		}
		err = errors.Join(jobs.Put(0), jobs.Put(0), jobs.Join())
		one, _ := sums.Get()
		other, _ := sums.Get()
		fmt.Println(one + other)
		return errors.Join(err, jobs.Close(), sums.Close())
	})
	fmt.Println(err)
	// Output:
	// 5050
	// <nil>
}
