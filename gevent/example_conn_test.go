//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"greenloop/gevent"
)

// A Unix domain socket is listened on by the name of its file, which goes with the listener.
func ExampleUnixListener() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "socket")
	err := gevent.Run(func() error {
		l, err := gevent.Listen("unix", name)
		if err != nil {
			return err
		}
		fmt.Println("listening on", l.Addr().Network(), filepath.Base(l.Addr().String()))
		return l.Close()
	})
	_, gone := os.Stat(name)
	fmt.Println(err, os.IsNotExist(gone))
	// Output:
	// listening on unix socket
	// <nil> true
}

func ExampleSocketPair() {
	err := gevent.Run(func() error {
		a, b, err := gevent.SocketPair()
		if err != nil {
			return err
		}
		answer := gevent.Go(func() (string, error) { return bufio.NewReader(a).ReadString('\n') })
		fmt.Fprintln(b, "hello")
		text, err := answer.Get()
		fmt.Printf("%q\n", text)
		return err
	})
	fmt.Println(err)
	// Output:
	// "hello\n"
	// <nil>
}

// Several listeners on one address, each of which may belong to another hub.
func ExampleListenConfig() {
	err := gevent.Run(func() error {
		config := gevent.ListenConfig{
			ReusePort: true,
			Backlog:   128,
			Control: func(network, _ string, _ syscall.RawConn) error {
				fmt.Println("a new socket for", network)
				return nil
			},
		}
		one, err := config.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		other, err := config.Listen("tcp", one.Addr().String())
		if err != nil {
			return err
		}
		fmt.Println("the same address:", one.Addr().String() == other.Addr().String())
		return nil
	})
	fmt.Println(err)
	// Output:
	// a new socket for tcp4
	// a new socket for tcp4
	// the same address: true
	// <nil>
}

// A proxy: on Linux the bytes do not leave the kernel where that is cheaper.
func ExampleTCPConn_ReadFrom() {
	err := gevent.Run(func() error {
		client, from, err := gevent.SocketPair()
		if err != nil {
			return err
		}
		to, server, err := gevent.SocketPair()
		if err != nil {
			return err
		}
		gevent.Spawn(func() error {
			defer to.Close()
			_, err := io.Copy(to, from)
			return err
		})
		fmt.Fprint(client, "through the proxy")
		if err := client.Close(); err != nil {
			return err
		}
		text, err := io.ReadAll(server)
		fmt.Println(string(text))
		return err
	})
	fmt.Println(err)
	// Output:
	// through the proxy
	// <nil>
}

// A header and a body leave with one system call.
func ExampleTCPConn_WriteBuffers() {
	err := gevent.Run(func() error {
		a, b, err := gevent.SocketPair()
		if err != nil {
			return err
		}
		n, err := a.WriteBuffers(&net.Buffers{[]byte("header "), []byte("body")})
		if err != nil {
			return err
		}
		text := make([]byte, n)
		_, err = io.ReadFull(b, text)
		fmt.Println(string(text))
		return err
	})
	fmt.Println(err)
	// Output:
	// header body
	// <nil>
}

// A listener that the process has been given, as by a service manager.
func ExampleFileListener() {
	given, _ := net.Listen("tcp", "127.0.0.1:0")
	defer given.Close()
	file, _ := given.(*net.TCPListener).File()
	defer file.Close()
	err := gevent.Run(func() error {
		l, err := gevent.FileListener(file)
		if err != nil {
			return err
		}
		fmt.Println(l.Addr().String() == given.Addr().String())
		return nil
	})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}
