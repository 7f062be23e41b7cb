package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long the server may take over the first echo.
const patience = 10 * time.Second

// portsPerSource is how many connections leave from one loopback address. The
// kernel has some 28,000 ephemeral ports for each pair of addresses.
const portsPerSource = 20_000

// conn is one connection and the batch that is under way on it.
type conn struct {
	dialogue dialogue
	fd       int
	first    int    // bytes of the first message
	out, in  []byte // a batch, and all of its answer
	sent     int    // bytes of the batch written
	got      int    // bytes of its answer read
	sentAt   time.Duration
}

// greeting is room for the first answer.
const greeting = 4 << 10

// newConn is the i-th connection.
func newConn(p plan, i, fd int) conn {
	c := conn{fd: fd}
	if p.web {
		c.dialogue, c.out = newWeb(p.pipeline)
	} else {
		c.dialogue, c.out = newEcho(i, p.size, p.pipeline)
	}
	c.first = len(c.out) / p.pipeline
	return c
}

// dial connects the i-th connection, still in blocking mode.
func dial(addr *net.TCPAddr, i int) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, unix.Close(fd))
		}
	}()
	if source := i / portsPerSource; source > 0 && addr.IP.IsLoopback() {
		if err := bindSource(fd, source); err != nil {
			return -1, err
		}
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return -1, fmt.Errorf("set TCP_NODELAY: %w", err)
	}
	// Where every congestion control paces what it sends (BBR), the simplest one spares the generator its timers. It
	// is a matter of cost only: a system that refuses keeps its own.
	_ = unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")
	wait := unix.NsecToTimeval(patience.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return -1, fmt.Errorf("set SO_RCVTIMEO: %w", err)
	}
	to := unix.SockaddrInet4{Port: addr.Port}
	copy(to.Addr[:], addr.IP.To4())
	if err := unix.Connect(fd, &to); err != nil {
		return -1, fmt.Errorf("connect to %v: %w", addr, err)
	}
	return fd, nil
}

// bindSource lets the connection come from 127.0.0.(1+n).
func bindSource(fd, n int) error {
	// The port is chosen at connect, when the whole pair of addresses is known.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return fmt.Errorf("set IP_BIND_ADDRESS_NO_PORT: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + n)}}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

// greet sends the first message, in blocking mode.
func (c *conn) greet() error {
	c.dialogue.renew(c.out)
	if _, err := unix.Write(c.fd, c.out[:c.first]); err != nil {
		return fmt.Errorf("first message: %w", err)
	}
	return nil
}

// welcome waits for the first answer and makes the connection non-blocking.
func (c *conn) welcome() error {
	answer := make([]byte, max(greeting, c.first))
	for got, length := 0, 0; length == 0; {
		n, err := unix.Read(c.fd, answer[got:])
		switch {
		case errors.Is(err, unix.EAGAIN):
			return fmt.Errorf("first answer: none within %v", patience)
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("first answer: %w", err)
		case n == 0: // or there is no more room
			return fmt.Errorf("first answer: %w", io.ErrUnexpectedEOF)
		}
		got += n
		if length, err = c.dialogue.greeted(answer[:got]); err != nil {
			return err
		}
		c.in = make([]byte, length*(len(c.out)/c.first))
	}
	return unix.SetNonblock(c.fd, true)
}

// begin sends a new batch, as much of it as the socket takes.
func (c *conn) begin(now time.Duration) error {
	c.dialogue.renew(c.out)
	c.sent, c.got, c.sentAt = 0, 0, now
	return c.write()
}

func (c *conn) write() error {
	n, errno := rawWrite(c.fd, c.out[c.sent:])
	if errno != 0 && errno != unix.EAGAIN {
		return fmt.Errorf("write: %w", errno)
	}
	c.sent += n
	return nil
}

// read takes what has come back; complete says that it was the last of the batch.
func (c *conn) read() (complete bool, err error) {
	n, errno := rawRead(c.fd, c.in[c.got:])
	switch {
	case errno == unix.EAGAIN:
		return false, nil
	case errno != 0:
		return false, fmt.Errorf("read: %w", errno)
	case n == 0:
		return false, fmt.Errorf("the server hung up: %w", io.ErrUnexpectedEOF)
	}
	c.got += n
	if c.got < len(c.in) {
		return false, nil // a short read; the rest will be an event of its own
	}
	return true, c.dialogue.verify(c.out, c.in)
}
