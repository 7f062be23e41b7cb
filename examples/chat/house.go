package main

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"

	"greenloop/gevent"
)

const (
	longestLine = 1024 // bytes
	longestName = 20
	lastWords   = 5 * time.Second // for a guest who has left to take the rest of the lines
)

// A house has guests, each in a room.
type house struct {
	backlog       int
	guests        map[string]*guest // by name
	said, dropped int
}

// serve serves one connection. Once the guest has left, the nursery waits for the lines in the queue to be sent; if they
// cannot be sent, or the server stops, it ends both greenlets.
func (h *house) serve(c net.Conn) error {
	g := &guest{house: h, conn: c, room: "lobby", lines: gevent.NewQueue[string](h.backlog)}
	return gevent.Nurse(func(n *gevent.Nursery) error {
		n.Spawn(g.send)
		defer g.lines.Shutdown(false)
		in := bufio.NewScanner(c)
		in.Buffer(nil, longestLine)
		if g.enter(in) {
			defer g.leave()
			g.talk(in)
		}
		if in.Err() == bufio.ErrTooLong {
			g.tell("* a line is too long")
		}
		return c.SetWriteDeadline(time.Now().Add(lastWords))
	})
}

// enter asks for a name until it is one that nobody has. It is false if the guest goes away.
func (g *guest) enter(in *bufio.Scanner) bool {
	g.tell("* your name?")
	for in.Scan() {
		name := printable(in.Text())
		switch {
		case name == "" || len(name) > longestName || strings.ContainsAny(name, " /*"):
			g.tell("* a name has 1 to %d bytes, without spaces, / and *; your name?", longestName)
		case g.house.guests[name] != nil:
			g.tell("* %s is here already; your name?", name)
		default:
			g.name = name
			g.house.guests[name] = g
			g.tell("* welcome, %s; there are /join ROOM, /who and /quit", name)
			g.join(g.room)
			return true
		}
	}
	return false
}

// names returns who is in a room, in order.
func (h *house) names(room string) (in []string) {
	for _, name := range slices.Sorted(maps.Keys(h.guests)) {
		if h.guests[name].room == room {
			in = append(in, name)
		}
	}
	return in
}

// printable returns the text without what could play tricks on somebody's terminal.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, "?")))
}

// tell puts a line into the guest's queue and does not wait. Who is too far behind is dropped: without its connection both
// its greenlets come to an end.
func (g *guest) tell(format string, args ...any) {
	if err := g.lines.TryPut(fmt.Sprintf(format, args...) + "\n"); err == gevent.ErrFull {
		g.house.dropped++
		g.lines.Shutdown(true)
		g.conn.Close()
	}
}
