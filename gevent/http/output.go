package http

import (
	"errors"

	"greenloop/gevent"
)

// An output collects what is to be sent on a connection: heads and short bodies, of several answers if requests are
// pipelined. It has a buffer only while there is something in it.
type output struct {
	conn *conn
	page *page
	n    int   // bytes in page
	err  error // of the first write that failed; nothing is sent after that

	late *gevent.Greenlet // sends what is left behind, see flushLate
}

// maxWrite is how much is written at once: the limit on time is one for each such part, however long the whole is.
const maxWrite = 256 << 10

// free returns the room in the buffer.
func (o *output) free() []byte {
	if o.page == nil {
		o.page = o.conn.server.state.stock.page()
	}
	return o.page[o.n:]
}

// write appends b, and sends what does not fit. Parks.
func (o *output) write(b []byte) error {
	for o.err == nil && len(b) > 0 {
		if o.n == 0 && len(b) >= pageSize {
			n := min(len(b), maxWrite)
			o.send(b[:n])
			b = b[n:]
			continue
		}
		n := copy(o.free(), b)
		o.n += n
		if b = b[n:]; o.n == pageSize {
			if err := o.flush(); err != nil {
				return err
			}
		}
	}
	return o.err
}

// writeString is write for what is short: the parts of a head.
func (o *output) writeString(s string) {
	if n := copy(o.free(), s); n < len(s) {
		o.n += n
		_ = o.flush() // keeps the error
		for o.err == nil && n < len(s) {
			m := copy(o.free(), s[n:])
			n += m
			if o.n += m; o.n == pageSize {
				_ = o.flush()
			}
		}
		return
	}
	o.n += len(s)
}

// reserve returns the buffer's end, with room for n more bytes at least, to be appended to; commit takes what was. Parks.
func (o *output) reserve(n int) []byte {
	if o.n+n > pageSize {
		_ = o.flush() // keeps the error
	}
	return o.free()[:0]
}

func (o *output) commit(b []byte) { o.n += len(b) }

// flush sends what was collected. Parks.
func (o *output) flush() error {
	if o.n == 0 || o.err != nil {
		o.drop()
		return o.err
	}
	p, n := o.page, o.n
	o.page, o.n = nil, 0 // while we are parked others may collect more
	o.send(p[:n])
	o.conn.server.state.stock.give(p)
	return o.err
}

// send writes b to the connection.
func (o *output) send(b []byte) {
	whole := false
	defer o.unless(&whole)
	o.conn.limitAnswer()
	if _, err := o.conn.Conn.Write(b); err != nil {
		o.fail(err)
	}
	whole = true
}

var errCut = errors.New("gevent/http: a greenlet was killed while it wrote to the connection")

// unless is deferred by who may be killed half-way: what came next would be taken for the rest, so nothing may.
func (o *output) unless(whole *bool) {
	if !*whole {
		o.fail(errCut)
	}
}

// fail has nothing more be sent.
func (o *output) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// drop forgets what was collected.
func (o *output) drop() {
	if o.page != nil {
		o.conn.server.state.stock.give(o.page)
		o.page = nil
	}
	o.n = 0
}

// leave leaves what was collected to be sent with the next answer, of which the request is there already. If that one's
// handler waits for something else, a greenlet sends it meanwhile.
func (o *output) leave() {
	if o.n > 0 && (o.late == nil || o.late.Ready()) {
		o.late = gevent.SpawnNamed("answers left behind", o.flushLate)
	}
}

func (o *output) flushLate() error {
	for o.n > 0 && o.err == nil { // more may be left while this is on its way
		_ = o.flush() // keeps the error for the connection's own greenlet
	}
	return nil
}

// finish sends all, whoever sends it. Parks.
func (o *output) finish() error {
	err := o.flush()
	if o.late != nil {
		_ = gevent.Shield(o.late.Join)
	}
	return err
}
