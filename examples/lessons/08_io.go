// Gevent: a scheduler switches where a call has to wait. A reader and a writer talk over a pair of sockets, in code that
// looks as if it blocked, and a third greenlet works in between. Nobody says who runs next.
package main

import (
	"errors"
	"io"
	"net"

	"greenloop/gevent"
)

func onIO(s *stage) error {
	return s.runReal(func() error {
		near, far, err := gevent.SocketPair()
		if err != nil {
			return err
		}
		reader := gevent.SpawnNamed("reader", func() error { return reads(s, far) })
		worker := gevent.SpawnNamed("worker", func() error { return works(s) })
		writer := gevent.SpawnNamed("writer", func() error { return writes(s, near) })
		s.say("main: has spawned three, in this order; waits for them")
		return gevent.JoinAll(reader, worker, writer)
	})
}

func reads(s *stage, c net.Conn) error {
	defer c.Close()
	buffer := make([]byte, 5)
	for {
		s.say("    reader: calls Read")
		n, err := c.Read(buffer)
		if errors.Is(err, io.EOF) {
			s.say("    reader: the end of the stream; closes")
			return nil
		}
		if err != nil {
			return err
		}
		s.say("    reader: has got %q", buffer[:n])
		if n < len(buffer) {
			s.say("    reader: calls Write, the answer")
			if _, err := io.WriteString(c, "thanks"); err != nil {
				return err
			}
		}
	}
}

func works(s *stage) error {
	for range 2 {
		s.say("        worker: works; calls Yield")
		gevent.Yield()
	}
	s.say("        worker: ends")
	return nil
}

func writes(s *stage, c net.Conn) error {
	defer c.Close()
	s.say("            writer: calls Write, with 13 bytes")
	if _, err := io.WriteString(c, "good morning!"); err != nil {
		return err
	}
	s.say("            writer: goes on at once; calls Read, for the answer")
	answer := make([]byte, len("thanks"))
	if _, err := io.ReadFull(c, answer); err != nil {
		return err
	}
	s.say("            writer: has got %q; closes", answer)
	return nil
}
