// Debug is a program that shows itself: some greenlets that have something to do, and gevent/debug to look at them.
//
//	go run ./examples/debug &
//	open http://127.0.0.1:7015/debug/gevent/           # all of it, in a browser
//	curl 'http://127.0.0.1:7015/debug/gevent/tasks?sort=busy'
//	curl 'http://127.0.0.1:7015/debug/gevent/latency'  # the miner keeps the CPU too long: at which line?
//	curl 'http://127.0.0.1:7015/debug/gevent/record?seconds=0.5&lines=1&format=text'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
	"greenloop/gevent/debug"
	ghttp "greenloop/gevent/http"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7015", "listen on this `address`; port 0 picks a free one")
	flag.Parse()
	config := gevent.Config{Sites: true} // the pages show where each greenlet was spawned
	if err := gevent.RunConfig(config, func() error { return run(*addr) }); err != nil {
		fmt.Fprintln(os.Stderr, "debug:", err)
		os.Exit(1)
	}
}

func run(addr string) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	live()
	views := debug.New(gevent.GetHub())
	views.Track()          // from the start; without it, from the first look on
	views.Publish("hub 0") // the figures, for who reads package expvar's
	mux := http.NewServeMux()
	mux.Handle("/debug/gevent/", views)
	mux.Handle("/", http.RedirectHandler("/debug/gevent/", http.StatusFound))
	server := &ghttp.Server{Handler: mux}
	signals := gevent.Notify(os.Interrupt, syscall.SIGTERM)
	defer signals.Stop()
	stopper := gevent.Spawn(func() error {
		if _, err := signals.Wait(); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(ctx)
	})
	fmt.Println("listening on", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return stopper.Get() // Serve returns at the beginning of the end
}
