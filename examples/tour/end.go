package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"greenloop/gevent"
)

func killAndTimeout() error {
	return gevent.Run(func() error {
		sleeper := gevent.Spawn(func() error {
			defer func() {
				_ = gevent.Sleep(10 * time.Millisecond)
				fmt.Println("     sleeper: cleans up, which takes a while, and is gone")
			}()
			fmt.Println("     sleeper: sleeps for an hour")
			return gevent.Sleep(time.Hour)
		})
		err := sleeper.GetTimeout(20 * time.Millisecond)
		fmt.Println("     main: waits 20 ms for it:", err)
		err = sleeper.Kill()
		fmt.Println("     main: killed it; it ended with:", sleeper.Err())
		return err
	})
}

func deadlock() error {
	err := gevent.Run(func() error {
		var first, second *gevent.Greenlet
		first = gevent.SpawnNamed("first", func() error { return second.Get() })
		second = gevent.SpawnNamed("second", func() error { return first.Get() })
		return first.Get()
	})
	var report *gevent.DeadlockError
	if !errors.As(err, &report) {
		return fmt.Errorf("expected a deadlock, got %v", err)
	}
	fmt.Println("     " + strings.ReplaceAll(report.Error(), "\n", "\n     "))
	return nil
}
