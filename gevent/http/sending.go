package http

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"sync"

	"greenloop/gevent"
)

// send sends the head, and the body if that can be done at once. Otherwise a greenlet does the rest.
func (e *trExchange) send() error {
	r, bw := e.r, e.c.bw
	if err := e.writeHead(); err != nil {
		return err
	}
	small := r.body != nil && r.length > 0 && r.length <= int64(bw.Available())
	switch {
	case r.wantsContinue():
		e.permit = new(gevent.AsyncResult[bool])
	case r.body == nil:
		return e.flushed()
	case small && r.body.inMemory():
		if err := e.sendBody(); err != nil {
			return err
		}
		return e.flushed()
	}
	if e.permit != nil || !r.body.inMemory() {
		if err := bw.Flush(); err != nil { // the server may need the head before there is any body
			return err
		}
	}
	body := r.body
	body.read = true // by the greenlet, sooner or later; it closes it, too, so another attempt needs a new one
	gevent.SpawnNamed("http: body of a request", func() error {
		e.sendRest(body)
		return nil
	})
	return nil
}

func (e *trExchange) flushed() error {
	if err := e.c.bw.Flush(); err != nil {
		return err
	}
	e.requestSent()
	return nil
}

// A trBodyError is a failure of the request's body, not of the connection.
type trBodyError struct{ error }

func (e trBodyError) Unwrap() error { return e.error }

// errTrSender is what an exchange ends with whose body is sent no more, because its greenlet has panicked or was killed.
var errTrSender = errors.New("http: the greenlet that sends the request's body has ended")

// sendRest is the greenlet that sends the body. It closes it in any case; so who ends the exchange before this has begun
// leaves it alone.
func (e *trExchange) sendRest(body *trSource) {
	defer func() {
		e.sender = nil
		if !e.sent && e.sendErr == nil {
			e.fail(errTrSender)
		}
		_ = body.close() // its failure, if it counts, was told before
	}()
	if e.over {
		return
	}
	e.sender = gevent.Current()
	if !e.permitted() {
		e.sent = true // all that there will be
		return
	}
	err := e.sendBody()
	if err == nil {
		err = e.c.bw.Flush()
	}
	var own trBodyError
	switch {
	case err == nil:
		e.requestSent()
	case errors.As(err, &own):
		e.requestFailed(own.error)
		e.sender = nil // it is the one that ends the exchange
		e.fail(own.error)
	default:
		e.requestFailed(err)
	}
}

// permitted waits for the server's leave to send the body, if it needs one.
func (e *trExchange) permitted() bool {
	d := trOr(e.t.ExpectContinueTimeout, trContinueTimeout)
	if e.permit == nil || d < 0 {
		return true
	}
	if e.r.trace.Wait100Continue != nil {
		e.r.trace.Wait100Continue()
	}
	leave, err := e.permit.GetTimeout(d)
	return leave || err != nil
}

// trBuffers holds the buffers through which bodies are sent.
var trBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// sendBody writes the body, closes it, and writes what comes after it.
func (e *trExchange) sendBody() error {
	buf := trBuffers.Get().(*[32 << 10]byte)
	defer trBuffers.Put(buf)
	r, bw := e.r, e.c.bw
	if !r.chunked {
		if err := e.sendPlain(buf[:]); err != nil {
			return err
		}
		return r.body.closeRead()
	}
	// Each chunk is sent at once: the body may be one that waits for an answer to what it has said.
	chunks := httputil.NewChunkedWriter(bw)
	for {
		n, err := r.body.Read(buf[:])
		if n > 0 {
			if _, err := chunks.Write(buf[:n]); err != nil {
				return err
			}
			if err := bw.Flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return trBodyError{err}
		}
	}
	if err := r.body.closeRead(); err != nil {
		return err
	}
	if err := chunks.Close(); err != nil {
		return err
	}
	if err := r.Trailer.Write(bw); err != nil {
		return err
	}
	_, err := io.WriteString(bw, "\r\n")
	return err
}

// sendPlain writes a body whose length was announced, or that ends with the connection.
func (e *trExchange) sendPlain(buf []byte) error {
	r, bw, sent := e.r, e.c.bw, int64(0)
	for {
		n, err := r.body.Read(buf)
		sent += int64(n)
		if r.length >= 0 && sent > r.length {
			break
		}
		if n > 0 {
			if _, err := bw.Write(buf[:n]); err != nil {
				return err
			}
		}
		if n > 0 && (sent == r.length || r.Method == http.MethodConnect) {
			if err := bw.Flush(); err != nil { // the end of the body may be long in coming
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return trBodyError{err}
		}
	}
	if r.length >= 0 && sent != r.length {
		return trBodyError{fmt.Errorf("http: ContentLength=%d with Body length %d", r.length, sent)}
	}
	return nil
}

// closeRead closes the body after it was read to its end. A body that fails then has failed.
func (s *trSource) closeRead() error {
	if err := s.close(); err != nil {
		return trBodyError{err}
	}
	return nil
}
