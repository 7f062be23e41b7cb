package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

func ExampleEvent() {
	_ = gevent.Run(func() error {
		var open gevent.Event
		guest := func(name string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				defer fmt.Println(name, "enters")
				return open.Wait()
			})
		}
		a, b := guest("Ann"), guest("Bob")
		gevent.Yield()
		fmt.Println("open")
		open.Set()
		return gevent.JoinAll(a, b)
	})
	// Output:
	// open
	// Ann enters
	// Bob enters
}

func ExampleAsyncResult() {
	_ = gevent.Run(func() error {
		var answer gevent.AsyncResult[int]
		gevent.Spawn(func() error { answer.Set(42); return nil })
		_, err := answer.GetTimeout(0) // unset still, but one chance is enough
		fmt.Println(err)
		fmt.Println(answer.Get())
		return nil
	})
	// Output:
	// <nil>
	// 42 <nil>
}

func ExampleCondition() {
	_ = gevent.Run(func() error {
		var buns []string
		baked := gevent.NewCondition(nil)
		eater := gevent.Spawn(func() error {
			return baked.With(func() error {
				if err := baked.WaitFor(func() bool { return len(buns) > 0 }); err != nil {
					return err
				}
				fmt.Println("eats the", buns[0])
				return nil
			})
		})
		gevent.Yield()
		_ = baked.With(func() error {
			buns = append(buns, "bun")
			baked.Notify(1)
			fmt.Println("baked")
			return nil
		})
		return eater.Get()
	})
	// Output:
	// baked
	// eats the bun
}

// A Condition may be made on a lock that serves other purposes, too, or other conditions.
func ExampleNewCondition() {
	_ = gevent.Run(func() error {
		var l gevent.Lock
		c := gevent.NewCondition(&l)
		return l.With(func() error {
			fmt.Println(errors.Is(c.WaitTimeout(time.Millisecond), gevent.ErrTimeout), l.Locked())
			return nil
		})
	})
	// Output: true true
}

func ExampleBarrier() {
	_ = gevent.Run(func() error {
		start := gevent.NewBarrier(2, func() error { fmt.Println("go"); return nil })
		runner := func(name string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				fmt.Println(name, "is ready")
				_, err := start.Wait()
				fmt.Println(name, "runs")
				return err
			})
		}
		return gevent.JoinAll(runner("Ann"), runner("Bob"))
	})
	// Output:
	// Ann is ready
	// Bob is ready
	// go
	// Bob runs
	// Ann runs
}

func ExampleErrBrokenBarrier() {
	_ = gevent.Run(func() error {
		b := gevent.NewBarrier(3, nil)
		other := gevent.Spawn(func() error { _, err := b.Wait(); return err })
		_, err := b.WaitTimeout(time.Millisecond)
		fmt.Println(errors.Is(err, gevent.ErrTimeout), errors.Is(other.Get(), gevent.ErrBrokenBarrier))
		return nil
	})
	// Output: true true
}

func ExampleAfterFunc() {
	_ = gevent.Run(func() error {
		gevent.AfterFunc(2*time.Millisecond, func() { fmt.Println("later") })
		gevent.AfterFunc(time.Millisecond, func() { fmt.Println("sooner") })
		never := gevent.AfterFunc(time.Millisecond, func() { fmt.Println("never") })
		fmt.Println(never.Stop())
		return gevent.Sleep(5 * time.Millisecond)
	})
	// Output:
	// true
	// sooner
	// later
}

func ExampleTimer_Reset() {
	_ = gevent.Run(func() error {
		timer := gevent.AfterFunc(time.Hour, func() { fmt.Println("time is up") })
		fmt.Println(timer.Reset(time.Millisecond))
		return gevent.Sleep(5 * time.Millisecond)
	})
	// Output:
	// true
	// time is up
}
