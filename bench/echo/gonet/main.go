// Gonet is the echo server to compare with: Go's own net package, a goroutine
// for each connection. It is asked and stopped through its standard input, see
// package control.
package main

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/options"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gonet:", err)
		os.Exit(1)
	}
}

func run() error {
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", opts.Addr)
	if err != nil {
		return err
	}
	var served atomic.Int64 // bytes
	go accept(l, &served)
	s := control.Server{
		In: os.Stdin, Out: os.Stdout,
		Messages:    func() int64 { return served.Load() / int64(opts.MessageSize) },
		ProfilePath: opts.ProfilePath,
	}
	return s.Serve(l.Addr())
}

func accept(l net.Listener, served *atomic.Int64) {
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "gonet: accept:", err)
			os.Exit(1)
		}
		go echo(c, served)
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
