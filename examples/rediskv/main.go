// Rediskv is a key-value server that speaks redis's protocol, RESP2; redis-cli and redis-benchmark are its clients. All
// connections are greenlets of one thread. A command does not wait, so no other runs in the middle of it: INCR reads, adds
// and stores, and MSET sets many keys, with no lock anywhere.
//
//	go run ./examples/rediskv &
//	redis-cli -p 7013 set bun sesame ex 60
//	redis-cli -p 7013 incr visits
//	redis-benchmark -p 7013 -t set,get,incr -P 16 -q
//
// The keys are in memory only, as many as it holds. A request is limited to 1 MiB. A client that sends, or takes, nothing
// for the time -idle is let go.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"greenloop/gevent"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7013", "listen on this `address`; port 0 picks a free one")
	idle := flag.Duration("idle", 5*time.Minute, "let a client go that is silent for this long; 0 never does")
	flag.Parse()
	if err := gevent.Run(func() error { return run(*addr, *idle) }); err != nil {
		fmt.Fprintln(os.Stderr, "rediskv:", err)
		os.Exit(1)
	}
}

func run(addr string, idle time.Duration) error {
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s := &store{entries: map[string]*entry{}}
	server := &gevent.StreamServer{Handler: s.serve, MaxConns: 10_000, IdleTimeout: idle}
	defer gevent.OnSignal(func(os.Signal) {
		for c := range server.Conns {
			_ = c.SetReadDeadline(time.Now()) // what has been read is answered, and no more is read
		}
		server.Stop(time.Second)
	}, os.Interrupt, syscall.SIGTERM)()
	fmt.Println("listening on", l.Addr())
	if err := server.Serve(l); !errors.Is(err, gevent.ErrServerClosed) {
		return err
	}
	fmt.Printf("served %d connections, %d commands\n", server.Served(), s.commands)
	return nil
}

// serve answers the requests of one client in their order.
func (s *store) serve(c net.Conn) error {
	w := bufio.NewWriterSize(c, bufferSize)
	r := bufio.NewReaderSize(&answersFirst{c, w}, bufferSize)
	for {
		request, err := readRequest(r)
		if errors.As(err, new(protocolError)) {
			return refuse(c, w, err)
		}
		if err != nil {
			return err
		}
		if len(request) == 0 {
			continue
		}
		s.commands++
		if err := writeReply(w, s.execute(request)); err != nil {
			return err
		}
		if strings.EqualFold(request[0], "quit") {
			return w.Flush()
		}
	}
}

// answersFirst reads from a client, after it has sent all answers that are ready: the requests of a pipeline, which came
// together, are answered by one write.
type answersFirst struct {
	from    io.Reader
	answers *bufio.Writer
}

func (a *answersFirst) Read(b []byte) (int, error) {
	if err := a.answers.Flush(); err != nil {
		return 0, err
	}
	return a.from.Read(b)
}
