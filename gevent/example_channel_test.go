package gevent_test

import (
	"fmt"

	"greenloop/gevent"
)

func ExampleChannel() {
	_ = gevent.Run(func() error {
		c := gevent.NewChannel[string]()
		reader := gevent.Spawn(func() error {
			for v := range c.All() {
				fmt.Println(v)
			}
			return nil
		})
		fmt.Println("sending")
		_ = c.Put("hello")
		fmt.Println("sent hello")
		_ = c.Put("world")
		fmt.Println("sent world")
		c.Close()
		return reader.Join()
	})
	// Output:
	// sending
	// hello
	// sent hello
	// world
	// sent world
}

func ExampleChannel_Balance() {
	_ = gevent.Run(func() error {
		c := gevent.NewChannel[int]()
		gevent.Spawn(func() error { return c.Put(1) })
		gevent.Yield()
		fmt.Println(c.Balance(), c.TryPut(2))
		fmt.Println(c.TryGet())
		return nil
	})
	// Output:
	// 1 gevent: nothing can be put now
	// 1 <nil>
}
