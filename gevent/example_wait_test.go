package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

func runner(name string, d time.Duration) *gevent.Greenlet {
	return gevent.SpawnNamed(name, func() error { return gevent.Sleep(d * time.Millisecond) })
}

func ExampleWait() {
	_ = gevent.Run(func() error {
		ready, err := gevent.Wait(runner("slow", 3), runner("quick", 1))
		fmt.Println(ready, err)
		return nil
	})
	// Output: [quick (task 3) slow (task 2)] <nil>
}

func ExampleUntil() {
	_ = gevent.Run(func() error {
		slow, quick := runner("slow", 3), runner("quick", 1)
		ready, err := gevent.Until{Count: 1, Timeout: time.Minute}.Wait(slow, quick)
		fmt.Println(ready, err)
		return slow.Kill()
	})
	// Output: [quick (task 3)] <nil>
}

func ExampleUntil_JoinAll() {
	_ = gevent.Run(func() error {
		slow := runner("slow", 3)
		fails := gevent.SpawnNamed("fails", func() error { return errors.New("no flour") })
		ended, err := gevent.Until{FirstError: true}.JoinAll(slow, fails)
		fmt.Println(ended, err, slow.Ready())
		return nil
	})
	// Output: [fails (task 3)] no flour false
}

func ExampleIWait() {
	_ = gevent.Run(func() error {
		for g, err := range gevent.IWait(runner("slow", 3), runner("quick", 1)) {
			if err != nil {
				return err
			}
			fmt.Println(g)
		}
		return nil
	})
	// Output:
	// quick (task 3)
	// slow (task 2)
}

func ExampleWaitIdle() {
	_ = gevent.Run(func() error {
		gevent.SpawnLater(time.Millisecond, func() error { fmt.Println("the last one"); return nil })
		err := gevent.WaitIdle()
		fmt.Println("nothing is left", err)
		return nil
	})
	// Output:
	// the last one
	// nothing is left <nil>
}

func ExampleIdle() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error {
			gevent.Yield()
			fmt.Println("work")
			return nil
		})
		_ = gevent.Idle()
		fmt.Println("leisure")
		return g.Get()
	})
	// Output:
	// work
	// leisure
}

func ExampleGreenlet_Link() {
	_ = gevent.Run(func() error {
		g := gevent.Go(func() (int, error) { return 42, nil })
		g.Link(func(*gevent.Greenlet) { fmt.Println(g.Get()) })
		g.LinkError(func(*gevent.Greenlet) { fmt.Println("not called") })
		return gevent.WaitIdle()
	})
	// Output: 42 <nil>
}

func ExampleGreenlet_KillWith() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error { return gevent.Sleep(time.Hour) })
		gevent.Yield()
		_ = g.KillWith(errors.New("the oven is broken"))
		fmt.Println(g.Err())
		return nil
	})
	// Output: the oven is broken
}

func ExampleGreenlet_Throw() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error {
			fmt.Println("woken by:", gevent.Sleep(time.Hour))
			return nil
		})
		gevent.Yield()
		g.Throw(errors.New("a noise"))
		return g.Get()
	})
	// Output: woken by: a noise
}

func ExampleGreenlet_Parent() {
	_ = gevent.Run(func() error {
		return gevent.SpawnNamed("mother", func() error {
			child := gevent.SpawnNamed("child", func() error { return nil })
			fmt.Println(child.Parent(), "←", child)
			return child.Get()
		}).Get()
	})
	// Output: mother (task 2) ← child (task 3)
}

func ExampleLocal() {
	var visits gevent.Local[int]
	_ = gevent.Run(func() error {
		visit := func() error {
			visits.Set(visits.Get() + 1)
			fmt.Println(visits.Get())
			return nil
		}
		return gevent.JoinAll(gevent.Spawn(visit), gevent.Spawn(visit))
	})
	// Output:
	// 1
	// 1
}

func ExampleTreeLocal() {
	var request gevent.TreeLocal[string]
	_ = gevent.Run(func() error {
		handle := func(path string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				request.Set(path)
				return gevent.Spawn(func() error { fmt.Println("helps with", request.Get()); return nil }).Get()
			})
		}
		return gevent.JoinAll(handle("/bread"), handle("/buns"))
	})
	// Output:
	// helps with /bread
	// helps with /buns
}
