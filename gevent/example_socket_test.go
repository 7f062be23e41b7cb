//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

func ExampleStreamServer() {
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		echo := &gevent.StreamServer{Handler: func(c net.Conn) error {
			_, err := io.Copy(c, c)
			return err
		}}
		server := gevent.Spawn(func() error { return echo.Serve(l) })

		c, err := gevent.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		fmt.Fprintln(c, "hello")
		line, err := bufio.NewReader(c).ReadString('\n')
		fmt.Printf("%q %v\n", line, err)
		c.Close()

		fmt.Println("killed:", echo.Stop(time.Second))
		fmt.Println(server.Get())
		return nil
	})
	fmt.Println(err)
	// Output:
	// "hello\n" <nil>
	// killed: 0
	// gevent: server stopped
	// <nil>
}

func ExampleTCPConn_SetDeadline() {
	_ = gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		c, err := gevent.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if err := c.SetDeadline(time.Now().Add(time.Millisecond)); err != nil {
			return err
		}
		_, err = c.Read(make([]byte, 1))
		fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
		return nil
	})
	// Output: true
}

func ExampleDialTimeout() {
	_ = gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		l.Close()
		_, err = gevent.DialTimeout("tcp", l.Addr().String(), time.Second)
		fmt.Println(errors.Is(err, syscall.ECONNREFUSED))
		return nil
	})
	// Output: true
}

func ExampleWaitSignal() {
	_ = gevent.Run(func() error {
		g := gevent.Go(func() (os.Signal, error) { return gevent.WaitSignal(syscall.SIGHUP) })
		gevent.Yield() // it waits now
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			return err
		}
		fmt.Println(g.Get())
		return nil
	})
	// Output: hangup <nil>
}
