package http

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// This file is how a connection gets its next request, and what it answers to one that is none.

// headSlack is what a head may have beyond MaxHeaderBytes, as in net/http.
const headSlack = 4096

// receive waits for the next request and makes it the current one. It reports false if there is none: the peer has gone,
// took too long, or has got an answer that says what is wrong.
func (c *conn) receive() bool {
	c.readBy, c.writeBy = 0, 0
	n, err := c.head()
	if err == nil {
		err = c.parse(n)
	}
	if err == nil {
		return true
	}
	var bad *badRequest
	if errors.As(err, &bad) {
		c.refuse(bad)
	}
	return false
}

// head waits until the head of a request is there and returns its length.
func (c *conn) head() (n int, err error) {
	for seen := 0; ; {
		if c.afterPost && seen == 0 {
			c.skipEmptyLines()
		}
		if n = headEnd(c.in.data, seen); n > 0 {
			if c.phase == waiting {
				c.began = 0
			}
			c.phase = working
			if n > c.server.state.maxHead+headSlack {
				return 0, errLargeHead
			}
			return n, nil
		}
		if len(c.in.data) >= c.server.state.maxHead+headSlack {
			return 0, errLargeHead
		}
		seen = len(c.in.data)
		if err := c.moreHead(); err != nil {
			return 0, err
		}
	}
}

// moreHead waits for more of a head. What came before the peer closed its side and is no request gets an answer.
func (c *conn) moreHead() error {
	begun := len(c.in.data) > 0
	switch {
	case !begun && c.phase == waiting:
		c.limitIdle()
	case begun && c.phase == waiting: // the limit on the first head is that from the beginning
		c.limitHead()
		c.phase = working
	case begun:
		c.phase = working
	}
	err := c.in.fill()
	if drain := c.server.state.drain; drain > 0 && c.phase == waiting && errors.Is(err, os.ErrDeadlineExceeded) {
		// The hub may have been late, and what was sent in time be there: to close the connection now would lose it.
		c.limitRead(c.server.now() + drain/8)
		err = c.in.fill()
	}
	if err == io.EOF && begun {
		return errMalformed
	}
	return err
}

// skipEmptyLines drops what old clients send behind the body of a POST (RFC 9112, 2.2): up to four bytes, as in net/http.
func (c *conn) skipEmptyLines() {
	for i := 0; i < 4 && len(c.in.data) > 0 && (c.in.data[0] == '\r' || c.in.data[0] == '\n'); i++ {
		c.in.Discard(1)
	}
}

// holdsHead reports whether the head of the next request is there.
func (in *input) holdsHead() bool { return len(in.data) > 0 && headEnd(in.data, 0) > 0 }

var errLargeHead error = &badRequest{status: http.StatusRequestHeaderFieldsTooLarge}

// parse makes the first n bytes of the input the current request.
func (c *conn) parse(n int) error {
	s := c.server
	t := new(turn)
	t.begin(c)
	r, err := parseRequest(&t.context, c.in.data[:n])
	if err != nil {
		return err
	}
	c.in.Discard(n)
	if r.Body == nil {
		if s.MaxBodyBytes > 0 && r.ContentLength > s.MaxBodyBytes {
			return errLargeBody
		}
		t.body.body = newBody(r, &c.in)
		t.body.max = s.MaxBodyBytes
		r.Body = &t.body
	}
	r.RemoteAddr, r.TLS = c.remote, c.tls
	c.afterPost = r.Method == http.MethodPost
	if to := &s.state.timeouts; to.read != 0 || to.write != 0 {
		c.limitWhole(to.read, to.write)
	}
	t.request = r
	t.w.r = s.state.stock.response()
	t.w.r.begin(c, t)
	c.current = t
	return nil
}

// limitWhole fixes by when the request must have been read and answered. Its head has just come.
func (c *conn) limitWhole(read, write time.Duration) {
	now := c.server.now()
	if read != 0 {
		c.readBy = cmp.Or(c.began, now) + read
	}
	if write != 0 {
		c.writeBy = now + write
	}
}

var errLargeBody error = &badRequest{status: http.StatusRequestEntityTooLarge}

// refuse answers what is no request, in net/http's words, and gives the peer the time to read that.
func (c *conn) refuse(bad *badRequest) {
	o := &c.out
	status := strconv.Itoa(bad.status) + " " + http.StatusText(bad.status)
	text := status
	switch {
	case bad.status == http.StatusNotImplemented:
		text = "Unsupported transfer encoding"
	case bad.text != "":
		status += ": " + bad.text
		text = status
	}
	o.writeString("HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" + text)
	c.linger()
}
