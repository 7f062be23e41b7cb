// Watchdog shows how a greenlet that blocks the thread of all others is found: three do it, each in another way, and each is
// named with its line while it does. Each ends when it has been reported.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// suspect is the name of the greenlet that blocks and has not been reported yet.
var suspect atomic.Value

func reported() bool { return suspect.Load() == "" }

// doze uses package time, which knows nothing of greenlets.
func doze() {
	for !reported() {
		time.Sleep(300 * time.Millisecond)
	}
}

// lockUp waits for a Go lock that somebody else holds.
func lockUp() {
	var mu sync.Mutex
	mu.Lock()
	go func() {
		for !reported() {
			time.Sleep(time.Millisecond)
		}
		mu.Unlock()
	}()
	mu.Lock()
	defer mu.Unlock()
}

// compute never comes to a call that waits.
func compute() {
	for suspect.Load() != "" {
	}
}

// blocked is called on a goroutine of its own, while the hub stands still.
func blocked(b *gevent.Blocked) {
	name, _, _ := strings.Cut(b.Greenlet, " ")
	if b.Over || suspect.Load() != name {
		return // it was reported already
	}
	fmt.Printf("%s blocks the hub in %s at %s\n  %s\n", name, b.Function, filepath.Base(b.Line), b.Advice)
	suspect.Store("")
}

func run() error {
	// Nobody serves the ticker while the hub is blocked.
	ticks := 0
	ticker := gevent.SpawnNamed("ticker", func() error {
		for {
			if err := gevent.Sleep(time.Millisecond); err != nil {
				return err
			}
			ticks++
		}
	})
	for _, c := range []struct {
		name  string
		block func()
	}{{"dozer", doze}, {"locker", lockUp}, {"computer", compute}} {
		g := gevent.SpawnNamed(c.name, func() error {
			before := ticks
			suspect.Store(c.name)
			c.block()
			fmt.Printf("  ticks meanwhile: %d\n", ticks-before)
			return nil
		})
		if err := g.Join(); err != nil {
			return err
		}
	}
	return ticker.Kill()
}

func main() {
	// The usual limit is 10 seconds, so that only what certainly was not meant is reported; and it is logged.
	err := gevent.RunConfig(gevent.Config{Watchdog: 50 * time.Millisecond, OnBlocked: blocked}, run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "watchdog:", err)
		os.Exit(1)
	}
}
