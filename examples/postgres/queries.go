package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"greenloop/gevent"
)

// each has as many greenlets as the pool is large call fn at once, and waits for them.
func each(p *pool, fn func(*pgx.Conn) error) error {
	return gevent.Nurse(func(n *gevent.Nursery) error {
		for range p.room.Size() {
			n.Spawn(func() error { return p.do(fn) })
		}
		return nil
	})
}

// sleep makes one query that takes its time.
func sleep(c *pgx.Conn) error {
	_, err := c.Exec(context.Background(), "select pg_sleep(0.1)")
	return err
}

// count makes as many queries as there are trips, each with the answer to the one before.
func count(c *pgx.Conn) error {
	n := 0
	for range trips {
		if err := c.QueryRow(context.Background(), "select $1::int + 1", n).Scan(&n); err != nil {
			return err
		}
	}
	if n != trips {
		return fmt.Errorf("the server counted %d, not %d", n, trips)
	}
	return nil
}
