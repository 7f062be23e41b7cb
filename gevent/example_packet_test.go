//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"greenloop/gevent"
)

func ExampleDatagramServer() {
	err := gevent.Run(func() error {
		c, err := gevent.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &gevent.DatagramServer{MaxHandlers: 100}
		server.Handler = func(data []byte, from net.Addr) error {
			_, err := server.WriteTo(bytes.ToUpper(data), from)
			return err
		}
		serving := server.Start(c)

		client, err := gevent.DialUDP("udp", c.LocalAddr().String())
		if err != nil {
			return err
		}
		if _, err := client.Write([]byte("hello")); err != nil {
			return err
		}
		answer := make([]byte, 100)
		n, err := client.Read(answer)
		fmt.Printf("%s %v\n", answer[:n], err)

		fmt.Println("killed:", server.Stop(time.Second))
		fmt.Println(serving.Get())
		return nil
	})
	fmt.Println(err)
	// Output:
	// HELLO <nil>
	// killed: 0
	// gevent: server stopped
	// <nil>
}

func ExampleUDPConn_ReadBatch() {
	err := gevent.Run(func() error {
		a, err := gevent.ListenUDP("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		b, err := gevent.DialUDP("udp", a.LocalAddr().String())
		if err != nil {
			return err
		}
		texts := []gevent.Message{
			{Buffers: [][]byte{[]byte("one")}},
			{Buffers: [][]byte{[]byte("two")}},
		}
		n, err := b.WriteBatch(texts)
		fmt.Println("sent:", n, err)
		room := make([]gevent.Message, 8)
		for i := range room {
			room[i].Buffers = [][]byte{make([]byte, 1500)}
		}
		for got := 0; got < len(texts); {
			n, err := a.ReadBatch(room)
			if err != nil {
				return err
			}
			for _, m := range room[:n] {
				fmt.Printf("%s\n", m.Buffers[0][:m.N])
			}
			got += n
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// sent: 2 <nil>
	// one
	// two
	// <nil>
}

func ExamplePoll() {
	err := gevent.Run(func() error {
		a, fromA, err := gevent.Pipe()
		if err != nil {
			return err
		}
		b, fromB, err := gevent.Pipe()
		if err != nil {
			return err
		}
		gevent.AfterFunc(time.Millisecond, func() { fmt.Fprint(fromB, "x") })
		ready, err := gevent.Poll(a.Readable(), b.Readable())
		fmt.Println(slices.Contains(ready, a.Readable()), slices.Contains(ready, b.Readable()), err)
		ready, err = gevent.Poll(fromA.Writable(), b.Readable())
		fmt.Println(len(ready), err)
		_, err = gevent.PollTimeout(time.Millisecond, a.Readable())
		fmt.Println(err == gevent.ErrTimeout)
		return nil
	})
	fmt.Println(err)
	// Output:
	// false true <nil>
	// 2 <nil>
	// true
	// <nil>
}

// A descriptor of a library is waited for, together with a greenlet.
func ExampleWatchFd() {
	r, w, err := os.Pipe() // stands for the library's
	if err != nil {
		return
	}
	defer r.Close()
	defer w.Close()
	err = gevent.Run(func() error {
		watch, err := gevent.WatchFd(int(r.Fd()))
		if err != nil {
			return err
		}
		defer watch.Close()
		clock := gevent.SpawnLater(time.Millisecond, func() error {
			_, err := w.WriteString("data")
			return err
		})
		ready, err := gevent.Wait(watch.Readable(), clock)
		fmt.Println(ready[0] == gevent.Waitable(clock), ready[1] == gevent.Waitable(watch.Readable()), err)
		return nil
	})
	fmt.Println(err)
	// Output:
	// true true <nil>
	// <nil>
}

func ExampleStreamServer_limits() {
	server := &gevent.StreamServer{
		Handler:     func(c net.Conn) error { _, err := c.Write([]byte("bye\n")); return err },
		MaxConns:    1000,             // more wait in the system's queue
		IdleTimeout: 30 * time.Second, // of a client that neither sends nor takes anything
		Timeout:     time.Hour,        // of a client that does, for ever
		OnError:     func(c net.Conn, err error) { fmt.Println(err) },
	}
	_ = func() error {
		return gevent.Run(func() error {
			l, err := gevent.Listen("tcp", "127.0.0.1:8080")
			if err != nil {
				return err
			}
			return server.Serve(l)
		})
	}
}
