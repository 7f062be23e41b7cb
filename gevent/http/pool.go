package http

import (
	"container/list"
	"errors"
	"net/http"

	"greenloop/gevent"
)

// An idlePool keeps the connections of a Transport: those that are idle, and how many there are for each host.
type idlePool struct {
	hosts   map[trKey]*idleHost
	lru     list.List // of *trConn, those that are idle, the longest first
	closing bool      // what becomes idle is closed, until the next request
}

// An idleHost is what there is for one key.
type idleHost struct {
	pool *idlePool
	key  trKey
	idle []*trConn // the last used comes last
	open int       // connections, those that are being made or are idle included
	line list.List // of *idleWaiter, the first to come first
}

// An idleWaiter waits for a connection, or for leave to make one.
type idleWaiter struct {
	turn gevent.Event
	conn *trConn // given with the turn; nil: make one
}

func (p *idlePool) host(key trKey) *idleHost {
	h := p.hosts[key]
	if h == nil {
		if p.hosts == nil {
			p.hosts = make(map[trKey]*idleHost)
		}
		h = &idleHost{pool: p, key: key}
		p.hosts[key] = h
	}
	return h
}

// pop takes the connection that was used last out of those that are idle; nil if there is none.
func (h *idleHost) pop() *trConn {
	if len(h.idle) == 0 {
		return nil
	}
	c := h.idle[len(h.idle)-1]
	h.remove(c)
	return c
}

// remove takes c, which is idle, out.
func (h *idleHost) remove(c *trConn) {
	for i := len(h.idle) - 1; i >= 0; i-- {
		if h.idle[i] == c {
			h.idle = append(h.idle[:i], h.idle[i+1:]...)
			break
		}
	}
	h.pool.lru.Remove(c.place)
	c.place = nil
	if c.timer != nil {
		c.timer.Stop()
	}
}

// enter counts a connection that the caller is about to make, or waits in line, under a limit above zero, until one is
// given to it or another one has gone.
func (h *idleHost) enter(limit int) (*trConn, error) {
	if limit <= 0 || h.open < limit {
		h.open++
		return nil, nil
	}
	w := new(idleWaiter)
	place, taken := h.line.PushBack(w), false
	defer func() { // also if the wait is ended by a kill
		switch {
		case taken:
		case !w.turn.IsSet():
			h.line.Remove(place)
		case w.conn != nil:
			w.conn.release()
		default:
			h.leave()
		}
	}()
	if err := w.turn.Wait(); err != nil {
		return nil, err
	}
	taken = true
	return w.conn, nil
}

// leave counts a connection that is gone, or was never made. Who waits longest may make one instead.
func (h *idleHost) leave() {
	if h.give(nil) {
		return
	}
	if h.open--; h.open == 0 {
		delete(h.pool.hosts, h.key)
	}
}

// give gives c, or leave to make one, to who waits longest, and reports whether somebody did.
func (h *idleHost) give(c *trConn) bool {
	first := h.line.Front()
	if first == nil {
		return false
	}
	w := h.line.Remove(first).(*idleWaiter)
	w.conn = c
	w.turn.Set()
	return true
}

// Why a connection is not kept, for those who trace it.
var (
	errTrNoKeepAlive = errors.New("http: connections are not kept")
	errTrClosing     = errors.New("http: CloseIdleConnections was called")
	errTrManyIdle    = errors.New("http: there are enough idle connections to that host")
)

// release keeps the connection, which has done its exchange, for the next one, or closes it and says why.
func (c *trConn) release() error {
	t, h := c.t, c.host
	c.reused = true
	var refused error
	switch {
	case t.DisableKeepAlives || t.MaxIdleConnsPerHost < 0:
		refused = errTrNoKeepAlive
	case h.give(c):
		return nil
	case h.pool.closing:
		refused = errTrClosing
	case len(h.idle) >= trOr(t.MaxIdleConnsPerHost, http.DefaultMaxIdleConnsPerHost):
		refused = errTrManyIdle
	}
	if refused != nil {
		c.close()
		return refused
	}
	h.idle = append(h.idle, c)
	c.place = h.pool.lru.PushBack(c)
	if most := trOr(t.MaxIdleConns, trMaxIdle); most >= 0 && h.pool.lru.Len() > most {
		h.pool.lru.Front().Value.(*trConn).closeIdle()
	}
	if d := trOr(t.IdleConnTimeout, trIdleTimeout); d > 0 {
		if c.timer == nil {
			c.timer = gevent.AfterFunc(d, c.expire)
		} else {
			c.timer.Reset(d)
		}
	}
	return nil
}

// closeIdle closes all that are idle.
func (p *idlePool) closeIdle() {
	p.closing = true
	for p.lru.Len() > 0 {
		p.lru.Front().Value.(*trConn).closeIdle()
	}
}

// closeIdle closes c, which is idle.
func (c *trConn) closeIdle() {
	c.host.remove(c)
	c.close()
}

// expire closes c if it is idle still: it may have been taken after its time had come, before this greenlet ran.
func (c *trConn) expire() {
	if c.place != nil {
		c.closeIdle()
	}
}
