package main

import (
	"bytes"
	"errors"
	"io"
	"net"

	"greenloop/gevent"
)

const clients = 100

var echo = workload{
	name: "echo", title: "Echo over TCP", unit: "a round trip",
	what: `
		A server on the loopback interface sends back what it receives, a member for each connection; 100
		clients in the same process send 64 bytes, wait for them and send again. The size is the number of
		round trips.`,
	conclusion: `
		Most of this is the kernel's work, at least four system calls for each round trip, so that the
		ways of waiting differ by less than where nothing is done but to hand over. A hub asks the kernel
		once for all that has become ready, as Go's scheduler does. Several cores serve several connections at the same time. A
		goroutine that is locked to a thread still waits in Go's poller, and then its thread is woken:
		that is two wake-ups, where a thread of a C program has one.`,
	normal:     sizes{full: 50_000, threads: 10_000, gevent: 12_000, threading: 10_000},
	quick:      sizes{full: 4_000, threads: 1_000, gevent: 1_000, threading: 1_000},
	answer:     same,
	coroutines: echoCoroutines, goroutines: echoGoroutines,
}

func echoCoroutines(n int) (answered int64, err error) {
	l, err := gevent.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &gevent.StreamServer{Handler: repeat}
	server.Start(l)
	err = together(clients, func(int) error {
		c, err := gevent.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		err = ask(c, n/clients)
		answered += int64(n / clients)
		return err
	})
	return answered, err
}

func echoGoroutines(n int, start starter) (int64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	start(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			start(func() { _ = repeat(c) }) // the client sees its failure
		}
	})
	err = start.together(clients, func(int) error {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		return ask(c, n/clients)
	})
	return int64(n), errors.Join(err, l.Close())
}

// repeat sends back what comes until the end. It serves coroutines as well as goroutines, since both have net.Conns.
func repeat(c net.Conn) error {
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	for ; err == nil; n, err = c.Read(buf) {
		if _, err := c.Write(buf[:n]); err != nil {
			return err
		}
	}
	return errors.Join(err, c.Close())
}

// ask makes the round trips of one client and checks each.
func ask(c net.Conn, times int) error {
	answer := make([]byte, 64)
	for i := range times {
		question := bytes.Repeat([]byte{byte(i)}, len(answer))
		if _, err := c.Write(question); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, answer); err != nil {
			return err
		}
		if !bytes.Equal(question, answer) {
			return errors.New("the echo is not what was sent")
		}
	}
	return c.Close()
}
