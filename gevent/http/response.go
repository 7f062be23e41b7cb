package http

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"

	"greenloop/gevent"
)

// A response is the answer of a turn. What the handler writes is collected until it returns or the page is full: then it is
// known whether the length can be told, and the head is made. Responses are used again; handlers never see one, only the
// responseWriter in front of it. Hub thread only.
type response struct {
	conn   *conn
	turn   *turn
	header http.Header   // the handler's; nil until it asks
	fields []headerField // the same as it was at WriteHeader, sorted

	status  int
	length  int64 // Content-Length; -1: not known
	written int64 // bytes of body that the handler has written

	page *page // the body's bytes that are not in the output yet
	n    int

	busy int // calls of the responseWriter that are underway; they may be parked

	wroteHeader bool // the handler has
	sentHead    bool // to the output
	done        bool // the handler has returned
	chunked     bool
	close       bool // the connection ends with this answer
	fullDuplex  bool // the handler reads the body while it writes

	isHead     bool // of the request, which the handler may change
	is11       bool
	keeps10    bool // HTTP/1.0 with "Connection: keep-alive"
	wantsClose bool

	trailers []string // announced
}

func (r *response) begin(c *conn, t *turn) {
	q := t.request
	r.conn, r.turn, r.length = c, t, -1
	r.isHead = q.Method == http.MethodHead
	r.is11 = q.ProtoAtLeast(1, 1)
	r.wantsClose = q.Close
	r.close = q.ProtoMajor == 2 // the start of an HTTP/2 connection, see parseRequest
	if connection := q.Header["Connection"]; len(connection) > 0 {
		r.wantsClose = r.wantsClose || hasToken(connection[:1], "close")
		r.keeps10 = !r.is11 && hasToken(connection[:1], "keep-alive")
	}
}

// release gives back the response and what it holds, unless somebody is writing to it still, who has to find all as it
// was.
func (r *response) release() {
	if r.busy > 0 {
		r.conn.out.fail(errDone)
		return
	}
	stock := &r.conn.server.state.stock
	if r.page != nil {
		stock.give(r.page)
	}
	stock.giveResponse(r)
}

// abandoned is told that the handler has returned while another greenlet was writing: what that one has not sent yet must not
// get into what comes next.
func (r *response) abandoned() {
	r.complain("http: the handler has returned while its answer was being written")
	r.conn.out.fail(errDone)
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// writeHeader is WriteHeader with what is no informational answer.
func (r *response) writeHeader(status int) {
	r.wroteHeader = true
	r.status = status
	r.turn.body.asks = false
	r.collect()
	if f := r.field("Content-Length"); f != nil && f.value != "" {
		n, err := strconv.ParseInt(f.value, 10, 64)
		if err == nil && n >= 0 {
			r.length = n
			return
		}
		r.complain("http: invalid Content-Length", slog.String("value", f.value))
		delete(r.header, "Content-Length")
		f.none = true // and none is told, as in net/http
	}
}

// inform sends an informational answer, such as 103, with the header as it is now.
func (r *response) inform(status int) {
	if status == http.StatusContinue {
		r.turn.body.asks = false
	}
	r.collect()
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		r.remove(name)
	}
	o := &r.conn.out
	r.statusLine(status)
	r.writeFields()
	o.writeString("\r\n")
	_ = o.flush() // the answer itself tells
}

func checkStatus(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("gevent/http: invalid status code %d given to WriteHeader", status))
	}
}

