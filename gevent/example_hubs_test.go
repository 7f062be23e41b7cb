//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"fmt"
	"io"
	"net"
	"sync"

	"greenloop/gevent"
)

// Two hubs work for a third: what they have in common is made for that.
func ExampleRunHubs() {
	requests, answers := gevent.NewSharedQueue[int](8), gevent.NewSharedQueue[int](8)
	var workers sync.WaitGroup
	workers.Add(2)
	err := gevent.RunHubs(3, func(hub int) error {
		if hub > 0 {
			defer workers.Done()
			for i, err := range requests.All() {
				if err != nil {
					return err
				}
				if err := answers.Put(i * i); err != nil {
					return err
				}
			}
			return nil
		}
		asking := gevent.Spawn(func() error {
			defer requests.Shutdown()
			for i := range 100 {
				if err := requests.Put(i); err != nil {
					return err
				}
			}
			return nil
		})
		gevent.Spawn(func() error {
			defer answers.Shutdown()
			return gevent.AwaitWaitGroup(&workers)
		})
		sum := 0
		for square, err := range answers.All() {
			if err != nil {
				return err
			}
			sum += square
		}
		fmt.Println(sum)
		return asking.Get()
	})
	fmt.Println(err)
	// Output:
	// 328350
	// <nil>
}

// A server on every core: each hub listens for itself, and the kernel spreads the connections over them.
func ExampleRunHubs_server() {
	serve := func(int) error {
		config := gevent.ListenConfig{ReusePort: true}
		l, err := config.Listen("tcp", "127.0.0.1:8080")
		if err != nil {
			return err
		}
		server := &gevent.StreamServer{Handler: func(c net.Conn) error {
			_, err := io.Copy(c, c)
			return err
		}}
		return server.Serve(l)
	}
	_ = func() error { return gevent.RunHubs(0, serve) }
}
