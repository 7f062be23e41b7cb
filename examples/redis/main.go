// Redis has twenty greenlets talk to a Redis server at once, through github.com/gomodule/redigo, on one OS thread: first
// each waits in a BLPOP, then each makes 200 round trips. A ticker beside them tells for how long it was not served.
//
// On a greenlet: Dial with gevent's dialer, Do, DoWithTimeout, Send, Flush, Receive, PubSubConn, Pool without Wait. Not
// DoContext, nor a Pool with Wait, which wait on Go channels: in place of Wait put a gevent.Guard before the pool.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/gomodule/redigo/redis"

	"greenloop/gevent"
)

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("REDIS_ADDR"), "127.0.0.1:6379"), "the server's `address`")
	flag.Parse()
	err := gevent.Run(func() error { return run(*addr) })
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		fmt.Println("no server:", err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "redis:", err)
		os.Exit(1)
	}
}

func dial(addr string) (redis.Conn, error) {
	return redis.Dial("tcp", addr, redis.DialNetDial(gevent.Dial))
}

func run(addr string) error {
	feeder, err := dial(addr)
	if err != nil {
		return err
	}
	defer feeder.Close()
	clients := make([]*client, 20)
	for i := range clients {
		conn, err := dial(addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		clients[i] = &client{conn, fmt.Sprintf("greenloop:%d:%d", os.Getpid(), i)}
	}
	var gap time.Duration
	ticker := gevent.SpawnNamed("ticker", func() error { return tick(&gap) })
	defer func() { _ = ticker.Kill() }()

	const wait = 100 * time.Millisecond
	start := time.Now()
	feed := gevent.SpawnLater(wait, func() error {
		for _, c := range clients {
			if _, err := feeder.Do("RPUSH", c.key, "a bun"); err != nil {
				return err
			}
		}
		return nil
	})
	defer func() { _ = feed.Kill() }()
	if err := errors.Join(each(clients, (*client).pop), feed.Get()); err != nil {
		return err
	}
	fmt.Printf("%d × BLPOP, fed after %v: %v in all\n", len(clients), wait, time.Since(start).Round(time.Millisecond))

	const trips = 200
	start = time.Now()
	if err := each(clients, func(c *client) error { return c.count(trips) }); err != nil {
		return err
	}
	fmt.Printf("%d × %d round trips: %v in all\n", len(clients), trips, time.Since(start).Round(time.Millisecond))
	fmt.Printf("the longest gap between two ticks, one due each %v: %v\n", period, gap.Round(time.Millisecond))
	return nil
}

const period = 5 * time.Millisecond

// tick keeps the longest time between two of its turns.
func tick(gap *time.Duration) error {
	for last := time.Now(); ; {
		if err := gevent.Sleep(period); err != nil {
			return err
		}
		now := time.Now()
		*gap, last = max(*gap, now.Sub(last)), now
	}
}
