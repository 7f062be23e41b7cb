package main

import (
	"bufio"
	"io"
	"net"
	"strings"

	"greenloop/gevent"
)

type guest struct {
	house      *house
	conn       net.Conn
	name, room string
	lines      *gevent.Queue[string] // to be sent
}

// send sends what is in the queue, until that is shut down.
func (g *guest) send() error {
	for line := range g.lines.All() {
		if _, err := io.WriteString(g.conn, line); err != nil {
			return err
		}
	}
	return nil
}

// talk does what the guest says, line by line, until it leaves.
func (g *guest) talk(in *bufio.Scanner) {
	for in.Scan() {
		line := printable(in.Text())
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case word == "/quit":
			g.tell("* goodbye")
			return
		case word == "/join" && rest != "" && len(rest) <= longestName:
			g.say("* %s goes to %s", g.name, rest)
			g.join(rest)
		case word == "/who":
			g.tell("* in %s: %s", g.room, strings.Join(g.house.names(g.room), ", "))
		case strings.HasPrefix(word, "/"):
			g.tell("* there are /join ROOM, /who and /quit")
		default:
			g.house.said++
			g.say("%s: %s", g.name, line)
		}
		gevent.Yield() // the queues are emptied before the next line, however many this guest has sent at once
	}
}

func (g *guest) join(room string) {
	g.room = room
	g.say("* %s is in %s", g.name, room)
	g.tell("* in %s: %s", room, strings.Join(g.house.names(room), ", "))
}

func (g *guest) leave() {
	delete(g.house.guests, g.name)
	g.say("* %s has left", g.name)
}

// say tells all others in the room.
func (g *guest) say(format string, args ...any) {
	for _, other := range g.house.guests {
		if other != g && other.room == g.room {
			other.tell(format, args...)
		}
	}
}
