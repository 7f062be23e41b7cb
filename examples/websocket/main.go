// Websocket is an echo server for websockets, all of it on one OS thread: package gevent/http serves the handshake, and
// github.com/gobwas/ws the frames. Two greenlets per connection: one reads and answers, the other one sends pings.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7008", "listen on this `address`; port 0 picks a free one")
	ping := flag.Duration("ping", 20*time.Second, "send a ping so often")
	patience := flag.Duration("patience", time.Minute, "cut off who sends nothing, not even an answer to a ping, for so long")
	grace := flag.Duration("grace", 5*time.Second, "after a signal, let the peers say goodbye for this long")
	flag.Parse()
	if err := gevent.Run(func() error { return run(*addr, newServer(*ping, *patience), *grace) }); err != nil {
		fmt.Fprintln(os.Stderr, "websocket:", err)
		os.Exit(1)
	}
}

func run(addr string, s *server, grace time.Duration) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	signals := gevent.Notify(os.Interrupt, syscall.SIGTERM)
	defer signals.Stop()
	stopper := gevent.Spawn(func() error {
		if _, err := signals.Wait(); err != nil {
			return err
		}
		return s.stop(grace)
	})
	fmt.Println("listening on", l.Addr())
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	err = stopper.Get()
	fmt.Printf("served %d connections, %d messages\n", s.served, s.messages)
	return err
}
