package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// stampSize is the length of the number that begins each message.
const stampSize = 8

// batch is what a connection sends at once and wants back unchanged.
type batch struct {
	out, in []byte
	size    int    // bytes in one message
	stamp   uint64 // of the next message: the connection in the upper half, a count in the lower
}

func newBatch(conn, size, pipeline int) batch {
	b := batch{
		out:   make([]byte, size*pipeline),
		in:    make([]byte, size*pipeline),
		size:  size,
		stamp: uint64(conn) << 32,
	}
	for i := range b.out {
		b.out[i] = byte(i*7 + conn)
	}
	return b
}

// renew makes each message differ from all before it and from other
// connections' messages, so that a late, lost or misrouted echo is noticed.
func (b *batch) renew() {
	for at := 0; at < len(b.out); at += b.size {
		binary.LittleEndian.PutUint64(b.out[at:], b.stamp)
		b.stamp++
	}
}

// verify compares what came back with what was sent.
func (b *batch) verify() error {
	if bytes.Equal(b.in, b.out) {
		return nil
	}
	at := 0
	for b.in[at] == b.out[at] {
		at++
	}
	return fmt.Errorf("the echo differs from byte %d on: sent %#x, got %#x", at, b.out[at], b.in[at])
}
