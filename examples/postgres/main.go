// Postgres has twenty greenlets query a PostgreSQL server at once, through github.com/jackc/pgx, on one OS thread: first
// each waits for a query of 100 ms, then each makes 200 round trips. A ticker beside them tells how long nobody served it.
//
// On a greenlet: all calls of a pgx.Conn made as connect does, contexts included. Not CopyFrom, which waits for a goroutine
// (gevent.Await leads there), nor batches of megabytes with answers as large. Nor pgxpool: see pool.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"greenloop/gevent"
)

const (
	greenlets = 20
	trips     = 200
	period    = 5 * time.Millisecond
)

func main() {
	dsn := flag.String("dsn", "", "the server's `address` as a URL or in key=value form, beside PGHOST, PGUSER and so on")
	flag.Parse()
	config, err := pgx.ParseConfig(*dsn)
	if err == nil {
		err = gevent.Run(func() error { return run(newPool(config, greenlets)) })
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		fmt.Println("no server:", op)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		os.Exit(1)
	}
}

func run(p *pool) error {
	defer p.close()
	if err := p.fill(); err != nil {
		return err
	}
	var gap time.Duration
	ticker := gevent.SpawnNamed("ticker", func() error { return tick(&gap) })
	defer func() { _ = ticker.Kill() }()

	start := time.Now()
	if err := each(p, sleep); err != nil {
		return err
	}
	fmt.Printf("%d × a query of 100ms: %v in all\n", greenlets, time.Since(start).Round(time.Millisecond))

	start = time.Now()
	if err := each(p, count); err != nil {
		return err
	}
	fmt.Printf("%d × %d round trips: %v in all\n", greenlets, trips, time.Since(start).Round(time.Millisecond))
	fmt.Printf("the longest gap between two ticks, one due each %v: %v\n", period, gap.Round(time.Millisecond))
	return nil
}

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
