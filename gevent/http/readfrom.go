package http

import (
	"io"
	"math"
)

const (
	sniffed  = 512      // bytes that http.DetectContentType looks at
	copySize = 32 << 10 // of the buffer where the connection cannot do it
)

// writerOnly is a responseWriter without ReadFrom, which io.Copy would call.
type writerOnly struct{ io.Writer }

// readFrom writes all of src. If the connection has a ReadFrom of its own, which may be without a copy through memory, and nothing has
// to be put around the bytes, that does it. Parks.
func (r *response) readFrom(src io.Reader) (n int64, err error) {
	to := writerOnly{responseBody{r}}
	direct, ok := r.conn.Conn.(io.ReaderFrom)
	if !ok {
		return io.CopyBuffer(to, src, make([]byte, copySize))
	}
	if !r.sentHead { // the first bytes tell the type, and whether src can be read at all
		n, err = io.CopyBuffer(to, io.LimitReader(src, sniffed), make([]byte, sniffed))
		if err != nil || n < sniffed {
			return n, err
		}
	}
	if err := r.flush(); err != nil {
		return n, err
	}
	if r.chunked || r.isHead || !bodyAllowed(r.status) {
		m, err := io.CopyBuffer(to, src, make([]byte, copySize))
		return n + m, err
	}
	// What is a part of something is said to the connection as one such part, not as a part of a part: it looks for files.
	part, ok := src.(*io.LimitedReader)
	if !ok {
		part = &io.LimitedReader{R: src, N: math.MaxInt64}
	}
	for {
		room := min(maxWrite, part.N)
		if r.length != -1 {
			room = min(room, r.length-r.written)
		}
		if room == 0 {
			return n, nil
		}
		r.conn.limitAnswer()
		m, err := direct.ReadFrom(&io.LimitedReader{R: part.R, N: room})
		part.N -= m
		n += m
		r.written += m
		if err != nil || m < room {
			return n, err
		}
	}
}

// responseBody writes the body of a response.
type responseBody struct{ r *response }

func (b responseBody) Write(p []byte) (int, error) { return b.r.write(p) }
