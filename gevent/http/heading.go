package http

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// trUserAgent is what package net/http calls itself: some servers ask.
const trUserAgent = "Go-http-client/1.1"

// trOwnFields are written from other fields of the request than its header.
var trOwnFields = map[string]bool{
	"Host": true, "User-Agent": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true,
}

// writeHead writes the head into the connection's buffer.
func (e *trExchange) writeHead() error {
	r := e.r
	host, err := trCleanHost(r.hostName(), r.route.absolute())
	if err != nil {
		return err
	}
	target := r.target(host)
	if hasControl(target) {
		return errors.New("http: can't write control character in Request.URL")
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	w := &trHead{e: e}
	w.write(method, " ", target, " HTTP/1.1\r\n")
	w.field("Host", host)
	agent := trUserAgent
	if _, ok := r.Header["User-Agent"]; ok {
		agent = strings.TrimSpace(r.Header.Get("User-Agent"))
	}
	if agent != "" {
		w.field("User-Agent", agent)
	}
	if r.Close && !hasToken(r.Header["Connection"], "close") {
		w.field("Connection", "close")
	}
	if err := w.framing(method); err != nil {
		return err
	}
	w.header(r.Header)
	w.extras()
	w.write("\r\n")
	if w.err == nil && r.trace.WroteHeaders != nil {
		r.trace.WroteHeaders()
	}
	return w.err
}

func (r *trRequest) hostName() string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// target is what the request line asks for.
func (r *trRequest) target(host string) string {
	uri := r.URL.RequestURI()
	switch {
	case r.route.absolute() && r.URL.Opaque == "":
		return r.URL.Scheme + "://" + host + uri
	case r.Method == http.MethodConnect && r.URL.Path == "" && r.URL.Opaque != "":
		return r.URL.Opaque
	case r.Method == http.MethodConnect && r.URL.Path == "":
		return host
	}
	return uri
}

// A trHead writes the lines of a head. After a failure it writes no more.
type trHead struct {
	e   *trExchange
	err error
}

func (w *trHead) write(parts ...string) {
	for _, s := range parts {
		if w.err == nil {
			_, w.err = w.e.c.bw.WriteString(s)
		}
	}
}

func (w *trHead) field(name, value string) {
	w.write(name, ": ", value, "\r\n")
	w.wrote(name, value)
}

func (w *trHead) wrote(name string, values ...string) {
	if wrote := w.e.r.trace.WroteHeaderField; wrote != nil && w.err == nil {
		wrote(name, values)
	}
}

// header writes the fields that the user has set.
func (w *trHead) header(h http.Header) {
	if w.err != nil {
		return
	}
	w.err = h.WriteSubset(w.e.c.bw, trOwnFields)
	if w.e.r.trace.WroteHeaderField == nil {
		return
	}
	for name, values := range h {
		if !trOwnFields[name] {
			w.wrote(name, values...)
		}
	}
}

// framing says how long the body is, and what comes after it.
func (w *trHead) framing(method string) error {
	r := w.e.r
	switch {
	case r.chunked:
		w.field("Transfer-Encoding", "chunked")
		return w.trailer(r.Trailer)
	case r.length > 0, r.length == 0 && (method == "POST" || method == "PUT" || method == "PATCH"): // servers expect one
		w.field("Content-Length", strconv.FormatInt(r.length, 10))
	}
	return nil
}

// trailer announces the fields that come after the body.
func (w *trHead) trailer(h http.Header) error {
	if len(h) == 0 {
		return nil
	}
	var names []string
	for name := range h {
		name = http.CanonicalHeaderKey(name)
		switch name {
		case "Transfer-Encoding", "Trailer", "Content-Length":
			return fmt.Errorf("http: invalid Trailer key %q", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	w.field("Trailer", strings.Join(names, ","))
	return nil
}

// extras writes what the Transport says of its own accord.
func (w *trHead) extras() {
	e, r := w.e, w.e.r
	if auth := r.route.authorization(); auth != "" && r.route.absolute() {
		w.field("Proxy-Authorization", auth)
	}
	// As net/http, not for HEAD and not for a part: some servers get these wrong, and part of a packed document is of no use.
	e.gzip = !e.t.DisableCompression && r.Method != http.MethodHead && r.Header.Get("Accept-Encoding") == "" &&
		r.Header.Get("Range") == ""
	if e.gzip {
		w.field("Accept-Encoding", "gzip")
	}
	closes := r.Close || hasToken(r.Header["Connection"], "close")
	if e.t.DisableKeepAlives && !closes && !trAsksUpgrade(r.Header) {
		w.field("Connection", "close")
	}
}
