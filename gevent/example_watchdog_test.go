package gevent_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// A greenlet that sleeps in the way of package time stops all others; the watchdog says which, and where. Its usual
// limit is 10 seconds, and the usual OnBlocked logs.
func ExampleConfig_watchdog() {
	var told atomic.Bool
	c := gevent.Config{Watchdog: 20 * time.Millisecond, OnBlocked: func(b *gevent.Blocked) {
		if !told.Swap(true) {
			fmt.Println(b.Greenlet, "is in", b.State)
			fmt.Println(b.Advice)
		}
	}}
	err := gevent.RunConfig(c, func() error {
		return gevent.SpawnNamed("sleeper", func() error {
			for !told.Load() {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}).Join()
	})
	fmt.Println(err)
	// Output:
	// sleeper (task 2) is in sleep
	// time.Sleep stops the thread and with it all greenlets: use gevent.Sleep
	// <nil>
}

func ExampleBlocked() {
	b := gevent.Blocked{For: 10 * time.Second, Greenlet: "resizer (task 7)", State: "running", Line: "resize.go:12",
		Advice: "no other greenlet runs while this one computes: call gevent.Yield now and then, or do it in Offload"}
	fmt.Println(strings.TrimSpace(b.String()))
	b.For, b.Over = 12*time.Second, true
	fmt.Println(&b)
	// Output:
	// hub blocked for 10s, now by resizer (task 7) at resize.go:12 (running)
	// no other greenlet runs while this one computes: call gevent.Yield now and then, or do it in Offload
	// hub goes on after 12s; it was blocked, last by resizer (task 7) at resize.go:12
}

// steady leaves out of a dump what differs each time: for how long, and where the functions are.
func steady(text string) string {
	return regexp.MustCompile(` for [0-9.]+[nµm]?s|, in .*`).ReplaceAllString(text, "")
}

func ExampleHub_DumpTree() {
	_ = gevent.Run(func() error {
		main := gevent.Current()
		gevent.SpawnNamed("waits for main", main.Join)
		gevent.SpawnNamed("ready", func() error { return nil })
		gevent.Yield()
		gevent.SpawnNamed("new", func() error { return nil })
		var text strings.Builder
		err := gevent.GetHub().DumpTree(&text)
		fmt.Print(steady(text.String()))
		return err
	})
	// Output:
	// hub: 3 greenlets, 1 ready, 0 timers, 0 wait for IO
	// task 1 "main" running
	//   task 2 "waits for main" parked on join of main (task 1)
	//   task 4 "new" ready
}

func ExampleHub_DumpStacks() {
	_ = gevent.Run(func() error {
		gevent.SpawnNamed("sleeper", func() error { return gevent.Sleep(time.Hour) })
		gevent.Yield()
		var text strings.Builder
		err := gevent.GetHub().DumpStacks(&text)
		fmt.Println(strings.Contains(text.String(), "gevent.Sleep"))
		return err
	})
	// Output: true
}

// Two greenlets wait for each other while the program goes on.
func ExampleHub_Graph() {
	_ = gevent.Run(func() error {
		var a, b *gevent.Greenlet
		a = gevent.SpawnNamed("a", func() error { return b.Join() })
		b = gevent.SpawnNamed("b", func() error { return a.Join() })
		gevent.Yield()
		g := gevent.GetHub().Graph()
		for _, c := range g.Cycles {
			fmt.Println(g.CycleText(c))
		}
		return nil
	})
	// Output: a (task 2) → b (task 3) → a (task 2)
}

// A signal, here Ctrl-C, shows what all greenlets do.
func ExampleDumpOnSignal() {
	err := gevent.Run(func() error {
		stop := gevent.DumpOnSignal(os.Interrupt, os.Stderr)
		defer stop()
		return gevent.Sleep(time.Millisecond)
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleAssertSwitches() {
	_ = gevent.Run(func() error {
		fmt.Println(gevent.AssertSwitches(0, func() error { return nil }))
		fmt.Println(gevent.AssertSwitches(0, func() error { return gevent.Sleep(time.Millisecond) }))
		fmt.Println(gevent.AssertSwitches(time.Minute, func() error { return errors.New("its own error") }))
		return nil
	})
	// Output:
	// gevent: main (task 1) has not given up the CPU, as it must
	// <nil>
	// its own error
}

func ExampleAssertNoSwitch() {
	_ = gevent.Run(func() error {
		balance := 10
		err := gevent.AssertNoSwitch(func() error { // nobody else sees the value in between
			balance -= 3
			balance += 1
			return nil
		})
		fmt.Println(balance, err)
		return nil
	})
	// Output: 8 <nil>
}
