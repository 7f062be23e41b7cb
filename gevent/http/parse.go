package http

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
)

// A badRequest is why a request is refused. The connection is closed after the answer.
type badRequest struct {
	status int
	text   string // what the client is told beside the status; "" is nothing
}

func (e *badRequest) Error() string {
	if e.text == "" {
		return http.StatusText(e.status)
	}
	return http.StatusText(e.status) + ": " + e.text
}

var errMalformed error = &badRequest{status: http.StatusBadRequest}

// headEnd looks for the end of a request's head in b, of which the first from bytes have been looked at before. It returns
// the length of the head including the empty line that ends it, 0 if that has not come yet.
func headEnd(b []byte, from int) (n int) {
	if n = emptyLine(b); n > 0 {
		return n
	}
	at := max(from-2, 0) // a "\n\r" that was seen may be half of the end
	for {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return 0
		}
		at += i + 1
		if n = emptyLine(b[at:]); n > 0 {
			return at + n
		}
	}
}

// emptyLine returns the length of the empty line at the start of b, 0 if there is none.
func emptyLine(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// blank is what each request is a copy of: Request.WithContext is the one way to give it a context, and makes it as well.
var blank http.Request

// parseRequest parses the head of a request, all of it and nothing more, and accepts what the server of net/http accepts.
// The request is as that server makes it, but for RemoteAddr and TLS. Its Body is http.NoBody, or nil if there is one:
// newBody makes that. It keeps nothing of head, which it needs as scratch space: names and folded values are rewritten in
// place. The strings of the request are slices of one copy. An error is a *badRequest.
func parseRequest(ctx context.Context, head []byte) (*http.Request, error) {
	eol := bytes.IndexByte(head, '\n')
	if eol < 0 {
		return nil, errMalformed
	}
	var room [16]field // stays on the stack
	fields, spaced, ok := scanFields(head, eol+1, room[:0])
	if !ok {
		return nil, errMalformed
	}
	text := string(head)
	r := blank.WithContext(ctx)
	if !setRequestLine(r, strings.TrimSuffix(text[:eol], "\r")) {
		return nil, errMalformed
	}
	var f framing
	r.Header = f.collect(text, fields)
	if err := f.apply(r); err != nil {
		return nil, err
	}
	if spaced {
		return nil, errFieldName
	}
	return r, nil
}

// setRequestLine sets what the first line says.
func setRequestLine(r *http.Request, line string) (ok bool) {
	method, rest, ok1 := strings.Cut(line, " ")
	uri, proto, ok2 := strings.Cut(rest, " ")
	if !ok1 || !ok2 || !isToken(method) {
		return false
	}
	r.Method, r.RequestURI, r.Proto = method, uri, proto
	r.ProtoMajor, r.ProtoMinor, ok = http.ParseHTTPVersion(proto)
	if !ok {
		return false
	}
	u, err := requestURL(method, uri)
	r.URL = u
	return err == nil
}

// requestURL parses the target of a request: a path, an absolute URL, "*", or for CONNECT a host and port alone.
func requestURL(method, uri string) (*url.URL, error) {
	if u := plainURL(uri); u != nil {
		return u, nil
	}
	if method != http.MethodConnect || strings.HasPrefix(uri, "/") {
		return url.ParseRequestURI(uri)
	}
	u, err := url.ParseRequestURI("http://" + uri)
	if err != nil {
		return nil, err
	}
	u.Scheme = ""
	return u, nil
}

// plainURL returns what url.ParseRequestURI does for a path that means itself, with or without a query, nil for all else.
func plainURL(uri string) *url.URL {
	if uri == "" || uri[0] != '/' {
		return nil
	}
	for i := range len(uri) {
		if plainInPath[uri[i]] {
			continue
		}
		if query := uri[i+1:]; uri[i] == '?' && query != "" && !hasControl(query) {
			return &url.URL{Path: uri[:i], RawQuery: query}
		}
		return nil
	}
	return &url.URL{Path: uri}
}

// plainInPath is the bytes that a URL writes in a path as they are.
var plainInPath = bytesIn("$&+,-./:;=@_~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == del {
			return true
		}
	}
	return false
}
