//go:build unix

package netpoll_test

import (
	"fmt"

	"golang.org/x/sys/unix"

	"greenloop/netpoll"
)

// conn owns an fd and keeps the contract: try first, Arm before waiting, Remove before closing.
type conn struct {
	fd      int
	watcher netpoll.Watcher
}

func Example() {
	ends, _ := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	_ = unix.SetNonblock(ends[0], true)
	defer unix.Close(ends[1])

	p, err := netpoll.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	c := &conn{fd: ends[0]}
	c.watcher.Owner = c
	_ = p.Add(c.fd, &c.watcher)
	events := make([]netpoll.Event, 8)
	_, _ = p.Wait(events, -1) // what it is ready for at Add
	fmt.Println(events[0].Ready)

	buf := make([]byte, 100)
	_, err = unix.Read(c.fd, buf)
	fmt.Println(err)
	_ = p.Arm(&c.watcher, netpoll.Readable)

	_, _ = unix.Write(ends[1], []byte("hello"))
	n, _ := p.Wait(events, -1)
	for _, ev := range events[:n] {
		c := ev.Watcher.Owner.(*conn)
		n, _ := unix.Read(c.fd, buf)
		fmt.Printf("%s\n", buf[:n])
	}

	_ = p.Remove(&c.watcher)
	_ = unix.Close(c.fd)
	fmt.Println(p.Len())
	// Output:
	// Writable
	// resource temporarily unavailable
	// hello
	// 0
}
