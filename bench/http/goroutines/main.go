// Goroutines is package raw's server with Go's own net package: a goroutine for each connection. It is stopped through
// its standard input, see package control.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"

	"greenloop/bench/http/raw"
	"greenloop/bench/internal/control"
	"greenloop/bench/internal/options"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "goroutines:", err)
		os.Exit(1)
	}
}

func run() error {
	rounds := flag.Int("rounds", 0, "rounds of work for each request")
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", opts.Addr)
	if err != nil {
		return err
	}
	go accept(l, *rounds)
	s := control.Server{In: os.Stdin, Out: os.Stdout, ProfilePath: opts.ProfilePath}
	return s.Serve(l.Addr())
}

func accept(l net.Listener, rounds int) {
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "goroutines: accept:", err)
			os.Exit(1)
		}
		go raw.Serve(c, raw.NewBuffer(), rounds)
	}
}
