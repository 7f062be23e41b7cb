package http

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"greenloop/gevent"
)

// A Server serves HTTP/1.0 and HTTP/1.1 with a Handler, as net/http's Server does, but on greenlets. Set its fields before
// it serves; the zero value is a server with safe limits for http.DefaultServeMux. It belongs to one hub and serves once:
// after Shutdown or Close it cannot be used again. It must not be copied.
//
// For clients it differs from net/http's Server in these points alone:
//   - a handler that panics before anything of its answer was sent is answered for with 500; net/http closes the
//     connection;
//   - a body has a Content-Length if it is whole in 4 KiB when the handler returns (net/http: 2 KiB), and is chunked
//     otherwise;
//   - the limits on time below, of which net/http has none by default;
//   - a request that comes in during Shutdown, on a connection that was in the middle of one, is answered.
type Server struct {
	// Handler answers the requests; nil stands for http.DefaultServeMux.
	Handler http.Handler

	// ReadHeaderTimeout is how long the head of a request may take, from its first byte on, and that of the first one from
	// when the connection is made, TLS handshake not counted, which may take as long. 0 is 10 seconds, a negative one no
	// limit.
	ReadHeaderTimeout time.Duration
	// ReadTimeout is how long a whole request may take, head and body, counted as for ReadHeaderTimeout. 0 or less is no
	// limit: StallTimeout is the one on bodies then.
	ReadTimeout time.Duration
	// WriteTimeout is how long an answer may take, from the end of the request's head on, so also what the handler itself
	// takes. 0 or less is no limit: StallTimeout is the one on answers then.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection is kept that waits for its next request, or up to an eighth longer. 0 is 2 minutes,
	// a negative one no limit.
	IdleTimeout time.Duration
	// StallTimeout is how long a handler's read of the body waits for the peer to send anything, and a write of 256 KiB or
	// less for the peer to take it, or up to an eighth longer. It does not limit how long a handler, a body or an answer that
	// goes on may take in all. 0 is 1 minute, a negative one no limit.
	StallTimeout time.Duration

	// MaxHeaderBytes is how many bytes the head of a request may have, but 4096 more are let pass, as in net/http. A larger
	// one is answered with 431. 0 or less is http.DefaultMaxHeaderBytes, 1 MiB.
	MaxHeaderBytes int
	// MaxBodyBytes is how many bytes the body of a request may have. One that declares more is answered with 413; if more come
	// in chunks, reading fails with an *http.MaxBytesError, and the connection is closed after the answer. 0 or less is no
	// limit.
	MaxBodyBytes int64
	// MaxConns is how many connections there are at once, without those that were hijacked; the next ones wait in the
	// listener's queue. 0 or less is no limit.
	MaxConns int

	// ErrorLog is told of panics, failures to accept, and handlers' mistakes; nil stands for slog.Default().
	ErrorLog *slog.Logger
	// BaseContext returns the context from which those of all requests on a listener derive; nil stands for
	// context.Background.
	BaseContext func(net.Listener) context.Context
	// ConnContext returns the context for the requests on a new connection, derived from ctx.
	ConnContext func(ctx context.Context, c net.Conn) context.Context
	// DisableGeneralOptionsHandler passes "OPTIONS *" to the Handler, too, instead of answering it with 200.
	DisableGeneralOptionsHandler bool
	// TLSConfig is what ServeTLS uses; it is cloned.
	TLSConfig *tls.Config

	state serverState
}

// Defaults of the limits on time, see Server.
const (
	defaultReadHeaderTimeout = 10 * time.Second
	defaultIdleTimeout       = 2 * time.Minute
	defaultStallTimeout      = time.Minute
)

// A serverState is what a Server has while it serves. Hub thread only.
type serverState struct {
	hub       *gevent.Hub // nil until it serves
	timeouts  timeouts
	maxHead   int
	std       *http.Server // stands for the Server in contexts
	epoch     time.Time    // the zero of what is kept of time
	date      dateLine
	stock     stock
	listeners []*listener
	first     *conn // all connections, newest first
	active    int
	taken     int           // places: connections, and those that listeners wait for
	left      gevent.Event  // set when a place comes free
	closing   bool          // no more connections, nor requests after those that run
	drain     time.Duration // once closing: how long a connection that was told to stay may wait for its last request
	empty     gevent.Event  // set once closing and without connections
}

type timeouts struct{ head, read, write, idle, stall time.Duration } // 0: none

