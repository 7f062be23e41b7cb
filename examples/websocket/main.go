// Websocket is an echo server for websockets, all of it on one OS thread: package gevent/http serves the handshake, and
// github.com/gobwas/ws the frames. Two greenlets per connection: one reads and answers, the other one sends pings.
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

	"github.com/gobwas/ws"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
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
	fmt.Println("listening on", l.Addr())
	stopper := gevent.Spawn(func() error {
		if _, err := gevent.WaitSignal(os.Interrupt, syscall.SIGTERM); err != nil {
			return err
		}
		return s.stop(grace)
	})
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	err = stopper.Get()
	fmt.Printf("served %d connections, %d messages\n", s.served, s.messages)
	return err
}

// A server has one hub, so what its greenlets share needs no lock.
type server struct {
	http             ghttp.Server
	ping, patience   time.Duration
	peers            map[*peer]struct{}
	greenlets        gevent.Group // those that serve the peers
	served, messages int
}

func newServer(ping, patience time.Duration) *server {
	s := &server{ping: ping, patience: patience, peers: make(map[*peer]struct{})}
	s.http.Handler = s
	return s
}

// ServeHTTP runs in the greenlet of the connection, and has it to itself after the handshake.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, buffered, _, err := ws.UpgradeHTTP(r, w)
	if conn != nil {
		defer conn.Close()
	}
	if err != nil {
		return // the answer has told
	}
	s.served++
	s.greenlets.Add(gevent.Current())
	p := &peer{Conn: conn, in: buffered.Reader, patience: s.patience, messages: &s.messages}
	s.peers[p] = struct{}{}
	defer delete(s.peers, p)
	p.serve(s.ping)
}

// stop takes nobody new, tells all peers that the server goes away, and cuts off who does not answer in time.
func (s *server) stop(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
	for p := range s.peers {
		gevent.Spawn(func() error { p.goodbye(ws.CompiledCloseGoingAway); return nil })
	}
	if err := s.greenlets.JoinTimeout(grace); !errors.Is(err, gevent.ErrTimeout) {
		return err
	}
	return s.greenlets.Kill()
}