// write takes the next bytes of the body. Parks.
func (r *response) write(b []byte) (int, error) {
	if !r.wroteHeader {
		r.writeHeader(http.StatusOK)
	}
	if len(b) == 0 {
		return 0, nil
	}
	if !bodyAllowed(r.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if err := r.conn.out.err; err != nil {
		gevent.Yield() // a handler that goes on nevertheless must not keep others from running, nor from killing it
		return 0, err
	}
	r.written += int64(len(b))
	if r.length != -1 && r.written > r.length {
		return 0, http.ErrContentLength
	}
	if !r.sentHead && r.keep(b) {
		return len(b), nil
	}
	return r.overflow(b)
}

// keep puts b into the page, if there is room.
func (r *response) keep(b []byte) bool {
	if r.n+len(b) > pageSize {
		return false
	}
	if r.page == nil {
		r.page = r.conn.server.state.stock.page()
	}
	r.n += copy(r.page[r.n:], b)
	return true
}

// overflow takes b when the head was sent, or has to be.
func (r *response) overflow(b []byte) (int, error) {
	if !r.sentHead {
		first := b
		if r.n > 0 {
			first = r.page[:r.n]
		}
		r.sendHead(first)
	}
	if r.chunked && r.keep(b) {
		return len(b), nil
	}
	if err := r.sendBody(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// sendBody hands the page and b to the output, as one chunk if there are chunks.
func (r *response) sendBody(b []byte) error {
	o := &r.conn.out
	n := r.n
	r.n = 0
	if n+len(b) == 0 || r.isHead {
		return o.err
	}
	if r.chunked {
		o.commit(append(strconv.AppendInt(o.reserve(20), int64(n+len(b)), 16), '\r', '\n'))
	}
	if n > 0 {
		_ = o.write(r.page[:n]) // o keeps its error
	}
	_ = o.write(b)
	if r.chunked {
		o.writeString("\r\n")
	}
	return o.err
}

// flush sends what the handler has written so far. Parks.
func (r *response) flush() error {
	if !r.wroteHeader {
		r.writeHeader(http.StatusOK)
	}
	r.flushBody()
	return r.conn.out.flush()
}

// flushBody hands all to the output.
func (r *response) flushBody() {
	if !r.sentHead {
		var first []byte
		if r.n > 0 {
			first = r.page[:r.n]
		}
		r.sendHead(first)
	}
	_ = r.sendBody(nil) // the output keeps its error
}

// finish hands the rest of the answer to the output: the handler has returned.
func (r *response) finish() {
	r.done = true
	if !r.wroteHeader {
		r.writeHeader(http.StatusOK)
	}
	r.flushBody()
	if r.chunked {
		r.conn.out.writeString("0\r\n")
		r.writeTrailers()
		r.conn.out.writeString("\r\n")
	}
}

// fail makes the answer that of a handler that has panicked, unless it has begun.
func (r *response) fail() {
	if r.sentHead {
		return
	}
	r.header, r.n, r.written, r.length, r.close = nil, 0, 0, -1, true
	r.header = http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}}
	r.writeHeader(http.StatusInternalServerError)
	_, _ = r.write([]byte("Internal Server Error\n")) // fits
	r.finish()
}

// tooLarge is told that the body has more than MaxBodyBytes.
func (r *response) tooLarge() {
	r.close = true
}

// reusable reports whether the connection goes on after the answer, if the request has been read.
func (r *response) reusable() bool {
	short := !r.isHead && r.length != -1 && bodyAllowed(r.status) && r.length != r.written
	return !r.close && !short && r.conn.out.err == nil
}

// complain logs a mistake of the handler.
func (r *response) complain(text string, about ...any) {
	r.conn.server.logger().Warn(text, append(about, logged("uri", r.turn.request.RequestURI))...)
}

// maxLogged is how many bytes the log shows of what a client has sent: it may be as large as a head, and come again and
// again.
const maxLogged = 256

func logged(name, value string) slog.Attr {
	if len(value) > maxLogged {
		value = fmt.Sprintf("%s… (%d bytes)", value[:maxLogged], len(value))
	}
	return slog.String(name, value)
}

// caller names the line that has called the responseWriter.
func caller() slog.Attr {
	_, file, line, _ := runtime.Caller(2)
	return slog.String("caller", fmt.Sprintf("%s:%d", file, line))
}
