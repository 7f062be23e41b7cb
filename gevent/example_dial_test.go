//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"greenloop/gevent"
)

// A library that takes a dial function of the user's own takes DialContext.
func ExampleDialer() {
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		d := gevent.Dialer{Timeout: time.Second, KeepAlive: time.Minute}
		var dial func(ctx context.Context, network, address string) (net.Conn, error) = d.DialContext
		c, err := dial(gevent.Context(), "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		fmt.Println(c.RemoteAddr().String() == l.Addr().String())
		return c.Close()
	})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleResolver() {
	_ = gevent.Run(func() error {
		r := &gevent.Resolver{TTL: time.Minute}
		addrs, err := r.LookupNetIP(context.Background(), "ip4", "localhost")
		fmt.Println(addrs, err)
		_, err = r.LookupHost(context.Background(), "")
		var e *net.DNSError
		fmt.Println(errors.As(err, &e) && e.IsNotFound)
		return nil
	})
	// Output:
	// [127.0.0.1] <nil>
	// true
}
