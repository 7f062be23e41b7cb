// Proxy is a TCP proxy: it connects each client to a server and copies both ways, two greenlets for each client, all on one
// thread. When one side has sent its last byte the other is told so, and goes on sending. When a connection breaks the
// other one is reset, so that nobody takes half of a stream for the whole.
//
//	go run ./examples/echo &
//	go run ./examples/proxy -to 127.0.0.1:7007 &
//	echo hello | nc -N 127.0.0.1 7011
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
	addr := flag.String("addr", "127.0.0.1:7011", "listen on this `address`; port 0 picks a free one")
	to := flag.String("to", "127.0.0.1:7007", "connect clients to this `address`")
	grace := flag.Duration("grace", 5*time.Second, "after a signal, let connections finish for this long")
	flag.Parse()
	if err := gevent.Run(func() error { return run(*addr, *to, *grace) }); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

func run(addr, to string, grace time.Duration) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	p := &proxy{to: to}
	server := &gevent.StreamServer{
		Handler:  p.serve,
		OnError:  func(_ net.Conn, err error) { fmt.Fprintln(os.Stderr, "proxy:", err) },
		MaxConns: 10_000,
	}
	defer gevent.OnSignal(func(os.Signal) { server.Stop(grace) }, os.Interrupt, syscall.SIGTERM)()
	fmt.Println("listening on", l.Addr())
	if err := server.Serve(l); !errors.Is(err, gevent.ErrServerClosed) {
		return err
	}
	fmt.Printf("%d connections, %d bytes there, %d bytes back\n", server.Served(), p.there, p.back)
	return nil
}

type proxy struct {
	to          string
	there, back int64 // bytes that were copied
}

// serve connects the client. The nursery waits for both directions; if one fails it ends the other.
func (p *proxy) serve(c net.Conn) error {
	client := c.(*gevent.TCPConn)
	_ = client.SetLinger(0) // closing resets it, whatever happens, until all has been copied
	c, err := gevent.DialTimeout("tcp", p.to, 10*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	server := c.(*gevent.TCPConn)
	_ = server.SetLinger(0)
	err = gevent.Nurse(func(n *gevent.Nursery) error {
		n.Spawn(func() error { return pump(server, client, &p.there) })
		return pump(client, server, &p.back)
	})
	if err != nil {
		return err
	}
	return errors.Join(client.SetLinger(-1), server.SetLinger(-1))
}

// pump copies until the end of what comes from one side, and passes that end on. io.Copy has the connections do it: on Linux
// large pieces never leave the kernel, and no buffer is held while nothing comes.
func pump(to, from *gevent.TCPConn, count *int64) error {
	n, err := io.Copy(to, from)
	*count += n
	if err != nil {
		return err
	}
	return to.CloseWrite()
}
