package gevent

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// A nameServer answers look-ups, on goroutines, from what a test has written down.
type nameServer struct {
	addrs   map[string][]string // by name, with its last dot; a name that is not there does not exist
	records map[string][]dnsmessage.ResourceBody
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
		var m dnsmessage.Message
		if err := m.Unpack(text); err != nil {
			return
		}
		n.answer(&m)
		text, err := m.AppendPack(make([]byte, 2, 512))
		if err != nil {
			panic(err)
		}
		binary.BigEndian.PutUint16(text, uint16(len(text)-2))
		if _, err := c.Write(text); err != nil {
			return
		}
	}
}

// answer makes the answer of the question.
func (n *nameServer) answer(m *dnsmessage.Message) {
	q := m.Questions[0]
	name := strings.ToLower(q.Name.String())
	n.tell(strings.TrimPrefix(q.Type.String(), "Type") + " " + name)
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	addrs, known := n.addrs[name]
	switch {
	case n.broken:
		m.RCode = dnsmessage.RCodeServerFailure
	case !known && n.records[name] == nil:
		m.RCode = dnsmessage.RCodeNameError
	}
	add := func(kind dnsmessage.Type, body dnsmessage.ResourceBody) {
		if kind == q.Type {
			head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: body})
		}
	}
	for _, text := range addrs {
		if a := netip.MustParseAddr(text); a.Is4() {
			add(dnsmessage.TypeA, &dnsmessage.AResource{A: a.As4()})
		} else {
			add(dnsmessage.TypeAAAA, &dnsmessage.AAAAResource{AAAA: a.As16()})
		}
	}
	for _, body := range n.records[name] {
		switch body.(type) {
		case *dnsmessage.MXResource:
			add(dnsmessage.TypeMX, body)
		case *dnsmessage.TXTResource:
			add(dnsmessage.TypeTXT, body)
		case *dnsmessage.SRVResource:
			add(dnsmessage.TypeSRV, body)
		case *dnsmessage.PTRResource:
			add(dnsmessage.TypePTR, body)
		}
	}
}

// addrsOf returns the texts as addresses.
func addrsOf(texts ...string) (addrs []netip.Addr) {
	for _, text := range texts {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs
}

func mustName(t testing.TB, text string) dnsmessage.Name {
	n, err := dnsmessage.NewName(text)
	require.NoError(t, err)
	return n
}
