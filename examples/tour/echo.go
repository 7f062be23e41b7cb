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
		most := 0
		server := &gevent.StreamServer{}
		server.Handler = func(c net.Conn) error {
			most = max(most, server.Active())
			_, err := io.Copy(c, c)
			return err
		}
		serving := gevent.Spawn(func() error { return server.Serve(listener) })

		began := time.Now()
		all := make([]*gevent.Greenlet, clients)
		for i := range all {
			all[i] = gevent.Spawn(func() error { return client(listener.Addr().String(), i) })
		}
		if err := gevent.JoinAll(all...); err != nil {
			return err
		}
		took := time.Since(began)
		server.Stop(time.Second)
		_ = serving.Join()

		stats := gevent.GetHub().Stats()
		fmt.Printf("     %d clients, %d connected at the same time, 10 messages each: all came back, in %v\n",
			clients, most, took.Round(time.Millisecond))
		fmt.Printf("     %d greenlets were spawned and switched %d times; the process has %d OS threads, Go's own included\n",
			stats.Spawned, stats.Switches, threads())
		return nil
	})
}

// client keeps its connection until all have one.
func client(addr string, id int) error {
	c, err := gevent.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
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
