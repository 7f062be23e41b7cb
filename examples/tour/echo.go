package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"greenloop/gevent"
)

const clients = 1000

func echo() error {
	return gevent.Run(func() error {
		listener, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &gevent.StreamServer{Handler: func(c net.Conn) error {
			_, err := io.Copy(c, c)
			return err
		}}
		serving := gevent.Spawn(func() error { return server.Serve(listener) })

		began := time.Now()
		dials := make([]*gevent.Result[net.Conn], clients)
		for i := range dials {
			dials[i] = gevent.Go(func() (net.Conn, error) { return gevent.Dial("tcp", listener.Addr().String()) })
		}
		talks := make([]*gevent.Greenlet, clients)
		for i, dial := range dials {
			c, err := dial.Get()
			if err != nil {
				return err
			}
			defer c.Close() // all stay connected until all have talked
			talks[i] = gevent.Spawn(func() error { return talk(c, i) })
		}
		if err := gevent.JoinAll(talks...); err != nil {
			return err
		}
		took, connected := time.Since(began), server.Active()
		server.Stop(0) // they wait for more, so they are killed
		_ = serving.Join()

		stats := gevent.GetHub().Stats()
		fmt.Printf("     %d clients, %d connected at the same time, 10 messages each: all came back, in %v\n",
			clients, connected, took.Round(time.Millisecond))
		fmt.Printf("     %d greenlets were spawned and switched %d times; the process has %d OS threads, Go's own included\n",
			stats.Spawned, stats.Switches, threads())
		return nil
	})
}

// talk sends ten messages, each after the answer to the one before.
func talk(c net.Conn, id int) error {
	for n := range 10 {
		message := fmt.Sprintf("message %d of client %d", n, id)
		if _, err := io.WriteString(c, message); err != nil {
			return err
		}
		answer := make([]byte, len(message))
		if _, err := io.ReadFull(c, answer); err != nil {
			return err
		}
		if string(answer) != message {
			return fmt.Errorf("client %d sent %q and got %q", id, message, answer)
		}
	}
	return nil
}

// threads returns how many threads the process has, 0 where the system does not tell.
func threads() int {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	return len(entries)
}
