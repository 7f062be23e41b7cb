package http

import (
	"context"
	"errors"
	"os"

	"greenloop/gevent"
)

// This file is how a handler that asked for its context's Done learns that the client has gone: a greenlet reads ahead
// while the handler runs.

// A watcher is who reads ahead.
type watcher struct {
	greenlet *gevent.Greenlet // nil: nobody
	wanted   bool             // the handler has asked
}

// watch starts the watcher, or leaves that to the end of the body: until then the handler's own reads tell.
func (c *conn) watch() {
	if c.hijacked {
		return // what comes is no longer ours
	}
	c.watcher.wanted = true
	if c.watcher.greenlet == nil && c.current.body.complete() {
		if !c.reading.own {
			c.limitRead(0)
		}
		c.watcher.greenlet = gevent.SpawnNamed("watch for the client to go", c.lookOut)
	}
}

// bodyEnded is told that the body has been read.
func (c *conn) bodyEnded() {
	if c.watcher.wanted {
		c.watch()
	}
}

// lookOut waits until something comes, which is kept, or the client goes.
func (c *conn) lookOut() error {
	t := c.current
	switch err := c.in.fill(); {
	case err == nil:
	case c.watcher.greenlet == nil && errors.Is(err, os.ErrDeadlineExceeded): // unwatch
	default:
		t.context.cancel(context.Canceled)
	}
	return nil
}

// unwatch ends the watcher and waits until it has ended. It is not killed, since a connection that is not gevent's own need
// not survive that: a deadline ends its read.
func (c *conn) unwatch() {
	g := c.watcher.greenlet
	c.watcher = watcher{}
	if g == nil || g.Ready() {
		return
	}
	c.limitRead(1)
	_ = gevent.Shield(g.Join)
	c.limitRead(0)
}
