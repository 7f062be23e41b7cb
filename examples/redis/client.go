package main

import (
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"greenloop/gevent"
)

// A client has a connection and a key of its own.
type client struct {
	conn redis.Conn
	key  string
}

// each calls fn for all clients at once, each in a greenlet, and waits for them.
func each(clients []*client, fn func(*client) error) error {
	return gevent.Nurse(func(n *gevent.Nursery) error {
		for _, c := range clients {
			n.Spawn(func() error { return fn(c) })
		}
		return nil
	})
}

// pop waits until something is pushed, for a minute at most; the connection's own read timeout is not to end it before.
func (c *client) pop() error {
	_, err := redis.Strings(redis.DoWithTimeout(c.conn, 0, "BLPOP", c.key, time.Minute.Seconds()))
	return err
}

// count makes n round trips and one more, in which the server tells how many it has seen.
func (c *client) count(n int) error {
	for range n {
		if _, err := c.conn.Do("INCR", c.key); err != nil {
			return err
		}
	}
	seen, err := redis.Int(c.conn.Do("GETDEL", c.key))
	if err == nil && seen != n {
		err = fmt.Errorf("%s is %d, not %d", c.key, seen, n)
	}
	return err
}
