package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gobwas/ws"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

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
