package http

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// connect returns a connection for r: an idle one, or a new one, which may have to wait for another one to go. If it waits,
// the end of r's context ends that.
func (t *Transport) connect(r *trRequest) (*trConn, error) {
	t.pool.closing = false
	if r.trace.GetConn != nil {
		r.trace.GetConn(r.route.first())
	}
	h := t.pool.host(r.route.key())
	for c := h.pop(); c != nil; c = h.pop() {
		ok, err := c.usable()
		if err != nil {
			return nil, err
		}
		if ok {
			c.got(r)
			return c, nil
		}
		h = t.pool.host(h.key) // c may have been the last one
	}
	var c *trConn
	err := r.within(func() (err error) {
		if c, err = h.enter(t.MaxConnsPerHost); err == nil && c == nil {
			c, err = t.makeConn(r, h)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.got(r)
	return c, nil
}

func (c *trConn) got(r *trRequest) {
	if r.trace.GotConn != nil {
		r.trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn, Reused: c.reused, WasIdle: c.reused})
	}
}

// within calls fn, whose waits end with r's context, and returns that one's cause then.
func (r *trRequest) within(fn func() error) error {
	if r.ctx.Done() == nil {
		return fn()
	}
	err := gevent.WithContext(r.ctx, fn)
	if err != nil && r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return err
}

// first is the address to dial.
func (r *trRoute) first() string {
	if r.proxy != nil {
		return trAddr(r.proxy)
	}
	return r.addr
}

// makeConn makes a connection, which h has counted, up to where requests can be sent.
func (t *Transport) makeConn(r *trRequest, h *idleHost) (c *trConn, err error) {
	made := false
	defer func() {
		switch { // a kill comes here, too
		case made:
		case c != nil:
			c.close()
		default:
			h.leave()
		}
	}()
	raw, err := t.dial(r.ctx, r.route.first())
	if err != nil {
		return nil, r.route.failed(err)
	}
	c = newTrConn(t, h, raw)
	if proxy := r.route.proxy; proxy != nil {
		if err := t.passProxy(c, r, proxy); err != nil {
			return c, err
		}
	}
	if r.route.scheme == "https" {
		if err := t.addTLS(c, r, r.route.addr); err != nil {
			return c, err
		}
	}
	made = true
	return c, nil
}

// failed marks err as a failure on the way to the proxy, if there is one.
func (r *trRoute) failed(err error) error {
	if r.proxy == nil {
		return err
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
}

func (t *Transport) dial(ctx context.Context, addr string) (net.Conn, error) {
	if t.DialContext != nil {
		c, err := t.DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		switch c.(type) {
		case nil:
			return nil, errors.New("http: Transport.DialContext returned neither a connection nor an error")
		case *net.TCPConn, *net.UnixConn, *tls.Conn:
			c.Close()
			return nil, fmt.Errorf("http: Transport.DialContext returned a %T, which would block the hub; use package gevent's", c)
		}
		return c, nil
	}
	c, err := gevent.DialTimeout("tcp", addr, trDialTimeout)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// addTLS makes c speak TLS from now on, to the host of addr.
func (t *Transport) addTLS(c *trConn, r *trRequest, addr string) error {
	config := new(tls.Config)
	if t.TLSClientConfig != nil {
		config = t.TLSClientConfig.Clone()
	}
	host, _, _ := net.SplitHostPort(addr)
	config.ServerName = cmp.Or(config.ServerName, host)
	config.NextProtos = []string{"http/1.1"}
	conn := ssl.Client(c.Conn, config)
	if r.trace.TLSHandshakeStart != nil {
		r.trace.TLSHandshakeStart()
	}
	err := trWithLimit(trOr(t.TLSHandshakeTimeout, trHandshakeTimeout), "TLS handshake", func() error {
		return conn.HandshakeContext(r.ctx)
	})
	var state tls.ConnectionState
	if err == nil {
		state = conn.ConnectionState()
		c.Conn, c.tls = conn, &state
		c.br.Reset(c)
	}
	if r.trace.TLSHandshakeDone != nil {
		r.trace.TLSHandshakeDone(state, err)
	}
	return err
}

// trProxyTime is how long a proxy may take to answer CONNECT. As in net/http: long, but not for ever.
const trProxyTime = time.Minute

// passProxy makes c, which leads to proxy, lead to r's server where that needs a tunnel.
func (t *Transport) passProxy(c *trConn, r *trRequest, proxy *url.URL) error {
	if proxy.Scheme == "https" {
		if err := t.addTLS(c, r, trAddr(proxy)); err != nil {
			return r.route.failed(err)
		}
	}
	if r.route.scheme != "https" {
		return nil
	}
	return trWithLimit(trProxyTime, "answer of the proxy", func() error { return c.tunnel(r) })
}

// tunnel asks the proxy for a way through to r's server.
func (c *trConn) tunnel(r *trRequest) error {
	addr := r.route.addr
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if auth := r.route.authorization(); auth != "" {
		ask.Header.Set("Proxy-Authorization", auth)
	}
	if err := ask.Write(c.bw); err != nil {
		return err
	}
	if err := c.bw.Flush(); err != nil {
		return err
	}
	// A buffer of its own may be thrown away: a TLS server does not speak first.
	resp, err := http.ReadResponse(bufio.NewReader(&io.LimitedReader{R: c.Conn, N: c.maxHead()}), ask)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		_, text, _ := strings.Cut(resp.Status, " ")
		return errors.New(cmp.Or(text, "http: the proxy answered without a status"))
	}
	return nil
}

// A trTimeout is the error of one of the Transport's own limits.
type trTimeout struct{ what string }

func (e *trTimeout) Error() string { return fmt.Sprintf("http: timeout awaiting %s", e.what) }

// Timeout returns true, as with every net.Error that comes of a time limit.
func (e *trTimeout) Timeout() bool { return true }

// Temporary returns true: another attempt may be faster.
func (e *trTimeout) Temporary() bool { return true }

// Is makes it what a context's deadline is, as net/http's are.
func (e *trTimeout) Is(target error) bool { return target == context.DeadlineExceeded }

// trWithLimit calls fn, which has to end within d; a negative d is no limit.
func trWithLimit(d time.Duration, what string, fn func() error) error {
	if d < 0 {
		return fn()
	}
	limit := gevent.NewTimeout(d)
	err := limit.Do(fn)
	if limit.Is(err) {
		return &trTimeout{what}
	}
	return err
}
