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

// readFrom writes all of src. If the connection has a ReadFrom of its own, which may be without a copy through memory, and
// nothing has to be put around the bytes, that does it, where src can seek: such a one has its bytes at hand. With one that
// may be slow, the limit on the peer's time, which is one for each call, would be one on the source's. Parks.
func (r *response) readFrom(src io.Reader) (n int64, err error) {
	to := writerOnly{responseBody{r}}
	direct, ok := r.conn.Conn.(io.ReaderFrom)
	if !ok || !atHand(src) {
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
		m, err := r.pass(direct, &io.LimitedReader{R: part.R, N: room})
		part.N -= m
		n += m
		r.written += m
		if err != nil || m < room {
			return n, err
		}
	}
}

// pass has the connection send a part of the body. Parks.
func (r *response) pass(direct io.ReaderFrom, part io.Reader) (int64, error) {
	whole := false
	defer r.conn.out.unless(&whole)
	r.conn.limitAnswer()
	n, err := direct.ReadFrom(part)
	whole = true
	return n, err
}

// atHand reports whether src, or what it is a part of, can seek.
func atHand(src io.Reader) bool {
	if part, ok := src.(*io.LimitedReader); ok {
		src = part.R
	}
	_, ok := src.(io.Seeker)
	return ok
}

// responseBody writes the body of a response.
type responseBody struct{ r *response }

func (b responseBody) Write(p []byte) (int, error) { return b.r.write(p) }
