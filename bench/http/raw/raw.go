// Package raw is the least that can be called an HTTP server: it finds where each request's head ends and answers it,
// whatever it asks for. It takes any net.Conn, so that the same code runs in greenlets and in goroutines.
package raw

import (
	"bytes"
	"fmt"
	"net"

	"greenloop/bench/internal/hello"
	"greenloop/bench/internal/work"
)

// bufferSize is the room for the requests of one connection, and the longest head that is served.
const bufferSize = 4 << 10

// batch is how many answers one write can carry.
const batch = 64

var answer = []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
	hello.ContentType, len(hello.Body), hello.Body))

var answers = bytes.Repeat(answer, batch)

// NewBuffer returns the room for what a Read brings.
func NewBuffer() []byte { return make([]byte, bufferSize) }

// Serve answers requests, each after so many rounds of work, until the client hangs up or asks for too much. It closes c.
//
// Between a Read and the next call of c nothing else must use buf; the beginning of a request is kept elsewhere. So all
// greenlets of a hub share one, which stays in the cache, while each goroutine needs its own.
func Serve(c net.Conn, buf []byte, rounds int) {
	defer c.Close()
	var own []byte // with the beginning of a request; nil while there is none
	for have := 0; have < bufferSize; {
		into := buf
		if own != nil {
			into = own
		}
		n, err := c.Read(into[have:])
		if err != nil {
			return
		}
		have += n
		requests, used := heads(into[:have])
		for range requests {
			work.Do(rounds)
		}
		if used == have {
			own, have = nil, 0
		} else {
			if own == nil {
				own = NewBuffer()
			}
			have = copy(own, into[used:have])
		}
		for ; requests > 0; requests -= min(requests, batch) {
			if _, err := c.Write(answers[:min(requests, batch)*len(answer)]); err != nil {
				return
			}
		}
	}
}

// heads counts the complete heads at the beginning of b, and says where the last of them ends.
func heads(b []byte) (n, end int) {
	for {
		length := headLength(b[end:])
		if length == 0 {
			return n, end
		}
		n++
		end += length
	}
}

// headLength returns where the first empty line ends, 0 if there is none yet. It looks at every fourth byte, as Boyer and
// Moore do, and goes slower only near a line's end. Nearly all bytes are greater than '\r', hence that question first.
func headLength(b []byte) int {
	for i := 3; i < len(b); {
		switch c := b[i]; {
		case c > '\r':
			i += 4
		case c == '\n':
			if b[i-1] == '\r' && b[i-2] == '\n' && b[i-3] == '\r' {
				return i + 1
			}
			i += 2
		case c == '\r':
			i++
		default:
			i += 4
		}
	}
	return 0
}
