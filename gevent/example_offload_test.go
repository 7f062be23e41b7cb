package gevent_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"greenloop/gevent"
)

// Reading a file blocks its thread: not the hub's.
func ExampleOffload() {
	err := gevent.Run(func() error {
		_, err := gevent.Offload(func() ([]byte, error) { return os.ReadFile("/no/such/file") })
		fmt.Println(errors.Is(err, os.ErrNotExist))
		return nil
	})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleOffloadTimeout() {
	_ = gevent.Run(func() error {
		never := make(chan int)
		_, err := gevent.OffloadTimeout(time.Millisecond, func() (int, error) { return <-never, nil })
		fmt.Println(errors.Is(err, gevent.ErrTimeout))
		return nil
	})
	// Output: true
}

// What comes too late is not lost: undo closes it.
func ExampleOffloadContext() {
	undone := make(chan string)
	_ = gevent.Run(func() error {
		g := gevent.Spawn(func() error {
			_, err := gevent.OffloadContext(func(ctx context.Context) (string, error) {
				<-ctx.Done()
				return "a connection, made too late because of: " + context.Cause(ctx).Error(), nil
			}, func(s string) { undone <- s })
			return err
		})
		gevent.Yield()
		return g.Kill()
	})
	fmt.Println(<-undone)
	// Output: a connection, made too late because of: sched: task killed
}

func ExampleThreadMap() {
	err := gevent.Run(func() error {
		pool := gevent.NewThreadPool(4)
		squares, err := gevent.ThreadMap(pool, slices.Values([]int{1, 2, 3, 4, 5}),
			func(_ context.Context, i int) (int, error) { return i * i, nil })
		fmt.Println(squares)
		return err
	})
	fmt.Println(err)
	// Output:
	// [1 4 9 16 25]
	// <nil>
}

// A pool of its own for one kind of work. What is spawned in it is a greenlet like any other.
func ExampleThreadSpawn() {
	err := gevent.Run(func() error {
		pool := gevent.NewThreadPool(1)
		answer, err := gevent.ThreadSpawn(pool, func(context.Context) (int, error) { return 42, nil })
		if err != nil {
			return err
		}
		fmt.Println(answer.Get())
		pool.Shutdown()
		_, err = gevent.ThreadApply(pool, func(context.Context) (int, error) { return 43, nil })
		fmt.Println(err)
		return pool.Join()
	})
	fmt.Println(err)
	// Output:
	// 42 <nil>
	// gevent: shut down
	// <nil>
}

func ExampleHub_ThreadPool() {
	_ = gevent.RunConfig(gevent.Config{OffloadMax: 8}, func() error {
		pool := gevent.GetHub().ThreadPool()
		fmt.Println(pool.Size())
		pool.Resize(16)
		fmt.Println(pool.Size())
		return nil
	})
	// Output:
	// 8
	// 16
}
