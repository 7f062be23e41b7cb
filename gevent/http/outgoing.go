package http

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"

	"greenloop/gevent"
)

// A trRequest is a request on its way, through all attempts to send it. The http.Request itself is never changed.
type trRequest struct {
	*http.Request
	ctx   context.Context
	trace *httptrace.ClientTrace // never nil
	route trRoute

	body    *trSource // nil if there is none
	length  int64     // of the body; -1 if it is not known
	chunked bool
	empty   bool // the body was found to be, and was closed
}

// prepare checks what can be checked before there is a connection.
func (r *trRequest) prepare() error {
	r.ctx = r.Context()
	if r.trace = httptrace.ContextClientTrace(r.ctx); r.trace == nil {
		r.trace = new(httptrace.ClientTrace)
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.body, r.length = &trSource{ReadCloser: r.Body}, -1
		if r.ContentLength > 0 {
			r.length = r.ContentLength
		}
	}
	if err := trCheck(r.Request); err != nil {
		return err
	}
	if err := gevent.Canceled(); err != nil { // else it would be found out at the cost of a connection
		return err
	}
	wanted := len(r.TransferEncoding) > 0 && r.TransferEncoding[0] == "chunked"
	if r.body != nil && wanted {
		r.length = -1
	}
	if r.length >= 0 || r.Method == http.MethodConnect && !wanted {
		return nil
	}
	r.chunked = true
	if !wanted && trBodiless(r.Method) {
		return r.probeBody()
	}
	return nil
}

func trCheck(req *http.Request) error {
	switch {
	case req.URL == nil:
		return errors.New("http: nil Request.URL")
	case req.Header == nil:
		return errors.New("http: nil Request.Header")
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return fmt.Errorf("http: unsupported protocol scheme %q", req.URL.Scheme)
	}
	if err := trCheckFields("header", req.Header); err != nil {
		return err
	}
	if err := trCheckFields("trailer", req.Trailer); err != nil {
		return err
	}
	switch {
	case req.Method != "" && !isToken(req.Method):
		return fmt.Errorf("http: invalid method %q", req.Method)
	case req.URL.Host == "":
		return errors.New("http: no Host in request URL")
	case req.Body == nil && req.ContentLength != 0:
		return fmt.Errorf("http: Request.ContentLength=%d with nil Body", req.ContentLength)
	}
	return nil
}

// trCheckFields refuses what would break out of its line. It does not show values, which may be secret.
func trCheckFields(what string, h http.Header) error {
	for name, values := range h {
		if !isToken(name) {
			return fmt.Errorf("http: invalid %s field name %q", what, name)
		}
		for _, v := range values {
			if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return fmt.Errorf("http: invalid %s field value for %q", what, name)
			}
		}
	}
	return nil
}

// trBodiless reports whether servers are surprised by a body of such a request, even by an empty one in chunks.
func trBodiless(method string) bool {
	switch method {
	case "", "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "SEARCH":
		return true
	}
	return false
}

// wantsContinue reports whether the body waits for the server's leave.
func (r *trRequest) wantsContinue() bool {
	return r.body != nil && r.ProtoAtLeast(1, 1) && hasToken(r.Header["Expect"], "100-continue")
}

// replayable reports whether the request may be sent twice, though the server may have seen the first one.
func (r *trRequest) replayable() bool {
	if r.body != nil && r.GetBody == nil {
		return false
	}
	switch r.Method {
	case "", "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	_, key := r.Header["Idempotency-Key"]
	_, x := r.Header["X-Idempotency-Key"]
	return key || x
}

// rewind makes the body be sent from its beginning again.
func (r *trRequest) rewind() error {
	if r.body == nil || !r.body.read && !r.body.closed {
		return nil
	}
	if err := r.body.close(); err != nil {
		return err
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	r.body = &trSource{ReadCloser: body}
	return nil
}

// close closes the body.
func (r *trRequest) close() error {
	switch {
	case r.body != nil:
		return r.body.close()
	case r.Body != nil && !r.empty:
		return r.Body.Close()
	}
	return nil
}
