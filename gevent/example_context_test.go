package gevent_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

func ExampleWithContext() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_ = gevent.Run(func() error {
		fmt.Println(gevent.WithContext(ctx, func() error { return gevent.Sleep(time.Hour) }))
		return nil
	})
	// Output: context deadline exceeded
}

// A greenlet's context, for what takes one, ends with the scope that it is asked for in.
func ExampleContext() {
	_ = gevent.Run(func() error {
		var ctx context.Context
		err := gevent.WithTimeout(time.Millisecond, func() error {
			ctx = gevent.Context() // for http.NewRequestWithContext, or what there is
			return gevent.Sleep(time.Hour)
		})
		fmt.Println(ctx.Err())
		fmt.Println(context.Cause(ctx) == err)
		return nil
	})
	// Output:
	// context deadline exceeded
	// true
}

func ExampleContext_kill() {
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error {
			ctx := gevent.Context()
			defer func() { fmt.Println("killed:", errors.Is(context.Cause(ctx), gevent.ErrExit)) }()
			return gevent.Sleep(time.Hour)
		})
		gevent.Yield()
		return g.Kill()
	})
	// Output: killed: true
}
