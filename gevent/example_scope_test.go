package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

// Clean-up that waits, in a scope whose time is up.
func ExampleShieldTimeout() {
	_ = gevent.Run(func() error {
		return gevent.WithTimeout(time.Millisecond, func() error {
			err := gevent.Sleep(time.Hour)
			fmt.Println("time is up:", errors.Is(err, gevent.ErrTimeout))
			err = gevent.ShieldTimeout(time.Second, func() error { return gevent.Sleep(time.Millisecond) })
			fmt.Println("rolled back:", err)
			return nil
		})
	})
	// Output:
	// time is up: true
	// rolled back: <nil>
}

func ExampleShield() {
	_ = gevent.Run(func() error {
		return gevent.WithTimeout(0, func() error {
			fmt.Println(gevent.Shield(func() error { return gevent.Sleep(time.Millisecond) }))
			fmt.Println(gevent.Sleep(time.Millisecond))
			return nil
		})
	})
	// Output:
	// <nil>
	// gevent: timed out after 0s
}

// What computes and never waits asks by itself.
func ExampleCanceled() {
	_ = gevent.Run(func() error {
		err := gevent.WithTimeout(time.Millisecond, func() error {
			for {
				if err := gevent.Canceled(); err != nil {
					return err
				}
			}
		})
		fmt.Println(err)
		return nil
	})
	// Output: gevent: timed out after 1ms
}
