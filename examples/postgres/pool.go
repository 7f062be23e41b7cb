package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"greenloop/gevent"
)

// A pool lends connections to greenlets. pgxpool cannot: it makes them in goroutines and waits for these on Go channels,
// where the thread of all greenlets would stand still.
type pool struct {
	config *pgx.ConnConfig
	room   *gevent.Guard // as many at once as there may be connections
	idle   []*pgx.Conn   // those that nobody has
}

func newPool(config *pgx.ConnConfig, size int) *pool {
	return &pool{config: config, room: gevent.NewGuard(size)}
}

// do lends fn a connection, for which it waits if all are lent.
func (p *pool) do(fn func(*pgx.Conn) error) error {
	return p.room.Do(func() error {
		c, err := p.take()
		if err != nil {
			return err
		}
		defer p.give(c) // a kill in the middle of a query comes by here, too
		return fn(c)
	})
}

func (p *pool) take() (*pgx.Conn, error) {
	if last := len(p.idle) - 1; last >= 0 {
		c := p.idle[last]
		p.idle = p.idle[:last]
		return c, nil
	}
	return connect(p.config)
}

// give takes a connection back, unless it is in the middle of something: that ends, on the server, too.
func (p *pool) give(c *pgx.Conn) {
	pg := c.PgConn()
	if !pg.IsBusy() && !pg.IsClosed() && pg.TxStatus() == 'I' {
		p.idle = append(p.idle, c)
		return
	}
	_ = gevent.WithTimeout(time.Second, func() error {
		if pg.IsBusy() {
			_ = pg.CancelRequest(context.Background())
		}
		return c.Close(context.Background())
	})
}

// fill makes all connections, so that later nobody waits for one to be made.
func (p *pool) fill() error {
	for range p.room.Size() - len(p.idle) {
		c, err := connect(p.config)
		if err != nil {
			return err
		}
		p.give(c)
	}
	return nil
}

// close closes the connections that nobody has.
func (p *pool) close() {
	for _, c := range p.idle {
		_ = c.Close(context.Background())
	}
	p.idle = nil
}
