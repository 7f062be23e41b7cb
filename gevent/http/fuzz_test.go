package http

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRequest gives any bytes to both servers: who handles which requests, and how the rest is refused, must be the same.
func FuzzRequest(f *testing.F) {
	for _, c := range parseCases {
		f.Add([]byte(c.input), uint8(0), uint8(0))
	}
	for _, input := range foundRequests {
		for mode := range parseModes {
			f.Add([]byte(input), uint8(mode), uint8(1))
		}
	}
	o := newParseOracle(f)
	f.Fuzz(func(t *testing.T, input []byte, mode, piece uint8) {
		o.compare(t, input, parseMode(mode)%parseModes, int(piece))
	})
}

// foundRequests are what has been found since.
var foundRequests = []string{
	"0 * HTTP/0.0\nTrAnsfer-EnCoding:0000000\n\n",
}

// FuzzChunked gives any bytes after a head to both decoders.
func FuzzChunked(f *testing.F) {
	for _, c := range parseCases {
		if rest, ok := strings.CutPrefix(c.input, chunkedHead); ok {
			f.Add([]byte(rest), uint8(0), uint8(0))
		}
	}
	for _, input := range foundChunks {
		f.Add([]byte(input), uint8(0), uint8(100))
		f.Add([]byte(input), uint8(2), uint8(1))
	}
	f.Fuzz(func(t *testing.T, input []byte, piece, read uint8) {
		compareChunks(t, string(input), int(piece), int(read))
	})
}

// foundChunks are what has been found since.
var foundChunks = []string{
	"0\r\n1:11\r\n\n0\r\n\r\n",
	"7000000000000000\r\n0",
}

// limitChunks are at the limits of what is accepted, and just beyond.
func limitChunks() (inputs []string) {
	for _, n := range []int{4090, 4091, 4092, 4093, 4094, 4095, 4096, 5000} {
		inputs = append(inputs,
			"1;"+strings.Repeat("x", n-2)+"\r\na\r\n0\r\n\r\n",         // lines of n bytes
			"0\r\nA: "+strings.Repeat("x", n-3)+"\r\n\r\n",             // trailers of n+4
			"0\r\n"+strings.Repeat("a:b\r\n", n/5-1)+"a: b\r\n\r\nGET", // of less, in many lines
			strings.Repeat("1;"+strings.Repeat("x", n-100)+"\r\na\r\n", 5)+"0\r\n\r\n",
		)
	}
	for _, n := range []int{900, 1020, 1024, 1025, 1030, 5000} {
		inputs = append(inputs,
			strings.Repeat("1\r\na\r\n", n)+"0\r\n\r\n",                  // each byte for itself
			strings.Repeat("1;0123456789abcdef\r\na\r\n", n)+"0\r\n\r\n", // up to 16 KiB that are nothing
			strings.Repeat("1;0123456789abcdefghijklmnopqrst\r\na\r\n", n/2)+"0\r\n\r\n",
			strings.Repeat("a;0123456789abcdefghijklmnopqrst\r\n0123456789\r\n", n)+"0\r\n\r\n",
		)
	}
	return append(inputs, "186a0\r\n"+strings.Repeat("x", 100_000)+"\r\n0\r\nA: b\r\n\r\nrest")
}

// compareChunks reads a chunked body with net/http and here, from pieces and with reads of the given sizes.
func compareChunks(tb testing.TB, input string, piece, read int) {
	br := bufio.NewReader(strings.NewReader(chunkedHead + input))
	want, err := http.ReadRequest(br)
	require.NoError(tb, err)
	wantBody, wantErr := io.ReadAll(want.Body)
	wantRest, err := io.ReadAll(br)
	require.NoError(tb, err)

	src := &scriptSource{rest: []byte(input), piece: piece}
	r := &http.Request{TransferEncoding: []string{"chunked"}, ContentLength: -1}
	b := newBody(r, src)
	var body bytes.Buffer
	p := make([]byte, read*read+1)
	err = nil
	for err == nil {
		var n int
		n, err = b.Read(p)
		body.Write(p[:n])
	}
	_, again := b.Read(p)
	require.Equal(tb, err, again)
	require.Equal(tb, string(wantBody), body.String(), "%q", input)
	if errors.Is(err, errTrailer) && stricter.MatchString(input) {
		require.False(tb, b.atEnd())
		return
	}
	require.Equal(tb, wantErr == nil, err == io.EOF, "%q: %v instead of %v", input, err, wantErr)
	require.Equal(tb, err == io.EOF, b.atEnd())
	if wantErr == nil {
		require.Equal(tb, want.Trailer, r.Trailer)
		require.Equal(tb, string(wantRest), string(src.rest), "%q", input)
	}
}
