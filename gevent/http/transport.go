package http

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// A Transport is an http.RoundTripper for greenlets: a stock http.Client that has it does its exchanges on the greenlet
// that asks, and parks that one alone.
//
//	client := &http.Client{Transport: &ghttp.Transport{}}
//	resp, err := client.Get("http://example.org/")
//
// The zero value behaves as http.DefaultTransport does, its limits included; a negative number means none where that is
// said. Like http.Transport it keeps connections that are idle, uses proxies, asks for gzip and unpacks it, and sends a
// request again that can be repeated when a kept connection turns out to be dead. Make one and keep it; set its fields
// before the first use. It must not be copied.
//
// The request's context is followed until the body of the response has been read or closed, and the scopes of the greenlet
// in each call (gevent.WithTimeout and the like). An exchange that is ended early, by a kill as well, closes its
// connection.
//
// It belongs to the hub in which it is used first. Elsewhere RoundTrip, and Read of a body, return an error that says so;
// once that hub has ended it can be used in another one.
//
// It speaks HTTP/1.1 over http and https. HTTP/2 and SOCKS proxies are out, and Request.Cancel is not looked at: use the
// request's context. Of httptrace's hooks it calls those of the exchange and of TLS, not those of looking names up and
// connecting. A greenlet that makes a new connection does not take one instead that becomes idle meanwhile.
type Transport struct {
	// Proxy returns the proxy for a request, nil for none; "http" and "https" are the schemes. User and password of its URL
	// are sent in Proxy-Authorization. If Proxy is nil, http.ProxyFromEnvironment is asked.
	Proxy func(*http.Request) (*url.URL, error)

	// DialContext makes the connections, TLS apart. It must return one of package gevent: one of package net would block
	// the hub. If it is nil, gevent.Dial does, within 30 seconds.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// TLSClientConfig is the configuration for https; nil is the default one. Its NextProtos are not used.
	TLSClientConfig *tls.Config

	// TLSHandshakeTimeout limits a TLS handshake. 0 is 10 seconds, negative none.
	TLSHandshakeTimeout time.Duration

	// DisableKeepAlives makes each connection serve one request only.
	DisableKeepAlives bool

	// DisableCompression keeps the Transport from asking for gzip, and so from unpacking it.
	DisableCompression bool

	// MaxIdleConns is how many idle connections are kept in all; the one that is idle for longest goes first. 0 is 100,
	// negative no limit.
	MaxIdleConns int

	// MaxIdleConnsPerHost is how many are kept for each host. 0 is http.DefaultMaxIdleConnsPerHost, negative keeps none.
	MaxIdleConnsPerHost int

	// MaxConnsPerHost is how many there may be for each host, those that are being made or idle included. Requests beyond that
	// wait, and get theirs in the order in which they came. 0 is no limit.
	MaxConnsPerHost int

	// IdleConnTimeout is how long a connection may be idle until it is closed. 0 is 90 seconds, negative no limit.
	IdleConnTimeout time.Duration

	// ResponseHeaderTimeout limits the wait for the head of the response, from when the request has been sent with its
	// body. 0 is no limit.
	ResponseHeaderTimeout time.Duration

	// ExpectContinueTimeout is how long a request with "Expect: 100-continue" waits for the server's leave to send its
	// body, which is sent then anyway. 0 is one second; if negative, the body is sent at once.
	ExpectContinueTimeout time.Duration

	// MaxResponseHeaderBytes limits the head of a response. 0 is 10 MiB.
	MaxResponseHeaderBytes int64

	hub  atomic.Pointer[gevent.Hub] // where it is used
	pool idlePool                   // that hub's
}

// What a zero field stands for: the settings of http.DefaultTransport.
const (
	trDialTimeout      = 30 * time.Second
	trHandshakeTimeout = 10 * time.Second
	trIdleTimeout      = 90 * time.Second
	trContinueTimeout  = time.Second
	trMaxIdle          = 100
	trMaxHead          = 10 << 20
)

// RoundTrip sends the request and returns the response as soon as its head has come; the body is read from the connection,
// by greenlets of the same hub, and has to be closed. A body of the request that is not small is sent by a greenlet of its
// own, so that the response may come early. RoundTrip closes that body, possibly after it has returned.
//
// It ends early with the cause of the request's context once that is done, with the error of a scope that is over, or with
// what is thrown at the greenlet; then the connection is closed. Its own errors: io.EOF and other failures of the
// connection; a net.Error whose Timeout is true at one of the limits above; what Proxy, DialContext or the request's body
// return. Parks. Hub thread only; elsewhere it returns an error.
func (t *Transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	r := &trRequest{Request: req}
	defer func() {
		if resp == nil { // failed, which is what counts, or killed
			_ = r.close()
		}
	}()
	hub, err := t.settle()
	if err != nil {
		return nil, err
	}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if r.route, err = t.routeOf(req); err != nil {
		return nil, err
	}
	for {
		if r.ctx.Err() != nil {
			return nil, context.Cause(r.ctx)
		}
		c, err := t.connect(r)
		if err != nil {
			return nil, err
		}
		e := &trExchange{t: t, hub: hub, c: c, r: r, before: c.written}
		resp, err := e.run()
		if err == nil {
			return resp, nil
		}
		if !e.again {
			return nil, err
		}
		if err := r.rewind(); err != nil {
			return nil, err
		}
	}
}

// CloseIdleConnections closes the connections that are idle, and those in use as soon as they become so before the next
// request. It does not park. Safe from any goroutine.
func (t *Transport) CloseIdleConnections() {
	hub := t.hub.Load()
	if hub == nil {
		return
	}
	if hub == gevent.GetHub() {
		t.pool.closeIdle()
		return
	}
	hub.Post(t.pool.closeIdle) // a hub that has ended has closed them
}

var (
	errTrOutside = errors.New("http: Transport used outside a hub: call it in a greenlet, inside gevent.Run, " +
		"on no goroutine started with go")
	errTrOtherHub = errors.New("http: Transport used in a hub that is not its own: give each hub a Transport")
)

// settle makes the calling thread's hub the one to which t belongs, if there is none or that has ended, and returns it.
func (t *Transport) settle() (*gevent.Hub, error) {
	h := gevent.GetHub()
	if h == nil {
		return nil, errTrOutside
	}
	old := t.hub.Load()
	if old == h {
		return h, nil
	}
	if old != nil && old.Post(func() {}) || !t.hub.CompareAndSwap(old, h) {
		return nil, errTrOtherHub
	}
	t.pool = idlePool{} // what it holds was closed when that hub ended
	return h, nil
}

// trOr returns limit, unless that is zero, which stands for otherwise.
func trOr[T int | int64 | time.Duration](limit, otherwise T) T {
	if limit == 0 {
		return otherwise
	}
	return limit
}
