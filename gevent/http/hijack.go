package http

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"
)

// hijack takes the connection out of the server's hands.
func (r *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := r.conn
	r.turn.body.asks = false
	if r.wroteHeader {
		r.flushBody()
	}
	if err := c.out.finish(); err != nil {
		return nil, nil, err
	}
	c.unwatch()
	if c.hijacked { // another greenlet was first, while we were parked
		return nil, nil, http.ErrHijacked
	}
	c.hijacked = true
	c.out.fail(http.ErrHijacked)
	c.server.untrack(c)
	_ = c.Conn.SetDeadline(time.Time{}) // an error is that of a closed connection, which reading tells
	left := append([]byte(nil), c.in.data...)
	c.in.release()
	reader := bufio.NewReaderSize(&leftBefore{left, c.Conn}, max(pageSize, len(left)))
	_, _ = reader.Peek(len(left)) // libraries look at what is buffered
	return c.Conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(c.Conn, pageSize)), nil
}

// leftBefore reads what the server had read already, then what comes.
type leftBefore struct {
	left []byte
	conn io.Reader
}

func (l *leftBefore) Read(b []byte) (int, error) {
	if len(l.left) > 0 {
		n := copy(b, l.left)
		l.left = l.left[n:]
		return n, nil
	}
	return l.conn.Read(b)
}
