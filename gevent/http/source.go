package http

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"time"

	"greenloop/gevent"
)

// A trSource is the body of a request as one attempt sends it.
type trSource struct {
	io.ReadCloser
	read   bool // something may have been
	closed bool
	probe  *trProbe // has read the beginning; nil if there was no need
}

func (s *trSource) Read(b []byte) (int, error) {
	s.read = true
	if s.probe != nil {
		return s.probe.Read(b)
	}
	return s.ReadCloser.Read(b)
}

// close closes the body, once.
func (s *trSource) close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.probe != nil {
		s.probe.stop()
	}
	return s.Close()
}

// inMemory reports whether the body can be read at once and without a wait: one of those that http.NewRequest knows.
func (s *trSource) inMemory() bool {
	body := io.Reader(s.ReadCloser)
	if t := reflect.TypeOf(body); t == trNopCloser || t == trNopCloserTo {
		body, _ = reflect.ValueOf(body).Field(0).Interface().(io.Reader)
	}
	switch body.(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	}
	return false
}

// The types of io.NopCloser's results, around a plain reader and around one that is an io.WriterTo.
var (
	trNopCloser   = reflect.TypeOf(io.NopCloser(nil))
	trNopCloserTo = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))
)

// trProbeTime is how long a request whose method seldom has a body waits to see whether it has one. As in net/http:
// the body may be a pipe that somebody fills who waits for the response.
const trProbeTime = 200 * time.Millisecond

// A trProbe reads the first byte of a body, in a greenlet of its own.
type trProbe struct {
	body   io.Reader
	reader *gevent.Greenlet
	came   gevent.Event
	buf    [1]byte
	n      int
	err    error
	passed bool // the byte, or the error, has been handed on
}

// probeBody finds out whether the body is empty, and makes the request one without a body if so.
func (r *trRequest) probeBody() error {
	p := &trProbe{body: r.body.ReadCloser}
	r.body.read, r.body.probe = true, p
	p.reader = gevent.SpawnNamed("http: first byte of a body", p.fetch)
	if err := p.came.WaitTimeout(trProbeTime); err != nil && err != gevent.ErrTimeout { // that very value: no scope's
		return err
	}
	if p.came.IsSet() && p.n == 0 && p.err == io.EOF {
		body := r.body
		r.body, r.length, r.chunked, r.empty = nil, 0, false, true
		return body.close()
	}
	return nil
}

func (p *trProbe) fetch() error {
	defer func() {
		if p.n == 0 && p.err == nil {
			p.err = errTrSender
		}
		p.came.Set()
	}()
	for p.n == 0 && p.err == nil {
		p.n, p.err = p.body.Read(p.buf[:])
	}
	return nil
}

// Read hands on what was read first, then reads the body.
func (p *trProbe) Read(b []byte) (int, error) {
	if p.passed {
		if p.err != nil {
			return 0, p.err
		}
		return p.body.Read(b)
	}
	if len(b) == 0 {
		return 0, nil
	}
	if err := p.came.Wait(); err != nil {
		return 0, err
	}
	p.passed = true
	return copy(b, p.buf[:p.n]), p.err
}

func (p *trProbe) stop() {
	if !p.came.IsSet() {
		p.reader.KillAsync()
	}
}
