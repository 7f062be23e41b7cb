package http

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"greenloop/gevent"
)

// A connContext is what the contexts of a connection's requests have in common.
type connContext struct {
	context.Context // what the requests' derive from
	hub             *gevent.Hub
	server          *http.Server
	local           net.Addr
}

func (v *connContext) Value(key any) any {
	switch key {
	case http.ServerContextKey:
		return v.server
	case http.LocalAddrContextKey:
		return v.local
	}
	return v.Context.Value(key)
}

// A requestContext is the context of a request: it is canceled when the handler returns, or the client has gone, which costs a
// greenlet that looks out for that, so there is one only once Done was called. Safe from any goroutine, except where noted.
type requestContext struct {
	values *connContext
	conn   *conn // nil once the turn is over; hub thread only

	mu    sync.Mutex // never held while anything is called
	err   error
	done  chan struct{} // nil until Done was called
	after *afterFunc    // newest first
	stop  func() bool   // ends following the connection's context
}

// An afterFunc is a function that is to be called once the context is done.
type afterFunc struct {
	fn   func() // nil: no more
	next *afterFunc
}

// Deadline returns that of the context of the connection.
func (x *requestContext) Deadline() (time.Time, bool) { return x.values.Deadline() }

// Value returns what the context of the connection has.
func (x *requestContext) Value(key any) any { return x.values.Value(key) }

// Err returns nil while the request is being handled, and the client is not known to have gone.
func (x *requestContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil {
		return x.err
	}
	return x.values.Err()
}

// Done returns a channel that is closed when the context is canceled. The first call has a greenlet look out for that.
func (x *requestContext) Done() <-chan struct{} {
	x.mu.Lock()
	done, first := x.done, x.done == nil
	if first {
		done = make(chan struct{})
		x.done = done
		if x.err != nil {
			close(done)
			first = false
		}
	}
	x.mu.Unlock()
	if first {
		x.follow()
	}
	return done
}

// follow begins to look out for what cancels the context before the handler returns.
func (x *requestContext) follow() {
	if hub := x.values.hub; hub == gevent.GetHub() {
		x.watch()
	} else {
		hub.Post(x.watch) // one that has ended has canceled all
	}
	if x.values.Done() == nil {
		return
	}
	stop := context.AfterFunc(x.values.Context, func() { x.cancel(x.values.Err()) })
	x.mu.Lock()
	over := x.err != nil
	if !over {
		x.stop = stop
	}
	x.mu.Unlock()
	if over {
		stop()
	}
}

// watch has the connection watched. Hub thread only.
func (x *requestContext) watch() {
	if x.conn != nil {
		x.conn.watch()
	}
}

// AfterFunc has fn called once the context is canceled. Package context asks for it, which then needs no goroutine.
func (x *requestContext) AfterFunc(fn func()) (stop func() bool) {
	x.Done()
	f := &afterFunc{fn: fn}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil {
		go fn() // the caller may hold a lock that fn needs
		return func() bool { return false }
	}
	f.next = x.after
	x.after = f
	return func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		was := f.fn != nil
		f.fn = nil
		return was
	}
}

// cancel makes the context done.
func (x *requestContext) cancel(err error) {
	x.mu.Lock()
	if x.err != nil {
		x.mu.Unlock()
		return
	}
	x.err = err
	if x.done != nil {
		close(x.done)
	}
	after, stop := x.after, x.stop
	x.after, x.stop = nil, nil
	x.mu.Unlock()
	if stop != nil {
		stop()
	}
	for ; after != nil; after = after.next {
		x.mu.Lock()
		fn := after.fn
		after.fn = nil
		x.mu.Unlock()
		if fn != nil {
			fn()
		}
	}
}

// end is told that the handler has returned. Hub thread only.
func (x *requestContext) end() {
	x.conn = nil
	x.cancel(context.Canceled)
}
