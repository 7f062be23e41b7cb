package http

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

var (
	errChunk        = errors.New("gevent/http: malformed chunked encoding")
	errChunkLine    = errors.New("gevent/http: a line of the chunked encoding is too long")
	errChunkWaste   = errors.New("gevent/http: chunked encoding contains too much non-data")
	errTrailer      = errors.New("gevent/http: malformed trailer after a chunked body")
	errTrailerLarge = errors.New("gevent/http: suspiciously long trailer after a chunked body")
)

const (
	maxChunkLine = 4096 // bytes of a line with its end, and of all lines of the trailer together, as in net/http
	largeRead    = 4096 // bytes from which on data go around the input's buffer
)

// chunks decodes the chunked transfer encoding (RFC 9112, 7.1), from pieces of any size.
type chunks struct {
	state   chunkState
	left    uint64      // of the data of this chunk
	excess  int64       // bytes that are no data, above what is allowed for the data that came with them
	part    []byte      // of a line or trailer that is not complete yet
	trailer http.Header // set at the end, nil if there is none
}

type chunkState int

const (
	inSize chunkState = iota
	inData
	afterData   // before its "\r"
	afterDataCR // before its "\n"
	inTrailer
	chunksEnd
)

// large reports whether a read of n bytes can go directly to the data of a chunk.
func (c *chunks) large(n int) bool {
	return c.state == inData && n >= largeRead && c.left >= largeRead
}

// took notes that n bytes of the chunk's data have been read.
func (c *chunks) took(n int) {
	c.left -= uint64(n)
	if c.left == 0 {
		c.state = afterData
	}
}

// decode copies the data that are in in to p. It returns how many there are, and how many bytes of in are done with: all of
// them unless p is full or the end was reached, which is io.EOF. It does not go on after an error.
func (c *chunks) decode(p, in []byte) (n, used int, err error) {
	for used < len(in) && err == nil {
		rest := in[used:]
		taken := 1
		switch c.state {
		case inSize:
			taken, err = c.size(rest)
		case inData:
			if n == len(p) {
				return n, used, nil
			}
			taken = copy(p[n:], rest[:min(uint64(len(rest)), c.left)])
			n += taken
			c.took(taken)
		case afterData:
			err = c.expect(rest[0], '\r', afterDataCR)
		case afterDataCR:
			err = c.expect(rest[0], '\n', inSize)
		case inTrailer:
			taken, err = c.lines(rest)
		}
		used += taken
	}
	return n, used, err
}

func (c *chunks) expect(got, want byte, then chunkState) error {
	if got != want {
		return errChunk
	}
	c.state = then
	return nil
}

// size takes the line with the size of a chunk from in, or a part of it.
func (c *chunks) size(in []byte) (used int, err error) {
	eol := bytes.IndexByte(in, '\n')
	if eol < 0 {
		if len(c.part)+len(in) >= maxChunkLine {
			return 0, errChunkLine
		}
		c.part = append(c.part, in...)
		return len(in), nil
	}
	used = eol + 1
	line := in[:used]
	if len(c.part) > 0 {
		c.part = append(c.part, line...)
		line = c.part
		c.part = c.part[:0]
	}
	if len(line) > maxChunkLine {
		return 0, errChunkLine
	}
	return used, c.begin(line)
}

// begin begins the chunk that line announces.
func (c *chunks) begin(line []byte) error {
	if cr := bytes.IndexByte(line, '\r'); cr < 0 || cr != len(line)-2 {
		return errChunk
	}
	size, _, _ := bytes.Cut(bytes.TrimRight(line[:len(line)-2], " \t"), []byte(";"))
	n, ok := parseHex(size)
	switch {
	case !ok:
		return errChunk
	case n == 0:
		c.state = inTrailer
		return nil
	}
	// A chunk for each byte is a way to stream. Extensions that grow without data are a way to keep a server busy: each chunk
	// may have 16 bytes of its own and twice the size of its data, and what goes beyond that must not add up to 16 KiB.
	c.excess = max(c.excess+int64(len(line))-16-2*int64(n), 0)
	if c.excess > 16<<10 {
		return errChunkWaste
	}
	c.left = n
	c.state = inData
	return nil
}

// parseHex parses up to 16 hexadecimal digits.
func parseHex(digits []byte) (n uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	for _, c := range digits {
		switch c = lower(c); {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		n = n<<4 | uint64(c)
	}
	return n, true
}

// lines takes the trailer from in, or a part of it.
func (c *chunks) lines(in []byte) (used int, err error) {
	if len(c.part) == 0 && bytes.HasPrefix(in, []byte("\r\n")) {
		c.state = chunksEnd
		return 2, io.EOF
	}
	before := len(c.part)
	c.part = append(c.part, in[:min(len(in), maxChunkLine-before)]...)
	end := headEnd(c.part, before)
	switch {
	case end > 0:
		c.trailer, err = parseTrailer(c.part[:end])
		if err != nil {
			return 0, err
		}
		c.state = chunksEnd
		return end - before, io.EOF
	case len(c.part) == maxChunkLine:
		return 0, errTrailerLarge
	}
	return len(c.part) - before, nil
}

// parseTrailer parses the lines after the last chunk. net/http takes an end with a bare LF if "\r\n\r\n" follows anywhere
// behind it, so that what else has come decides where the next request begins. Here that is refused.
func parseTrailer(lines []byte) (http.Header, error) {
	if string(lines) == "\r\n" {
		return nil, nil
	}
	fields, spaced, ok := scanFields(lines, 0, nil)
	if !ok || spaced || !bytes.HasSuffix(lines, []byte("\r\n\r\n")) {
		return nil, errTrailer
	}
	return newHeader(string(lines), fields), nil
}
