package http

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRequestsOfFragments puts together what matters to a parser, which a fuzzer of bytes takes long to find.
func TestRequestsOfFragments(t *testing.T) {
	o := newParseOracle(t)
	rapid.Check(t, func(rt *rapid.T) {
		var input strings.Builder
		for range rapid.IntRange(1, 3).Draw(rt, "requests") {
			input.WriteString(fragmentRequest(rt))
		}
		mode := parseMode(rapid.IntRange(0, int(parseModes)-1).Draw(rt, "mode"))
		o.compare(rt, []byte(input.String()), mode, rapid.IntRange(0, 5).Draw(rt, "piece"))
	})
}

func fragmentRequest(rt *rapid.T) string {
	var b strings.Builder
	draw := func(from []string) { b.WriteString(rapid.SampledFrom(from).Draw(rt, "")) }
	few := func(most int) int { return rapid.IntRange(0, most).Draw(rt, "") }
	draw(fragmentStarts)
	for range few(6) {
		draw(fragmentNames)
		draw(fragmentColons)
		draw(fragmentValues)
		draw(fragmentEnds)
	}
	draw([]string{"\r\n", "\r\n", "\r\n", "\n", ""})
	for range few(5) {
		draw(fragmentBodies)
	}
	for range few(9) / 9 { // now and then something out of place
		at := few(b.Len())
		s := b.String()
		b.Reset()
		b.WriteString(s[:at])
		draw(fragmentBytes)
		b.WriteString(s[at:])
	}
	return b.String()
}

var (
	fragmentStarts = []string{
		"GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n", "POST /a?b HTTP/1.1\r\nHost: a\r\n",
		"POST /a?b HTTP/1.1\r\nHost: a\r\n",
		"GET / HTTP/1.1\r\n", "POST / HTTP/1.0\r\n", "POST / HTTP/1.0\r\nConnection: keep-alive\r\n",
		"HEAD /%2f HTTP/1.0\r\nConnection: keep-alive\r\n",
		"CONNECT a:1 HTTP/1.1\r\n", "CONNECT /a HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n",
		"GET http://b/ HTTP/1.1\r\nHost: a\r\n", "OPTIONS * HTTP/1.1\nHost:\n",
		"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n", "GET / HTTP/1.3\r\nHost: a\r\n",
		"GET / HTTP/3.0\r\n", "\r\n", "\r\nGET / HTTP/1.1\r\nHost: a\r\n", "GET /\r\n", "",
	}
	fragmentNames = []string{
		"A", "a", "x-Y-zZ", "Content-Length", "content-length", "Transfer-Encoding", "transfer-encoding",
		"TRANSFER-ENCODING", "Connection", "Host",
		"Trailer", "Expect", "Pragma", "Cache-Control", "Content-Length ", "", " ", "A B", "Connection",
		"Content-Length", "Transfer-Encoding", "Trailer",
	}
	fragmentColons = []string{": ", ": ", ": ", ": ", ":", ":\t ", " : ", "", ":\r\n ", ":\n\t"}
	fragmentValues = []string{
		"", "3", "3", "3", "0", "4", "03", "+3", "3,3", "-1", "18446744073709551619", "chunked", "chunked",
		"Chunked", "gzip, chunked", "identity", "close", "keep-alive",
		"keep-alive, close", "x close", "a", "A, b-c", "Content-Length", "100-continue", "no-cache", "a b", "\x00",
		"\xff", "12345678\t12345678", "12345678\x7f",
	}
	fragmentEnds = []string{
		"\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", " \r\n", "\r\r\n", "\r\n \r\n", "\r\n\tb\r\n", "",
	}
	fragmentBodies = []string{
		"abc", "3\r\nabc\r\n", "3\r\nabc\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\n", "00\r\nA: b\r\n\r\n",
		"0\r\nContent-Length: 3\r\n\r\n", "1;x=y\r\na\r\n", "1 \r\na\r\n", "1\na\r\n",
		"1\r\na\n", "A: b\r\n\r\n", "\r\n", "\n", "\r\n\r\n", "0\r\nA: b\n\n", "0\r\nA: b\r\n\n",
		"0\r\nA : b\r\n\r\n", "-1\r\n", "0x1\r\na\r\n", "ffffffffffffffff\r\n", "0\r\nA:\r\n b\r\n\r\n", "bc",
	}
	fragmentBytes = []string{
		"\r", "\n", "\r\n", " ", "\t", ":", "\x00", "\x7f", "\xff", ",", ";", "0", "a", "%", "?", "\r\n\r\n", "-",
		"+", "_", "\v", "\f", "\u212a", "\u017f",
	}
)
