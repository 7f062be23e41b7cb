//go:build unix

package examples

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A chatter is a guest, with a client as simple as nc.
type chatter struct {
	t *testing.T
	c io.WriteCloser
	r *bufio.Reader
}

// chatGuest enters the house. others are who is in the lobby then, the guest included.
func chatGuest(s *server, name, others string) *chatter {
	s.t.Helper()
	conn := s.dial()
	c := &chatter{s.t, conn, bufio.NewReader(conn)}
	c.hears("* your name?")
	c.says(name)
	c.hears(fmt.Sprintf("* welcome, %s; there are /join ROOM, /who and /quit", name), "* in lobby: "+others)
	return c
}

func (c *chatter) says(line string) {
	c.t.Helper()
	_, err := io.WriteString(c.c, line+"\n")
	require.NoError(c.t, err)
}

func (c *chatter) hears(lines ...string) {
	c.t.Helper()
	for _, want := range lines {
		got, err := c.r.ReadString('\n')
		require.NoError(c.t, err, want)
		require.Equal(c.t, want+"\n", got)
	}
}

func (c *chatter) hearsTheEnd() {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	require.NoError(c.t, err)
	require.Empty(c.t, string(rest))
}

func TestChat(t *testing.T) {
	s := start(t, build(t, "chat"), "-addr", "127.0.0.1:0")
	ann := chatGuest(s, "ann", "ann")
	bob := chatGuest(s, "bob", "ann, bob")
	ann.hears("* bob is in lobby")
	zoe := chatGuest(s, "zoe", "ann, bob, zoe")
	ann.hears("* zoe is in lobby")
	bob.hears("* zoe is in lobby")

	ann.says("hello")
	bob.hears("ann: hello")
	zoe.hears("ann: hello")
	bob.says("you \x1b[31mare\x00 here\r") // what plays tricks on terminals is taken out
	ann.hears("bob: you [31mare here")
	zoe.hears("bob: you [31mare here")

	zoe.says("/join 厨房")
	zoe.hears("* in 厨房: zoe")
	ann.hears("* zoe goes to 厨房")
	bob.hears("* zoe goes to 厨房")
	zoe.says("alone")
	bob.says("/who\n\n/dance")
	bob.hears("* in lobby: ann, bob", "* there are /join ROOM, /who and /quit")

	bob.says("/quit\nnot heard")
	bob.hears("* goodbye")
	ann.hears("* bob has left")
	zoe.says("/join lobby")
	zoe.hears("* in lobby: ann, zoe")
	ann.hears("* zoe is in lobby")
	require.NoError(t, zoe.c.Close())
	ann.hears("* zoe has left")

	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	ann.hears("* the house closes")
	ann.hearsTheEnd()
	rest, err := io.ReadAll(s.out)
	require.NoError(t, err)
	require.NoError(t, s.cmd.Wait(), s.errs.String())
	require.Equal(t, "3 connections, 3 lines said, 0 guests dropped\n", string(rest))
}

func TestChatNames(t *testing.T) {
	s := start(t, build(t, "chat"), "-addr", "127.0.0.1:0")
	ann := chatGuest(s, "ann", "ann")
	conn := s.dial()
	c := &chatter{t, conn, bufio.NewReader(conn)}
	c.hears("* your name?")
	for _, name := range []string{"", "an ann", "*", "/who", strings.Repeat("x", 21), "\x07"} {
		c.says(name)
		c.hears("* a name has 1 to 20 bytes, without spaces, / and *; your name?")
	}
	c.says("ann")
	c.hears("* ann is here already; your name?")
	require.NoError(t, conn.CloseWrite()) // nobody yet, so nobody hears of it
	c.hearsTheEnd()
	ann.says("/who")
	ann.hears("* in lobby: ann")
}

// Whoever sends a line without an end is told so and loses the connection.
func TestChatLineTooLong(t *testing.T) {
	s := start(t, build(t, "chat"), "-addr", "127.0.0.1:0")
	ann := chatGuest(s, "ann", "ann")
	_, err := io.WriteString(ann.c, strings.Repeat("x", 1024)) // no more than is read, or the end would be a reset
	require.NoError(t, err)
	ann.hears("* a line is too long")
	ann.hearsTheEnd()
}

// One who does not read is dropped, and meanwhile the others hear each line.
func TestChatDropsTheSlow(t *testing.T) {
	s := start(t, build(t, "chat"), "-addr", "127.0.0.1:0", "-backlog", "10")
	conn := s.dial()
	require.NoError(t, conn.SetReadBuffer(4096))
	slow := &chatter{t, conn, bufio.NewReader(conn)}
	slow.says("slow")
	slow.hears("* your name?", "* welcome, slow; there are /join ROOM, /who and /quit", "* in lobby: slow")
	fast := chatGuest(s, "fast", "fast, slow")
	speaker := chatGuest(s, "speaker", "fast, slow, speaker")
	fast.hears("* speaker is in lobby")
	text := strings.Repeat("x", 1000)
	lines := 0
	for dropped := false; !dropped; {
		speaker.says(text)
		lines++
		for {
			line, err := fast.r.ReadString('\n')
			require.NoError(t, err)
			if line == "* slow has left\n" {
				dropped = true
				continue // the line that was too much comes before or after
			}
			require.Equal(t, "speaker: "+text+"\n", line)
			break
		}
	}
	speaker.hears("* slow has left")
	fast.says("who is here?")
	speaker.hears("fast: who is here?")
	rest, err := s.stop(os.Interrupt)
	require.NoError(t, err, s.errs.String())
	require.Equal(t, fmt.Sprintf("3 connections, %d lines said, 1 guests dropped\n", lines+1), rest)
}