// ListenAndServe listens on a TCP address and serves there; see Serve. Parks. Hub thread only.
func (s *Server) ListenAndServe(address string) error {
	l, err := gevent.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve accepts connections from l, most often what gevent.Listen returns, and serves each in a greenlet of its own, until
// Shutdown or Close; then it returns http.ErrServerClosed at once, while the last requests may still run. If l fails for
// good it returns that error. It closes l. Several calls may serve several listeners.
//
// A connection that has a method ConnectionState of crypto/tls, as those of package gevent/ssl have, sets Request.TLS; if
// it has HandshakeContext, that is called first. Connections must be such that their calls park: gevent's own, or what is
// made of them. Parks. Hub thread only.
func (s *Server) Serve(l net.Listener) error {
	mustPark(l)
	s.begin()
	tracked := &listener{Listener: l, server: s, base: context.Background()}
	defer tracked.Close()
	if s.state.closing {
		return http.ErrServerClosed
	}
	if s.BaseContext != nil {
		if tracked.base = s.BaseContext(l); tracked.base == nil {
			panic("gevent/http: BaseContext returned a nil context")
		}
	}
	s.state.listeners = append(s.state.listeners, tracked)
	defer s.forget(tracked)
	accepting := &gevent.StreamServer{Handler: serveConn, OnError: s.acceptFailed}
	err := accepting.Serve(tracked)
	if s.state.closing {
		return http.ErrServerClosed
	}
	return err
}

// mustPark panics if l is known to block the thread instead.
func mustPark(l net.Listener) {
	switch l.(type) {
	case *net.TCPListener, *net.UnixListener:
		panic("gevent/http: Server.Serve of a listener of package net, whose Accept would block the hub; take gevent.Listen")
	}
}

// serveConn is the body of a connection's greenlet.
func serveConn(c net.Conn) error {
	c.(*conn).serve()
	return nil
}

func (s *Server) acceptFailed(_ net.Conn, err error) {
	s.logger().Error("http: accept failed; trying again", slog.Any("error", err))
}

// begin fixes what the fields say.
func (s *Server) begin() {
	hub := gevent.GetHub()
	st := &s.state
	switch {
	case hub == nil:
		panic("gevent/http: Server.Serve called outside a hub: call it inside gevent.Run, on no goroutine started with go")
	case st.hub == hub:
		return
	case st.hub != nil:
		panic("gevent/http: Server.Serve of a Server that belongs to another hub; make one for each hub")
	}
	st.hub, st.epoch = hub, time.Now()
	orDefault := func(d, otherwise time.Duration) time.Duration {
		if d == 0 {
			return otherwise
		}
		return max(d, 0)
	}
	st.timeouts = timeouts{
		head:  orDefault(s.ReadHeaderTimeout, defaultReadHeaderTimeout),
		read:  max(s.ReadTimeout, 0),
		write: max(s.WriteTimeout, 0),
		idle:  orDefault(s.IdleTimeout, defaultIdleTimeout),
		stall: orDefault(s.StallTimeout, defaultStallTimeout),
	}
	st.maxHead = s.MaxHeaderBytes
	if st.maxHead <= 0 {
		st.maxHead = http.DefaultMaxHeaderBytes
	}
	st.std = &http.Server{
		Handler: s.Handler, TLSConfig: s.TLSConfig, ReadTimeout: st.timeouts.read, ReadHeaderTimeout: st.timeouts.head,
		WriteTimeout: st.timeouts.write, IdleTimeout: st.timeouts.idle, MaxHeaderBytes: st.maxHead, BaseContext: s.BaseContext,
		ConnContext: s.ConnContext, DisableGeneralOptionsHandler: s.DisableGeneralOptionsHandler,
	}
}

// handler returns who answers r.
func (s *Server) handler(r *http.Request) http.Handler {
	switch {
	case r.RequestURI == "*" && r.Method == http.MethodOptions && !s.DisableGeneralOptionsHandler:
		return generalOptions
	case s.Handler == nil:
		return http.DefaultServeMux
	}
	return s.Handler
}

// generalOptions answers "OPTIONS *", which asks about the server as a whole.
var generalOptions http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "0")
})

func (s *Server) logger() *slog.Logger {
	if s.ErrorLog != nil {
		return s.ErrorLog
	}
	return slog.Default()
}

// now is the time on the server's clock.
func (s *Server) now() time.Duration { return time.Since(s.state.epoch) }
