package gevent_test

import (
	"context"
	"fmt"
	"sync"

	"greenloop/gevent"
)

// A library that has goroutines of its own is called on one.
func ExampleAwait() {
	err := gevent.Run(func() error {
		requests := make(chan chan string)
		go func() { // the library
			for answer := range requests {
				answer <- "pong"
			}
		}()
		defer close(requests)
		s, err := gevent.Await(func(ctx context.Context) (string, error) {
			answer := make(chan string)
			requests <- answer
			return <-answer, nil
		})
		fmt.Println(s)
		return err
	})
	fmt.Println(err)
	// Output:
	// pong
	// <nil>
}

func ExampleAwaitContext() {
	_ = gevent.Run(func() error {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		err := gevent.AwaitContext(ctx)
		fmt.Println(err, ctx.Err())
		return nil
	})
	// Output: <nil> context canceled
}

func ExampleAwaitWaitGroup() {
	_ = gevent.Run(func() error {
		var wg sync.WaitGroup
		sum := make(chan int, 3)
		for i := range 3 {
			wg.Go(func() { sum <- i })
		}
		err := gevent.AwaitWaitGroup(&wg)
		fmt.Println(<-sum+<-sum+<-sum, err)
		return nil
	})
	// Output: 3 <nil>
}

// A goroutine that is not the hub's waits for a greenlet.
func ExampleGreenlet_Done() {
	given, said := make(chan *gevent.Result[int], 1), make(chan string, 1)
	go func() {
		g := <-given
		<-g.Done()
		said <- fmt.Sprint(g.Get())
	}()
	_ = gevent.Run(func() error {
		given <- gevent.Go(func() (int, error) { return 42, nil })
		s, _, err := gevent.Recv(said)
		fmt.Println(s)
		return err
	})
	// Output: 42 <nil>
}

func ExampleRecv() {
	_ = gevent.Run(func() error {
		ch := make(chan string)
		go func() { ch <- "from a goroutine" }()
		v, ok, err := gevent.Recv(ch)
		fmt.Println(v, ok, err)
		close(ch)
		v, ok, err = gevent.Recv(ch)
		fmt.Printf("%q %v %v\n", v, ok, err)
		return nil
	})
	// Output:
	// from a goroutine true <nil>
	// "" false <nil>
}

func ExampleRecvAll() {
	_ = gevent.Run(func() error {
		ch := make(chan int)
		go func() {
			defer close(ch)
			for i := range 3 {
				ch <- i
			}
		}()
		for v, err := range gevent.RecvAll(ch) {
			if err != nil {
				return err
			}
			fmt.Println(v)
		}
		return nil
	})
	// Output:
	// 0
	// 1
	// 2
}

func ExampleSend() {
	printed := make(chan struct{})
	ch := make(chan string)
	go func() {
		defer close(printed)
		for s := range ch {
			fmt.Println(s)
		}
	}()
	err := gevent.Run(func() error {
		defer close(ch)
		if err := gevent.Send(ch, "one"); err != nil {
			return err
		}
		return gevent.Send(ch, "two")
	})
	<-printed
	fmt.Println(err)
	// Output:
	// one
	// two
	// <nil>
}
