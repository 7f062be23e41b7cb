package gevent_test

import (
	"fmt"

	"greenloop/gevent"
)

func ExampleAsyncResult_Follow() {
	err := gevent.Run(func() error {
		var answer gevent.AsyncResult[int]
		answer.Follow(gevent.Go(func() (int, error) { return 42, nil }))
		fmt.Println(answer.Get())
		return nil
	})
	fmt.Println(err)
	// Output:
	// 42 <nil>
	// <nil>
}
