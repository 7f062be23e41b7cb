package http

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"time"

	"greenloop/gevent"
)

// A trExchange is one attempt at a request and its response, on a connection of its own until it is over.
type trExchange struct {
	t   *Transport
	hub *gevent.Hub
	c   *trConn
	r   *trRequest

	before  int64       // what had been written to c when it began
	gzip    bool        // was asked for by us, so the response is unpacked
	unwatch func() bool // ends the watch over the request's context; nil if it has no end

	sender  *gevent.Greenlet          // sends the body; nil if it has not begun, or has ended
	permit  *gevent.AsyncResult[bool] // whether to send the body; nil if it needs no leave
	sent    bool                      // all of the request
	sendErr error                     // why it could not be sent

	begun    bool  // something of the response has come
	answered bool  // the head of the response has
	cause    error // why the exchange was ended from elsewhere: the context's end, or the body's failure
	over     bool
	again    bool // after a failure: the request may be sent once more
}

// run sends the request and returns the response. Unless it does so, the connection is closed afterwards.
func (e *trExchange) run() (resp *http.Response, err error) {
	defer func() {
		if resp == nil { // failed, or killed
			e.abort()
		}
	}()
	e.watch()
	if err = e.send(); err == nil {
		resp, err = e.receive()
	}
	if err != nil {
		return nil, e.failure(err)
	}
	e.deliver(resp)
	return resp, nil
}

// watch ends the exchange when the request's context is done, until it is over. That comes from whatever goroutine.
func (e *trExchange) watch() {
	ctx := e.r.ctx
	if ctx.Done() == nil {
		return
	}
	e.unwatch = context.AfterFunc(ctx, func() {
		e.hub.Post(func() { e.fail(context.Cause(ctx)) })
	})
}

// fail ends the exchange because of cause, which is what its waits return from then on.
func (e *trExchange) fail(cause error) {
	if e.over {
		return
	}
	e.cause = cause
	e.abort()
}

// abort ends the exchange and closes the connection, which wakes who waits there.
func (e *trExchange) abort() {
	if e.over {
		return
	}
	e.end()
	e.c.close()
}

// onHub calls fn, which does not wait, on the hub's thread, at its next chance if that is not the caller's. A hub that has
// ended has closed the connection, and does not call it.
func (e *trExchange) onHub(fn func()) {
	if gevent.GetHub() == e.hub {
		fn()
		return
	}
	e.hub.Post(fn)
}

// end is what each end of an exchange has in common.
func (e *trExchange) end() {
	e.over = true
	if e.unwatch != nil {
		e.unwatch()
	}
	if e.sender != nil {
		e.sender.KillAsync()
	}
}

// finish ends the exchange after the whole response has been read. If keep is set and the request was sent completely, the
// connection goes back to the pool.
func (e *trExchange) finish(keep bool) {
	if e.over {
		return
	}
	if !keep || !e.sent || e.sendErr != nil || e.c.ended || e.c.br.Buffered() > 0 {
		e.abort()
		return
	}
	e.end()
	err := e.c.release()
	if put := e.r.trace.PutIdleConn; put != nil && err != errTrNoKeepAlive {
		put(err)
	}
}

// receive waits for the response and returns it with the body as it comes from the connection.
func (e *trExchange) receive() (*http.Response, error) {
	c, trace := e.c, e.r.trace
	c.limit = c.maxHead()
	if _, err := c.br.Peek(1); err != nil {
		return nil, err
	}
	e.begun = true
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	for {
		resp, err := http.ReadResponse(c.br, e.r.Request)
		if err != nil {
			return nil, c.reason(err)
		}
		if resp.StatusCode < 100 || resp.StatusCode > 199 || resp.StatusCode == http.StatusSwitchingProtocols {
			c.limit = trUnlimited
			return resp, nil
		}
		if resp.StatusCode == http.StatusContinue && e.permit != nil && !e.permit.Ready() {
			if trace.Got100Continue != nil {
				trace.Got100Continue()
			}
			e.permit.Set(true)
		}
		if trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(resp.StatusCode, textproto.MIMEHeader(resp.Header)); err != nil {
				return nil, err
			}
			c.limit = c.maxHead() // who is shown them can say when there are too many
		}
	}
}

// deliver makes of resp what the caller of RoundTrip gets.
func (e *trExchange) deliver(resp *http.Response) {
	c, closing := e.c, resp.Close || e.r.Close
	e.answered = true
	c.setDeadline(0)
	resp.Request, resp.TLS = e.r.Request, c.tls
	if e.permit != nil && !e.permit.Ready() {
		e.permit.Set(!closing) // a connection that stays has to be told the body that was announced
	}
	switch {
	case trUpgrades(resp):
		resp.Body = &trUpgraded{e: e}
		if e.unwatch != nil {
			e.unwatch()
		}
		c.disown()
	case e.r.Method == http.MethodHead || resp.ContentLength == 0:
		e.finish(!closing && resp.StatusCode > 199)
	default:
		body := &trBody{e: e, src: resp.Body, keep: !closing && resp.StatusCode > 199}
		resp.Body = body
		if e.gzip && hasToken(resp.Header["Content-Encoding"], "gzip") {
			resp.Body = &trUnpacked{packed: body}
			resp.Header.Del("Content-Encoding")
			resp.Header.Del("Content-Length")
			resp.ContentLength, resp.Uncompressed = -1, true
		}
	}
}

// failure makes of err, with which a call on the connection has ended, what RoundTrip returns, and finds out whether to try
// again: on a connection that was kept, and that the server may have closed before it saw the request.
func (e *trExchange) failure(err error) error {
	var own trBodyError
	expired := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case e.cause != nil:
		return e.cause
	case errors.As(err, &own):
		return own.error
	case e.sendErr != nil && (expired || trBroken(err)):
		err = e.sendErr
	case expired:
		return &trTimeout{"response headers"}
	}
	if !trBroken(err) {
		return err
	}
	if e.begun {
		return fmt.Errorf("http: connection broken: %w", err)
	}
	if e.c.reused {
		unseen := e.c.written == e.before && (e.r.body == nil || e.r.GetBody != nil)
		e.again = unseen || e.r.replayable()
	}
	return err
}

// requestSent notes that the server has all of the request now: the time for the response runs from here.
func (e *trExchange) requestSent() {
	e.sent = true
	if e.r.trace.WroteRequest != nil {
		e.r.trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if d := e.t.ResponseHeaderTimeout; d > 0 && !e.answered {
		e.c.setDeadline(d)
	}
}

// trLastWord is how long a server that takes no more of the request has for its response: it may have one to tell why, and
// one that is gone shows at once.
const trLastWord = time.Second

// requestFailed notes that the request cannot be sent.
func (e *trExchange) requestFailed(err error) {
	e.sendErr = err
	if e.r.trace.WroteRequest != nil {
		e.r.trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
	if !e.answered {
		e.c.setDeadline(trLastWord)
	}
}
