//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// A server that gives each client ten seconds for its handshake, and a client.
func Example() {
	clientConfig, serverConfig := configs(nil) // a certificate for "server.test", and trust in it
	err := gevent.Run(func() error {
		l, err := ssl.Listen("tcp", "127.0.0.1:0", serverConfig)
		if err != nil {
			return err
		}
		echo := &gevent.StreamServer{Handler: func(c net.Conn) error {
			if err := gevent.WithTimeout(10*time.Second, c.(*ssl.Conn).Handshake); err != nil {
				return err
			}
			_, err := io.Copy(c, c)
			return err
		}}
		server := gevent.Spawn(func() error { return echo.Serve(l) })

		c, err := ssl.Dial("tcp", l.Addr().String(), clientConfig)
		if err != nil {
			return err
		}
		fmt.Println(tls.VersionName(c.ConnectionState().Version))
		if _, err := io.WriteString(c, "there and back"); err != nil {
			return err
		}
		if err := c.CloseWrite(); err != nil {
			return err
		}
		text, err := io.ReadAll(c)
		fmt.Printf("%s\n", text)
		c.Close()
		echo.Stop(time.Second)
		fmt.Println(server.Get())
		return err
	})
	fmt.Println(err)
	// Output:
	// TLS 1.3
	// there and back
	// gevent: server stopped
	// <nil>
}

// A connection that begins in plain text goes on in TLS, as mail servers do it.
func ExampleServer() {
	clientConfig, serverConfig := configs(nil)
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := gevent.Spawn(func() error {
			plain, err := l.Accept()
			if err != nil {
				return err
			}
			defer plain.Close()
			if _, err := bufio.NewReader(plain).ReadString('\n'); err != nil {
				return err
			}
			if _, err := io.WriteString(plain, "go ahead\n"); err != nil {
				return err
			}
			c := ssl.Server(plain, serverConfig)
			defer c.Close()
			_, err = io.WriteString(c, "nobody else can read this\n")
			return err
		})
		plain, err := gevent.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if _, err := io.WriteString(plain, "STARTTLS\n"); err != nil {
			return err
		}
		answer := make([]byte, len("go ahead\n")) // not more: what follows is TLS
		if _, err := io.ReadFull(plain, answer); err != nil {
			return err
		}
		c := ssl.Client(plain, clientConfig)
		defer c.Close()
		text, err := io.ReadAll(c)
		fmt.Printf("%s%s", answer, text)
		if err != nil {
			return err
		}
		return server.Get()
	})
	fmt.Println(err)
	// Output:
	// go ahead
	// nobody else can read this
	// <nil>
}

// With idle clients by the thousand none holds a buffer: WaitRead waits for something to read, and then there is one.
func ExampleConn_WaitRead() {
	clientConfig, serverConfig := configs(nil)
	err := gevent.Run(func() error {
		l, err := ssl.Listen("tcp", "127.0.0.1:0", serverConfig)
		if err != nil {
			return err
		}
		server := gevent.Spawn(func() error {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			for {
				if err := c.(*ssl.Conn).WaitRead(); err != nil {
					return err
				}
				buffer := make([]byte, 4096) // from a pool, say
				n, err := c.Read(buffer)
				if err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				fmt.Printf("%s\n", buffer[:n])
			}
		})
		c, err := ssl.Dial("tcp", l.Addr().String(), clientConfig)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(c, "hello"); err != nil {
			return err
		}
		c.Close()
		return server.Get()
	})
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
}
