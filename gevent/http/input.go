package http

import (
	"io"

	"greenloop/gevent"
)

// An input is what has come on a connection and was not used yet. It has a buffer only while there is some. It is the source of
// bodies.
type input struct {
	conn *conn
	data []byte // not used yet; in page if that is not nil, else on the heap: a head that is larger
	page *page
}

// Peek returns what there is, waiting for at least one byte. Parks.
func (in *input) Peek() ([]byte, error) {
	if len(in.data) == 0 {
		in.conn.limitBody()
		if err := in.fill(); err != nil {
			return nil, err
		}
	}
	return in.data, nil
}

// Discard drops the first n bytes of what there is.
func (in *input) Discard(n int) {
	in.data = in.data[n:]
	if len(in.data) == 0 {
		in.release()
	}
}

// Read reads what there is, or waits for more. Large reads go past the buffer. Parks.
func (in *input) Read(b []byte) (int, error) {
	if len(in.data) == 0 && len(b) >= pageSize {
		in.conn.limitBody()
		if err := in.conn.out.flush(); err != nil { // see fill
			return 0, err
		}
		return in.conn.Conn.Read(b)
	}
	if len(b) == 0 {
		return 0, nil
	}
	data, err := in.Peek()
	if err != nil {
		return 0, err
	}
	n := copy(b, data)
	in.Discard(n)
	return n, nil
}

// fill waits for more input and adds it. Before it sends what was collected: the peer may wait for that before it sends more.
// Parks.
//
// A connection of gevent's own writes into the buffer that it was given only when it returns, with nobody running in between. So
// all of them wait with the same one, the landing, and whoever gets something takes it out at once. Others wait until
// there is something to read, if they can, and hold a buffer from then on.
func (in *input) fill() error {
	c := in.conn
	if err := c.out.flush(); err != nil {
		return err
	}
	var n int
	var err error
	if c.lands {
		landing := &c.server.state.stock.landing
		if n, err = c.Conn.Read(landing[:]); n > 0 {
			in.add(landing[:n])
		}
	} else {
		if w, ok := c.Conn.(interface{ WaitRead() error }); ok {
			err = w.WaitRead()
		}
		if err == nil {
			n, err = c.Conn.Read(in.room())
			in.grown(n)
		}
	}
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// lands reports whether c is such that fill may read into the landing.
func lands(c any) bool {
	_, ok := c.(*gevent.TCPConn)
	return ok
}

// add appends b to what there is.
func (in *input) add(b []byte) {
	for len(b) > 0 {
		n := copy(in.room(), b)
		in.grown(n)
		b = b[n:]
	}
}

// room returns where more input may be read to.
func (in *input) room() []byte {
	switch used := len(in.data); {
	case used == 0 && in.page == nil:
		in.page = in.conn.server.state.stock.page()
		in.data = in.page[:0]
	case used < cap(in.data):
	case in.page != nil && used < pageSize: // there is room in front
		in.data = in.page[:copy(in.page[:], in.data)]
	default:
		larger := append(make([]byte, 0, 2*used), in.data...)
		in.release()
		in.data = larger
	}
	return in.data[len(in.data):cap(in.data)]
}

// grown is told how much was read into the room.
func (in *input) grown(n int) {
	if in.data = in.data[:len(in.data)+n]; len(in.data) == 0 {
		in.release()
	}
}

// release gives the buffer back.
func (in *input) release() {
	if in.page != nil {
		in.conn.server.state.stock.give(in.page)
		in.page = nil
	}
	in.data = nil
}
