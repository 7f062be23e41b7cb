package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

func ExampleRun() {
	err := gevent.Run(func() error {
		step := func(name string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				fmt.Println(name, "begins")
				gevent.Yield()
				fmt.Println(name, "ends")
				return nil
			})
		}
		return gevent.JoinAll(step("first"), step("second"))
	})
	fmt.Println(err)
	// Output:
	// first begins
	// second begins
	// first ends
	// second ends
	// <nil>
}

// When all wait for what cannot come, Run says who waits for what.
func ExampleRun_deadlock() {
	err := gevent.Run(func() error {
		main := gevent.Current()
		return gevent.SpawnNamed("worker", main.Join).Join()
	})
	var deadlock *gevent.DeadlockError
	if errors.As(err, &deadlock) {
		for _, t := range deadlock.Tasks {
			fmt.Printf("%s waits for %s\n", t.Name, t.Why)
		}
	}
	// Output:
	// main waits for join of worker (task 2)
	// worker waits for join of main (task 1)
}

func ExampleRunConfig() {
	c := gevent.Config{OnError: func(g *gevent.Greenlet, err error, _ []byte) { fmt.Printf("%v: %v\n", g, err) }}
	_ = gevent.RunConfig(c, func() error {
		return gevent.SpawnNamed("baker", func() error { panic("no flour") }).Join()
	})
	// Output: baker (task 2): panic: no flour
}

func ExampleGo() {
	_ = gevent.Run(func() error {
		sum := gevent.Go(func() (int, error) { return 40 + 2, gevent.Sleep(time.Millisecond) })
		fmt.Println(sum.Get())
		return nil
	})
	// Output: 42 <nil>
}

func ExampleSpawn() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error { fmt.Println("runs once the spawner waits"); return nil })
		fmt.Println("spawned")
		return g.Get()
	})
	// Output:
	// spawned
	// runs once the spawner waits
}

func ExampleSpawnLater() {
	_ = gevent.Run(func() error {
		say := func(what string) func() error { return func() error { fmt.Println(what); return nil } }
		b := gevent.SpawnLater(2*time.Millisecond, say("later"))
		a := gevent.SpawnLater(time.Millisecond, say("sooner"))
		never := gevent.SpawnLater(time.Hour, say("never"))
		never.KillAsync()
		return gevent.JoinAll(a, b, never)
	})
	// Output:
	// sooner
	// later
}

func ExampleGreenlet_Kill() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error {
			defer fmt.Println("cleaned up")
			defer func() { fmt.Println("recover sees", recover()) }()
			return gevent.Sleep(time.Hour)
		})
		gevent.Yield() // it sleeps now
		err := g.Kill()
		fmt.Println(err, errors.Is(g.Err(), gevent.ErrExit))
		return nil
	})
	// Output:
	// recover sees <nil>
	// cleaned up
	// <nil> true
}

func ExampleGreenlet_JoinTimeout() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error { return gevent.Sleep(time.Hour) })
		fmt.Println(errors.Is(g.JoinTimeout(time.Millisecond), gevent.ErrTimeout), g.Ready())
		return g.Kill()
	})
	// Output: true false
}

func ExampleKillAll() {
	_ = gevent.Run(func() error {
		sleeper := func(name string) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				defer fmt.Println(name, "ends")
				return gevent.Sleep(time.Hour)
			})
		}
		a, b := sleeper("a"), sleeper("b")
		gevent.Yield()
		return gevent.KillAll(a, b)
	})
	// Output:
	// a ends
	// b ends
}

// A goroutine reaches greenlets through Post alone.
func ExampleHub_Post() {
	_ = gevent.Run(func() error {
		hub, me := gevent.GetHub(), gevent.Current()
		release := hub.Hold() // somebody outside may still post: not a deadlock
		go func() {
			defer release()
			hub.Post(func() {
				fmt.Println("on the hub's thread:", gevent.GetHub() == hub)
				me.KillAsync()
			})
		}()
		return gevent.Sleep(time.Hour)
	})
	// Output: on the hub's thread: true
}
