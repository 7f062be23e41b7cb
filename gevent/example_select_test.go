package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

// A counter that can be read and stopped while it counts. The cases are made once, and used again.
func ExampleSelect() {
	_ = gevent.Run(func() error {
		values, stop := gevent.NewChannel[int](), gevent.NewChannel[string]()
		counter := gevent.Spawn(func() error {
			running := true
			halt := gevent.OnGet(stop, func(why string, _ error) {
				fmt.Println("stopped:", why)
				running = false
			})
			value := gevent.OnPut(values, 0, nil)
			for ; running; value.Value++ {
				if _, err := gevent.Select(halt, value); err != nil {
					return err
				}
			}
			return nil
		})
		for range 3 {
			fmt.Println(values.Get())
		}
		_ = stop.Put("enough")
		return counter.Get()
	})
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 2 <nil>
	// stopped: enough
}

func ExampleSelectTimeout() {
	_ = gevent.Run(func() error {
		var q gevent.Queue[int]
		i, err := gevent.SelectTimeout(time.Millisecond, gevent.OnGet(&q, nil))
		fmt.Println(i, errors.Is(err, gevent.ErrTimeout))
		return nil
	})
	// Output: -1 true
}

func ExampleTrySelect() {
	_ = gevent.Run(func() error {
		full := gevent.NewQueue(1, "x")
		if _, err := gevent.TrySelect(gevent.OnPut(full, "y", nil)); errors.Is(err, gevent.ErrNoCase) {
			fmt.Println("nothing to do now")
		}
		return nil
	})
	// Output: nothing to do now
}
