package gevent

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A nameServer answers look-ups, on goroutines, from what a test has written down.
type nameServer struct {
	addrs   map[string][]string // by name, with its last dot; a name that is not there does not exist
	records map[string][]record
	broken  bool // every answer is SERVFAIL

	mu    sync.Mutex
	gate  chan struct{}  // nil: open
	asked map[string]int // what was told, such as "A one.test."
	news  chan struct{}  // something was told
}

func newNameServer() *nameServer {
	return &nameServer{
		addrs: map[string][]string{
			"one.test.":  {"192.0.2.1"},
			"both.test.": {"192.0.2.1", "2001:db8::1", "192.0.2.2"},
			"six.test.":  {"2001:db8::1"},
		},
		asked: map[string]int{},
		news:  make(chan struct{}, 1),
	}
}

// net returns a resolver of package net that asks the server.
func (n *nameServer) net() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: n.dial}
}

// shut makes those wait that ask from now on, until the function returned is called.
func (n *nameServer) shut() (open func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	gate := make(chan struct{})
	n.gate = gate
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		close(gate)
		n.gate = nil
	}
}

func (n *nameServer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil { // package net tries again, though nobody asks any more
		return nil, err
	}
	n.mu.Lock()
	gate := n.gate
	n.mu.Unlock()
	n.tell("dialled")
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			n.tell("canceled")
			return nil, ctx.Err()
		}
	}
	ours, theirs := net.Pipe()
	go n.serve(ours)
	return theirs, nil
}

// tell counts an event.
func (n *nameServer) tell(what string) {
	n.mu.Lock()
	n.asked[what]++
	n.mu.Unlock()
	select {
	case n.news <- struct{}{}:
	default:
	}
}

// count returns how often something was told.
func (n *nameServer) count(what string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[what]
}

// until waits, in a greenlet, for something to have been told so often.
func (n *nameServer) until(t testing.TB, what string, times int) {
	t.Helper()
	for n.count(what) < times {
		awaitDone(t, n.news)
	}
}

// serve answers questions in the form that they have on TCP, each with its length in front.
func (n *nameServer) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		text := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, text); err != nil {
			return
		}
		text = n.answer(text)
		binary.BigEndian.PutUint16(size[:], uint16(len(text)))
		if _, err := c.Write(append(size[:], text...)); err != nil {
			return
		}
	}
}

// A record is an answer: of a type, with its data.
type record struct {
	kind uint16
	data []byte
}

// The types of records, and what RFC 1035 calls them.
const (
	recordA    uint16 = 1
	recordPTR  uint16 = 12
	recordMX   uint16 = 15
	recordTXT  uint16 = 16
	recordAAAA uint16 = 28
	recordSRV  uint16 = 33
)

// answer returns the answer to a query (RFC 1035 §4.1): the same head and question, and the records that are asked for.
func (n *nameServer) answer(query []byte) []byte {
	const head = 12
	end := head + bytes.IndexByte(query[head:], 0) + 1 // of the name
	name, kind := nameIn(query[head:end]), binary.BigEndian.Uint16(query[end:])
	n.tell(map[uint16]string{recordA: "A ", recordAAAA: "AAAA "}[kind] + name)
	addrs, known := n.addrs[name]
	code := byte(0)
	switch {
	case n.broken:
		code = 2 // SERVFAIL
	case !known && n.records[name] == nil:
		code = 3 // NXDOMAIN
	}
	records := slices.Clone(n.records[name])
	for _, text := range addrs {
		a := netip.MustParseAddr(text)
		r := record{recordAAAA, a.AsSlice()}
		if a.Is4() {
			r.kind = recordA
		}
		records = append(records, r)
	}
	text := append([]byte{query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0}, query[head:end+4]...)
	for _, r := range records {
		if r.kind == kind {
			text[7]++
			text = append(text, 0xc0, head, 0, byte(kind), 0, 1, 0, 0, 0, 60) // the name of the question; a minute
			text = append(binary.BigEndian.AppendUint16(text, uint16(len(r.data))), r.data...)
		}
	}
	return text
}

// nameIn returns the name that is in a message, its labels each with their length in front, as text.
func nameIn(b []byte) (name string) {
	for b[0] > 0 {
		name += strings.ToLower(string(b[1:1+b[0]])) + "."
		b = b[1+b[0]:]
	}
	return name
}

// named returns a record whose data end with a name.
func named(kind uint16, name string, front ...byte) record {
	for _, label := range strings.Split(name, ".") {
		front = append(append(front, byte(len(label))), label...)
	}
	return record{kind, front}
}

// addrsOf returns the texts as addresses.
func addrsOf(texts ...string) (addrs []netip.Addr) {
	for _, text := range texts {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs
}
