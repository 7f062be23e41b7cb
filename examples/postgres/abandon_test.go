//go:build unix

package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

const sleeping = "select count(*) from pg_stat_activity where query = 'select pg_sleep(3600)' and state = 'active'"

// A query whose greenlet is killed, or whose context or time ends, ends on the server, and its connection is not used again.
func TestAbandonedQueriesEnd(t *testing.T) {
	inHub(t, 2, func(p *pool) error {
		query := func(ctx context.Context) error {
			return p.do(func(c *pgx.Conn) error {
				_, err := c.Exec(ctx, "select pg_sleep(3600)")
				return err
			})
		}
		return p.do(func(other *pgx.Conn) error {
			killed := gevent.Spawn(func() error { return query(context.Background()) })
			require.NoError(t, until(other, sleeping, 1))
			require.NoError(t, killed.Kill())
			require.NoError(t, until(other, sleeping, 0))

			ctx, cancel := context.WithCancel(context.Background())
			canceled := gevent.Spawn(func() error { return query(ctx) })
			require.NoError(t, until(other, sleeping, 1))
			cancel()
			require.ErrorIs(t, canceled.Get(), context.Canceled)
			require.NoError(t, until(other, sleeping, 0))

			err := gevent.WithTimeout(50*time.Millisecond, func() error { return query(context.Background()) })
			require.ErrorIs(t, err, gevent.ErrTimeout)
			require.NoError(t, until(other, sleeping, 0))
			return p.do(sleep)
		})
	})
}

// Whatever it is doing when it is killed, no connection is left.
func TestKilledAnywhere(t *testing.T) {
	config, err := pgx.ParseConfig(server(t))
	require.NoError(t, err)
	require.NoError(t, gevent.Run(func() error {
		before := openFiles(t)
		for delay := range 20 {
			g := gevent.Spawn(func() error { return run(newPool(config, greenlets)) })
			if err := gevent.Sleep(time.Duration(delay*delay) * time.Millisecond); err != nil {
				return err
			}
			if err := g.Kill(); err != nil {
				return err
			}
			require.Equal(t, before, openFiles(t))
		}
		return nil
	}))
}
