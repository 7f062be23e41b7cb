// One thread serves ten thousand: a connection that waits costs a parked greenlet, which is a stack and an entry in the
// poller. No thread waits for it.
package main

import (
	"errors"
	"net"
	"runtime/pprof"
	"syscall"
	"time"

	"greenloop/gevent"
)

func tenThousand(s *stage) error {
	return s.runReal(func() error {
		before := memory()
		var clients []net.Conn
		var servers gevent.Group
		for len(clients) < connections { // 10,000; fewer under the race detector, which knows no more
			client, server, err := gevent.SocketPair()
			if errors.Is(err, syscall.EMFILE) { // the system gives this process no more descriptors
				break
			} else if err != nil {
				return err
			}
			defer client.Close()
			clients = append(clients, client)
			servers.Spawn(func() error { return echo(server) })
		}
		gevent.Yield() // each server runs up to its Read, and waits there
		s.say("%d connections, each with a greenlet of its own", len(clients))
		s.say("greenlets that wait for data: %d", gevent.GetHub().Stats().Events)
		s.say("memory: %d bytes for each", (memory()-before)/len(clients))
		s.say("OS threads of this process, Go's own included: %d", pprof.Lookup("threadcreate").Count())

		began, switches := time.Now(), gevent.GetHub().Stats().Switches
		for _, c := range clients {
			if _, err := c.Write([]byte("ping")); err != nil { // the kernel has room: nothing to wait for
				return err
			}
		}
		s.say("%d messages are on their way, %d switches", len(clients), gevent.GetHub().Stats().Switches-switches)
		for _, c := range clients {
			if _, err := c.Read(make([]byte, 4)); err != nil { // parks: the servers run
				return err
			}
		}
		took := time.Since(began)
		s.say("all are answered, %d switches", gevent.GetHub().Stats().Switches-switches)
		s.say("%d ms in all, %d ns for each connection", took.Milliseconds(), int(took)/len(clients))
		for _, c := range clients {
			c.Close() // its server's Read returns io.EOF
		}
		return servers.Join()
	})
}

// echo sends back whatever comes. It reads as if it were alone, with a thread of its own.
func echo(c net.Conn) error {
	defer c.Close()
	for buffer := make([]byte, 64); ; {
		n, err := c.Read(buffer) // parks until something comes
		if err != nil {
			return err
		}
		if _, err := c.Write(buffer[:n]); err != nil {
			return err
		}
	}
}
