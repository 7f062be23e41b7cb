package http

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
	"unsafe"

	"greenloop/gevent"
)

// A responseWriter is the http.ResponseWriter of one turn, and all that an http.ResponseController asks for. Once the
// handler has returned it leads nowhere, so whoever keeps it cannot get into a later answer. Hub thread only.
type responseWriter struct {
	hub    *gevent.Hub // the rest is for its thread only
	r      *response   // nil once the turn is over
	header http.Header // what Header returns then
}

var (
	errDone      = errors.New("gevent/http: use of a ResponseWriter after its handler has returned")
	errElsewhere = errors.New("gevent/http: use of a ResponseWriter or Request.Body on a goroutine that is not the hub's")
)

// live returns the response, or why there is none any more.
func (w *responseWriter) live() (*response, error) {
	if gevent.GetHub() != w.hub {
		return nil, errElsewhere
	}
	r := w.r
	switch {
	case r == nil:
		return nil, errDone
	case r.conn.hijacked:
		return nil, http.ErrHijacked
	}
	return r, nil
}

// enter is live for a call that may park. leave ends that.
func (w *responseWriter) enter() (*response, error) {
	r, err := w.live()
	if err == nil {
		r.busy++
	}
	return r, err
}

func (r *response) leave() { r.busy-- }

// Header returns the header that WriteHeader, or the first Write, will send.
func (w *responseWriter) Header() http.Header {
	header := &w.header
	if w.r != nil {
		header = &w.r.header
	}
	if *header == nil {
		*header = make(http.Header)
	}
	return *header
}

// WriteHeader sets the status, or sends an informational one at once. Called again it does nothing but to be logged. Parks.
func (w *responseWriter) WriteHeader(status int) {
	r, err := w.live()
	switch {
	case err == http.ErrHijacked:
		w.r.complain("http: WriteHeader on a hijacked connection", caller())
		return
	case err != nil:
		return // nobody is left who could tell
	case r.wroteHeader:
		r.complain("http: superfluous WriteHeader", caller())
		return
	}
	checkStatus(status)
	if status < 200 && status != http.StatusSwitchingProtocols {
		r.busy++
		defer r.leave()
		r.inform(status)
		return
	}
	r.writeHeader(status)
}

// Write writes to the body. Parks.
func (w *responseWriter) Write(b []byte) (int, error) {
	r, err := w.enter()
	if err != nil {
		return 0, err
	}
	defer r.leave()
	return r.write(b)
}

// WriteString is Write of a string. Parks.
func (w *responseWriter) WriteString(s string) (int, error) {
	return w.Write(unsafe.Slice(unsafe.StringData(s), len(s))) // nobody changes what is written
}

// Flush sends what was written so far. Parks.
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush that tells whether it failed. Parks.
func (w *responseWriter) FlushError() error {
	r, err := w.enter()
	if err != nil {
		return err
	}
	defer r.leave()
	return r.flush()
}

// ReadFrom writes all of src to the body. Parks.
func (w *responseWriter) ReadFrom(src io.Reader) (int64, error) {
	r, err := w.enter()
	if err != nil {
		return 0, err
	}
	defer r.leave()
	return r.readFrom(src)
}

// Hijack hands the connection over to the caller. Parks to send what is collected.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r, err := w.enter()
	if err != nil {
		return nil, nil, err
	}
	defer r.leave()
	return r.hijack()
}

// SetReadDeadline sets the time after which reading the body fails, until the answer is complete; zero is none, not
// even those of the Server.
func (w *responseWriter) SetReadDeadline(t time.Time) error {
	r, err := w.live()
	if err != nil {
		return err
	}
	r.conn.reading.own = true
	return r.conn.Conn.SetReadDeadline(t)
}

// SetWriteDeadline sets the time after which writing fails, until the answer is complete; zero is none, not even those of
// the Server.
func (w *responseWriter) SetWriteDeadline(t time.Time) error {
	r, err := w.live()
	if err != nil {
		return err
	}
	r.conn.writing.own = true
	return r.conn.Conn.SetWriteDeadline(t)
}

// EnableFullDuplex lets the handler read the body after it has begun to write.
func (w *responseWriter) EnableFullDuplex() error {
	r, err := w.live()
	if err != nil {
		return err
	}
	r.fullDuplex = true
	return nil
}
