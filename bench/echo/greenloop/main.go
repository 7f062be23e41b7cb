// Greenloop is the echo server under test: gevent, a coroutine for each
// connection, line for line what gonet does with goroutines.
package main

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/options"
	"greenloop/gevent"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "greenloop:", err)
		os.Exit(1)
	}
}

func run() error {
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	return gevent.Run(func() error {
		l, err := gevent.Listen("tcp", opts.Addr)
		if err != nil {
			return err
		}
		var served atomic.Int64 // bytes; read by the control goroutine
		go answer(opts, l.Addr(), &served)
		return accept(l, &served)
	})
}

// answer is an ordinary goroutine outside the hub: it waits for standard input,
// and at its end the process is over.
func answer(opts options.Options, addr net.Addr, served *atomic.Int64) {
	s := control.Server{
		In: os.Stdin, Out: os.Stdout,
		Messages:    func() int64 { return served.Load() / int64(opts.MessageSize) },
		ProfilePath: opts.ProfilePath,
	}
	if err := s.Serve(addr); err != nil {
		fmt.Fprintln(os.Stderr, "greenloop:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func accept(l net.Listener, served *atomic.Int64) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		gevent.Spawn(func() error {
			echo(c, served)
			return nil
		})
	}
}

// echo ends with the first error: most often that the client has hung up.
func echo(c net.Conn, served *atomic.Int64) {
	defer c.Close()
	buf := make([]byte, options.BufferSize)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
		served.Add(int64(n))
	}
}
