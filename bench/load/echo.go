package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// stampSize is the length of the number that begins each message.
const stampSize = 8

// echo wants back what it sends, unchanged.
type echo struct {
	size  int    // bytes in one message
	stamp uint64 // of the next message: the connection in the upper half, a count in the lower
}

// newEcho returns the dialogue of a connection, and the bytes that it begins with.
func newEcho(conn, size, pipeline int) (*echo, []byte) {
	out := make([]byte, size*pipeline)
	for i := range out {
		out[i] = byte(i*7 + conn)
	}
	return &echo{size: size, stamp: uint64(conn) << 32}, out
}

// renew makes each message differ from all before it and from other
// connections' messages, so that a late, lost or misrouted echo is noticed.
func (e *echo) renew(out []byte) {
	for at := 0; at < len(out); at += e.size {
		binary.LittleEndian.PutUint64(out[at:], e.stamp)
		e.stamp++
	}
}

func (e *echo) greeted(answer []byte) (int, error) {
	if len(answer) < e.size {
		return 0, nil
	}
	return e.size, nil
}

func (e *echo) verify(out, in []byte) error {
	if bytes.Equal(in, out) {
		return nil
	}
	at := 0
	for in[at] == out[at] {
		at++
	}
	return fmt.Errorf("the echo differs from byte %d on: sent %#x, got %#x", at, out[at], in[at])
}
