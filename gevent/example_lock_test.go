package gevent_test

import (
	"fmt"
	"time"

	"greenloop/gevent"
)

func ExampleLock() {
	_ = gevent.Run(func() error {
		var oven gevent.Lock
		bake := func(what string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				return oven.With(func() error {
					fmt.Println(what, "in")
					defer fmt.Println(what, "out")
					return gevent.Sleep(time.Millisecond)
				})
			})
		}
		return gevent.JoinAll(bake("bread"), bake("buns"))
	})
	// Output:
	// bread in
	// bread out
	// buns in
	// buns out
}

func ExampleRLock() {
	_ = gevent.Run(func() error {
		var l gevent.RLock
		inner := func() error { return l.With(func() error { fmt.Println("inner"); return nil }) }
		return l.With(func() error {
			fmt.Println("outer")
			return inner()
		})
	})
	// Output:
	// outer
	// inner
}

// What works with either lock takes a Locker.
func ExampleLocker() {
	_ = gevent.Run(func() error {
		for _, l := range []gevent.Locker{new(gevent.Lock), new(gevent.RLock)} {
			fmt.Println(l.TryAcquire(), l.TryAcquire())
		}
		return nil
	})
	// Output:
	// true false
	// true true
}

func ExampleSemaphore() {
	_ = gevent.Run(func() error {
		seats := gevent.NewSemaphore(2)
		var all gevent.WaitGroup
		for _, name := range []string{"Ann", "Bob", "Cid"} {
			all.Go(func() error {
				return seats.With(func() error {
					fmt.Println(name, "sits down")
					defer fmt.Println(name, "leaves")
					gevent.Yield() // as anything that waits
					return nil
				})
			})
		}
		return all.Wait()
	})
	// Output:
	// Ann sits down
	// Bob sits down
	// Ann leaves
	// Bob leaves
	// Cid sits down
	// Cid leaves
}

func ExampleBoundedSemaphore() {
	_ = gevent.Run(func() error {
		seats := gevent.NewBoundedSemaphore(1)
		defer func() { fmt.Println(recover() != nil, seats.Value()) }()
		seats.Release() // which nobody has taken
		return nil
	})
	// Output: true 1
}

func ExampleRWLock() {
	_ = gevent.Run(func() error {
		var l gevent.RWLock
		read := func() error {
			if err := l.AcquireRead(); err != nil {
				return err
			}
			defer l.ReleaseRead()
			fmt.Println("reads with", l.Reading())
			return gevent.Sleep(time.Millisecond)
		}
		write := func() error {
			if err := l.AcquireWrite(); err != nil {
				return err
			}
			defer l.ReleaseWrite()
			fmt.Println("writes")
			return nil
		}
		return gevent.JoinAll(gevent.Spawn(read), gevent.Spawn(read), gevent.Spawn(write), gevent.Spawn(read))
	})
	// Output:
	// reads with 1
	// reads with 2
	// writes
	// reads with 1
}

func ExampleOnce() {
	_ = gevent.Run(func() error {
		var once gevent.Once
		use := func() error {
			defer fmt.Println("used")
			return once.Do(func() error {
				defer fmt.Println("set up")
				return gevent.Sleep(time.Millisecond)
			})
		}
		return gevent.JoinAll(gevent.Spawn(use), gevent.Spawn(use))
	})
	// Output:
	// set up
	// used
	// used
}

func ExampleWaitGroup() {
	_ = gevent.Run(func() error {
		var all gevent.WaitGroup
		for i := range 2 {
			all.Go(func() error { fmt.Println("job", i); return nil })
		}
		err := all.Wait()
		fmt.Println("done")
		return err
	})
	// Output:
	// job 0
	// job 1
	// done
}
