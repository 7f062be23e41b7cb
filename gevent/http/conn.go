package http

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"greenloop/gevent"
)

// A conn is a connection of a Server. Its Close is for StreamServer, at the end of the greenlet. Hub thread only.
type conn struct {
	net.Conn // as it was accepted
	server   *Server
	listener *listener
	greenlet *gevent.Greenlet // nil before it has started
	lands    bool             // see input.fill
	hijacked bool
	phase    phase
	inRow    uint8 // requests that were there when the one before was answered, see maxInRow

	in  input
	out output

	reading, writing limit
	began            time.Duration // when the current request did; 0: it came whole
	readBy, writeBy  time.Duration // by when it must be read, and answered; 0: no limit

	values *connContext // of all its requests
	remote string
	tls    *tls.ConnectionState

	afterPost bool // the request before was a POST, see skipEmptyLines
	current   *turn
	watcher   watcher

	prev, next *conn // all of the server
}

// A phase is what a conn is at, as Shutdown sees it.
type phase uint8

const (
	fresh   phase = iota // no byte of a request has come yet
	working              // on a request
	waiting              // for the next request
)

func newConn(l *listener, nc net.Conn) *conn {
	c := &conn{Conn: nc, server: l.server, listener: l, lands: lands(nc)}
	c.in.conn, c.out.conn = c, c
	l.server.track(c)
	return c
}

// Close closes the connection unless it is somebody else's by now.
func (c *conn) Close() error {
	c.server.untrack(c)
	if c.hijacked {
		return nil
	}
	return c.Conn.Close()
}

// serve is the life of the connection. Its greenlet may be killed anywhere in it.
func (c *conn) serve() {
	defer c.end()
	c.greenlet = gevent.Current()
	if !c.shake() {
		return
	}
	c.describe()
	c.limitHead()
	for c.receive() && c.answer() {
		if c.server.state.closing && c.server.state.drain == 0 {
			break
		}
		c.phase = waiting
	}
	_ = c.out.finish() // nobody is left to be told
}

// end leaves nothing behind, however the connection's life has ended.
func (c *conn) end() {
	_ = c.Close() // ends the watcher and the late writer, too, if there are any
	if c.current != nil {
		c.current.end()
	}
	if !c.hijacked {
		c.in.release()
		c.out.drop()
	}
}

// describe notes what the requests tell about their connection.
func (c *conn) describe() {
	if a := c.RemoteAddr(); a != nil {
		c.remote = a.String()
	}
	if t, ok := c.Conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
		state := t.ConnectionState()
		c.tls = &state
	}
	s := c.server
	c.values = &connContext{Context: c.listener.base, hub: s.state.hub, server: s.state.std, local: c.LocalAddr()}
	if s.ConnContext != nil {
		ctx := s.ConnContext(context.WithValue(c.values.Context, http.ServerContextKey, c.values.server), c.Conn)
		if ctx == nil {
			panic("gevent/http: ConnContext returned a nil context")
		}
		c.values.Context = ctx
	}
}

// answer has the request that was read answered, and reports whether the connection goes on.
func (c *conn) answer() bool {
	t := c.current
	r := t.request
	if len(r.Header["Expect"]) > 0 && !t.expect() {
		return false
	}
	ok := c.handle(t)
	if c.hijacked {
		return false
	}
	if t.w.r.busy > 0 {
		t.w.r.abandoned()
	}
	if ok {
		t.w.r.finish()
	}
	goesOn := ok && t.w.r.reusable()
	if goesOn {
		goesOn, _ = t.body.drain()
	}
	read := t.body.complete()
	t.end()
	c.current = nil
	switch {
	case goesOn:
		sent := c.send()
		c.disown()
		return sent
	case !read:
		c.linger()
	}
	return false
}

// maxInRow is how many requests of a connection are answered while others wait, if they come faster than they are answered:
// what a read brings, a hundred and more, would be too many, since the scheduler counts reads.
const maxInRow = 16

// send sends the answer, unless the next request is there already: then the two are sent together.
func (c *conn) send() bool {
	if c.in.holdsHead() {
		c.out.leave()
		if c.inRow++; c.inRow >= maxInRow {
			c.inRow = 0
			gevent.Yield()
		}
		return true
	}
	return c.out.flush() == nil
}

// handle calls the handler. If that panics, the answer is 500 if none was begun, and the connection ends; a kill ends both.
func (c *conn) handle(t *turn) (ok bool) {
	defer func() {
		if ok {
			return
		}
		v := recover()
		if v == nil {
			return // a Goexit, which goes on
		}
		if v != http.ErrAbortHandler {
			c.server.logger().Error("http: panic serving", slog.String("remote", c.remote), slog.Any("panic", v),
				logged("method", t.request.Method), logged("uri", t.request.RequestURI),
				slog.String("stack", string(debug.Stack())))
			if !c.hijacked {
				t.w.r.fail()
			}
		}
	}()
	c.server.handler(t.request).ServeHTTP(&t.w, t.request)
	return true
}

// rstDelay is how long linger waits. As net/http has it.
const rstDelay = 500 * time.Millisecond

// linger lets the peer read the answer before the connection is closed: what it has sent and we have not read would make
// the system reset the connection, and the answer might be lost.
func (c *conn) linger() {
	if c.out.finish() != nil {
		return
	}
	if w, ok := c.Conn.(interface{ CloseWrite() error }); !ok || w.CloseWrite() != nil {
		return
	}
	c.in.release()
	c.limitRead(c.server.now() + rstDelay)
	for c.in.fill() == nil {
		c.in.release()
	}
}
