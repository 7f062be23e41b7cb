package gevent_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

// Two hubs, each on a thread of its own, work together.
func ExampleSharedQueue() {
	requests, answers := gevent.NewSharedQueue[int](8), gevent.NewSharedQueue[int](8)
	go func() {
		_ = gevent.Run(func() error {
			for i, err := range requests.All() {
				if err != nil {
					return err
				}
				_ = answers.Put(i * i)
			}
			answers.Shutdown()
			return nil
		})
	}()
	err := gevent.Run(func() error {
		gevent.Spawn(func() error {
			defer requests.Shutdown()
			for i := range 4 {
				if err := requests.Put(i); err != nil {
					return err
				}
			}
			return nil
		})
		for square, err := range answers.All() {
			fmt.Println(square, err)
		}
		_, err := answers.Get()
		return err
	})
	fmt.Println(err)
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 4 <nil>
	// 9 <nil>
	// gevent: shut down
}

func ExampleSharedEvent() {
	begin := new(gevent.SharedEvent)
	err := gevent.Run(func() error {
		g := gevent.Spawn(begin.Wait)
		fmt.Println(g.JoinTimeout(time.Millisecond))
		go begin.Set()
		return g.Get()
	})
	fmt.Println(err)
	// Output:
	// sched: deadline passed
	// <nil>
}

func ExampleSharedResult() {
	answer := new(gevent.SharedResult[int])
	go func() {
		_ = gevent.Run(func() error {
			answer.Set(42)
			return nil
		})
	}()
	fmt.Println(answer.GetContext(context.Background())) // on a goroutine
	_ = gevent.Run(func() error {
		fmt.Println(answer.Get()) // in a greenlet
		return nil
	})
	fmt.Println(answer.Fail(errors.New("too late")))
	// Output:
	// 42 <nil>
	// 42 <nil>
	// false
}

func ExampleSharedSemaphore() {
	permit := gevent.NewSharedSemaphore(1)
	_ = permit.Acquire() // on a goroutine
	_ = gevent.Run(func() error {
		fmt.Println(permit.TryAcquire())
		permit.Release() // in a greenlet
		fmt.Println(permit.Acquire())
		return nil
	})
	// Output:
	// false
	// <nil>
}
