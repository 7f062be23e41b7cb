package http

import (
	"io"
	"log/slog"
	"net/http"

	"greenloop/gevent"
)

// A turn is one request and what its handler gets. A handler may keep all of it for longer than it should, or for good: so
// it is made anew for each request, and what it refers to is taken from it at the end.
type turn struct {
	request *http.Request
	context requestContext
	w       responseWriter
	body    requestBody
}

func (t *turn) begin(c *conn) {
	t.context.values, t.context.conn = c.values, c
	t.w.hub, t.body.hub, t.body.conn = c.server.state.hub, c.server.state.hub, c
}

// end takes from the handler what it was given.
func (t *turn) end() {
	c := t.body.conn
	if c == nil {
		return
	}
	if f := t.request.MultipartForm; f != nil {
		if err := f.RemoveAll(); err != nil {
			c.server.logger().Error("http: files of a form are left", slog.Any("error", err))
		}
	}
	c.unwatch()
	t.context.end()
	t.body.conn = nil
	if r := t.w.r; r != nil {
		t.w.r, t.w.header = nil, r.header
		r.release()
	}
}

// A requestBody is Request.Body: the body, in front of which the client may wait to be asked to go on.
type requestBody struct {
	*body                // nil if there is none: then the handler has http.NoBody
	hub      *gevent.Hub // the rest is for its thread only
	conn     *conn       // nil once the turn is over
	max      int64       // MaxBodyBytes
	read     int64
	asks     bool // the client waits for "100 Continue"
	expected bool // it did
}

// Read reads the body, after it has told a client that waits for that to go on. Parks. Hub thread only.
func (b *requestBody) Read(p []byte) (n int, err error) {
	if gevent.GetHub() != b.hub {
		return 0, errElsewhere
	}
	c := b.conn
	switch {
	case c == nil:
		return 0, http.ErrBodyReadAfterClose
	case c.hijacked:
		return 0, http.ErrHijacked
	case b.closed.Load():
		return 0, http.ErrBodyReadAfterClose
	}
	if b.asks {
		b.asks = false
		c.out.writeString("HTTP/1.1 100 Continue\r\n\r\n")
		_ = c.out.flush() // the read tells
	}
	if b.max > 0 {
		return b.readLimited(p)
	}
	n, err = b.body.Read(p)
	if err == io.EOF {
		c.bodyEnded()
	}
	return n, err
}

// readLimited is Read of a body in chunks, of which nobody has said how many bytes will come.
func (b *requestBody) readLimited(p []byte) (n int, err error) {
	left := b.max - b.read
	switch {
	case left < 0:
		return 0, &http.MaxBytesError{Limit: b.max}
	case left < int64(len(p)):
		p = p[:left+1]
	}
	n, err = b.body.Read(p)
	if b.read += int64(n); b.read > b.max {
		b.conn.current.w.r.tooLarge()
		return n - 1, &http.MaxBytesError{Limit: b.max}
	}
	if err == io.EOF {
		b.conn.bodyEnded()
	}
	return n, err
}

// maxDrain is how much of a body is read that the handler has left, for the connection to be kept. As net/http has it.
const maxDrain = 256 << 10

// complete reports whether the body has been read to its end.
func (b *requestBody) complete() bool { return b.body == nil || b.atEnd() }

// drain reads what the handler has left of the body, if it is not too much, and reports whether the next request follows.
func (b *requestBody) drain() (ended, tooMuch bool) {
	if b.complete() {
		return true, false
	}
	ended, err := b.body.drain(maxDrain)
	return ended, err == nil && !ended
}

// expect looks at what the client expects, and reports whether its request is to be handled.
func (t *turn) expect() bool {
	r := t.request
	if hasToken(r.Header["Expect"][:1], "100-continue") {
		t.body.asks = r.ProtoAtLeast(1, 1) && t.body.body != nil
		t.body.expected = t.body.asks
		return true
	}
	if r.Header["Expect"][0] == "" {
		return true
	}
	w := t.w.r
	t.w.Header().Set("Connection", "close")
	w.writeHeader(http.StatusExpectationFailed)
	w.finish()
	return false
}
