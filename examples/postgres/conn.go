package main

import (
	"context"
	"io"
	"net"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"greenloop/gevent"
)

// connect makes a connection whose calls park the greenlet that makes them.
func connect(config *pgx.ConnConfig) (c *pgx.Conn, err error) {
	var made net.Conn
	defer func() {
		if c == nil && made != nil { // as after a kill in the middle of it
			_ = made.Close()
		}
	}()
	config = config.Copy()
	config.LookupFunc = gevent.GetHub().Resolver().LookupHost
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if gevent.Current() == nil { // pgx has a query canceled by a goroutine, if its context ends
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		conn, err := new(gevent.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		made = ownConn{conn}
		return made, nil
	}
	config.BuildFrontend = func(_ io.Reader, conn io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(conn.(io.Reader), conn)
	}
	return pgx.ConnectConfig(context.Background(), config)
}

// An ownConn is read by greenlets alone. When a write takes longer than 15 ms, pgx has a goroutine read ahead, and waits for
// it in a sync.Cond, where the thread would stand still until the server answers. So that goroutine gets nothing to read,
// and the frontend above reads from the connection itself.
type ownConn struct{ net.Conn }

func (c ownConn) Read(b []byte) (int, error) {
	if gevent.Current() == nil {
		return 0, os.ErrDeadlineExceeded // an error after which a TLS connection goes on
	}
	return c.Conn.Read(b)
}
