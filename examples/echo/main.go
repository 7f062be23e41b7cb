// Echo is a TCP server that sends back what it receives, all of it on one OS thread.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7007", "listen on this `address`; port 0 picks a free one")
	grace := flag.Duration("grace", 5*time.Second, "after a signal, let connections finish for this long")
	flag.Parse()
	if err := gevent.Run(func() error { return serve(*addr, *grace) }); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func serve(addr string, grace time.Duration) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	var bytes int64
	server := &gevent.StreamServer{
		Handler: func(c net.Conn) error { return echo(c, &bytes) },
		OnError: func(c net.Conn, err error) {
			if c == nil { // such as too many open files: the server pauses and goes on
				fmt.Fprintln(os.Stderr, "echo: cannot accept for now:", err)
			}
		},
	}
	signals := gevent.Notify(os.Interrupt, syscall.SIGTERM)
	defer signals.Stop()
	stopper := gevent.Spawn(func() error {
		if _, err := signals.Wait(); err != nil {
			return err
		}
		server.Stop(grace)
		return nil
	})
	fmt.Println("listening on", l.Addr())
	err = server.Serve(l)
	if errors.Is(err, gevent.ErrServerClosed) {
		err = stopper.Get()
	}
	fmt.Printf("served %d connections, %d bytes\n", server.Served(), bytes)
	return err
}

// echo sends back what it reads until the peer has sent its last byte. No other greenlet runs between two waits, so the
// plain count needs no lock.
func echo(c net.Conn, bytes *int64) error {
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err = c.Write(buf[:n]); err != nil {
			return err
		}
		*bytes += int64(n)
	}
}
