//go:build unix

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// inHub runs body in a greenlet, with a pool.
func inHub(t *testing.T, size int, body func(p *pool) error) {
	t.Helper()
	config, err := pgx.ParseConfig(server(t))
	require.NoError(t, err)
	require.NoError(t, gevent.Run(func() error {
		return gevent.WithTimeout(limit, func() error {
			p := newPool(config, size)
			defer p.close()
			return body(p)
		})
	}))
}

const waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%shared%'"

// Nineteen wait for a lock of the server's that the twentieth gives back when it sees them all: none may block the thread.
func TestAllQueryAtOnce(t *testing.T) { waitTogether(t, greenlets-1, "") }

// Nor may one whose query takes so long to be sent that pgx has a goroutine read ahead.
func TestSlowWriteBlocksNobody(t *testing.T) { waitTogether(t, 1, strings.Repeat("long", 16<<20)) }

func waitTogether(t *testing.T, n int, text string) {
	ctx := context.Background()
	inHub(t, n+1, func(p *pool) error {
		return p.do(func(holder *pgx.Conn) error {
			if _, err := holder.Exec(ctx, "select pg_advisory_lock(1)"); err != nil {
				return err
			}
			return gevent.Nurse(func(nursery *gevent.Nursery) error {
				for range n {
					nursery.Spawn(func() error {
						return p.do(func(c *pgx.Conn) error {
							_, err := c.Exec(ctx, "select pg_advisory_lock_shared(1), length($1)", text)
							return err
						})
					})
				}
				if err := until(holder, waiting, n); err != nil {
					return err
				}
				_, err := holder.Exec(ctx, "select pg_advisory_unlock(1)")
				return err
			})
		})
	})
}

// until asks until the answer is n.
func until(c *pgx.Conn, sql string, n int) error {
	for got := -1; got != n; {
		if err := c.QueryRow(context.Background(), sql).Scan(&got); err != nil {
			return err
		}
	}
	return nil
}
