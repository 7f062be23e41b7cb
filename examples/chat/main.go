// Chat is a chat server with rooms: a greenlet reads from each guest, another writes to it from a queue. Who reads too
// slowly never keeps the others waiting: when the queue is full that guest is dropped. All run on one thread, so the list
// of guests is a plain map.
//
//	go run ./examples/chat &
//	nc 127.0.0.1 7010         # or telnet, from several terminals
//
// The first line is the guest's name. Then each line is said to the room, but for /join ROOM, /who and /quit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7010", "listen on this `address`; port 0 picks a free one")
	backlog := flag.Int("backlog", 256, "drop a guest who is this many `lines` behind")
	flag.Parse()
	if *backlog < 1 {
		fmt.Fprintln(os.Stderr, "chat: -backlog must be at least 1")
		os.Exit(2)
	}
	if err := gevent.Run(func() error { return run(*addr, *backlog) }); err != nil {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}

func run(addr string, backlog int) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	h := &house{backlog: backlog, guests: map[string]*guest{}}
	server := &gevent.StreamServer{Handler: h.serve, MaxConns: 10_000}
	defer gevent.OnSignal(func(os.Signal) {
		for _, g := range h.guests {
			g.tell("* the house closes")
		}
		for c := range server.Conns {
			_ = c.SetReadDeadline(time.Now()) // the guests leave, and are sent what is in their queues
		}
		server.Stop(time.Second)
	}, os.Interrupt, syscall.SIGTERM)()
	fmt.Println("listening on", l.Addr())
	if err := server.Serve(l); !errors.Is(err, gevent.ErrServerClosed) {
		return err
	}
	fmt.Printf("%d connections, %d lines said, %d guests dropped\n", server.Served(), h.said, h.dropped)
	return nil
}
