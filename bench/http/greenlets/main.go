// Greenlets is package raw's server with gevent: a greenlet for each connection. It is stopped through its standard
// input, see package control. With -hubs N there are N hubs, on a thread and a port each.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"

	"greenloop/bench/http/raw"
	"greenloop/bench/internal/control"
	"greenloop/bench/internal/options"
	"greenloop/gevent"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "greenlets:", err)
		os.Exit(1)
	}
}

func run() error {
	rounds := flag.Int("rounds", 0, "rounds of work for each request")
	hubs := flag.Int("hubs", 1, "hubs")
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	listening := make(chan net.Addr)
	for range *hubs {
		go hub(opts.Addr, *rounds, listening)
	}
	var addrs addresses
	for range *hubs {
		addrs = append(addrs, (<-listening).String())
	}
	s := control.Server{In: os.Stdin, Out: os.Stdout, ProfilePath: opts.ProfilePath}
	return s.Serve(addrs)
}

// addresses are where the hubs listen, separated by commas.
type addresses []string

func (addresses) Network() string  { return "tcp" }
func (a addresses) String() string { return strings.Join(a, ",") }

// hub serves until the process ends.
func hub(addr string, rounds int, listening chan<- net.Addr) {
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", addr)
		if err != nil {
			return err
		}
		listening <- l.Addr() // somebody waits for it: nothing here blocks for long
		return accept(l, rounds)
	})
	fmt.Fprintln(os.Stderr, "greenlets:", err)
	os.Exit(1)
}

func accept(l net.Listener, rounds int) error {
	buf := raw.NewBuffer()
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		gevent.Spawn(func() error {
			raw.Serve(c, buf, rounds)
			return nil
		})
	}
}
