package http

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

var (
	errVersion   error = &badRequest{http.StatusHTTPVersionNotSupported, "unsupported protocol version"}
	errNoHost    error = &badRequest{http.StatusBadRequest, "missing required Host header"}
	errHost      error = &badRequest{http.StatusBadRequest, "malformed Host header"}
	errFieldName error = &badRequest{http.StatusBadRequest, "invalid header name"}
	errCoding    error = &badRequest{http.StatusNotImplemented, "Unsupported transfer encoding"}
)

// framing is the fields that say where a request goes and where it ends.
type framing struct {
	hosts, codings int // how many of them there are
	host, coding   string
	more           bool // one of the others that apply looks at is there
}

// collect makes the header of the fields, which it changes. Host and Transfer-Encoding do not go there but into f.
func (f *framing) collect(text string, fields []field) http.Header {
	kept := fields[:0]
	for _, at := range fields {
		switch text[at.name:at.colon] {
		case "Host":
			f.hosts++
			f.host = text[at.value:at.end]
			continue
		case "Transfer-Encoding":
			f.codings++
			f.coding = text[at.value:at.end]
			continue
		case "Connection", "Content-Length", "Pragma", "Trailer":
			f.more = true
		}
		kept = append(kept, at)
	}
	return newHeader(text, kept)
}

// apply sets what the fields say about the request, which has all else, and checks them. Where several are wrong, the order
// of the checks, which is net/http's, decides which status the client gets.
func (f *framing) apply(r *http.Request) error {
	if f.hosts > 1 {
		return errMalformed
	}
	r.Host = r.URL.Host
	if r.Host == "" {
		r.Host = f.host
	}
	if f.more {
		fixPragma(r.Header)
	}
	r.Close = wantsClose(r)
	if f.codings > 0 && knowsCodings(r) {
		if f.codings > 1 || !equalFold(f.coding, "chunked") {
			return errCoding
		}
		r.TransferEncoding = []string{"chunked"}
	}
	if err := f.setLength(r); err != nil {
		return err
	}
	return f.checkHost(r)
}

// fixPragma gives the HTTP/1.0 way to say no-cache its modern form.
func fixPragma(h http.Header) {
	if pragma := h["Pragma"]; len(pragma) > 0 && pragma[0] == "no-cache" && h["Cache-Control"] == nil {
		h["Cache-Control"] = []string{"no-cache"}
	}
}

// wantsClose reports whether the connection ends with the answer.
func wantsClose(r *http.Request) bool {
	if r.ProtoMajor < 1 {
		return true
	}
	conn := r.Header["Connection"]
	return hasToken(conn, "close") || r.ProtoMajor == 1 && r.ProtoMinor == 0 && !hasToken(conn, "keep-alive")
}

// hasToken reports whether one of the comma-separated lists in values has token.
func hasToken(values []string, token string) bool {
	for _, v := range values {
		for more := true; more; {
			var item string
			item, v, more = strings.Cut(v, ",")
			if equalFold(strings.Trim(item, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// knowsCodings reports whether the version has Transfer-Encoding; others ignore it. HTTP/0.0 is refused later, but not
// before net/http looks at its coding.
func knowsCodings(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) || r.ProtoMajor == 0 && r.ProtoMinor == 0
}

// setLength sets ContentLength, Trailer, and Body where there is none.
func (f *framing) setLength(r *http.Request) error {
	chunked := r.TransferEncoding != nil
	if f.more {
		length, err := contentLength(r.Header)
		if err != nil {
			return err
		}
		r.ContentLength = length
		if chunked {
			delete(r.Header, "Content-Length")
			if r.Trailer, err = announced(r.Header); err != nil {
				return err
			}
		}
	}
	switch {
	case chunked:
		r.ContentLength = -1
	case r.ContentLength == 0:
		r.Body = http.NoBody
	}
	return nil
}

// contentLength returns the announced length, 0 if there is none. The same length announced twice is left in h once.
func contentLength(h http.Header) (int64, error) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return 0, nil
	}
	first := textproto.TrimString(values[0])
	for _, v := range values[1:] {
		if textproto.TrimString(v) != first {
			return 0, errMalformed
		}
	}
	if len(values) > 1 {
		h["Content-Length"] = []string{first}
	}
	n, err := strconv.ParseUint(first, 10, 63)
	if err != nil {
		return 0, errMalformed
	}
	return int64(n), nil
}

// announced takes the Trailer fields out of h and returns the names in them, with nil values; nil if there are none.
func announced(h http.Header) (http.Header, error) {
	values, ok := h["Trailer"]
	if !ok {
		return nil, nil
	}
	delete(h, "Trailer")
	names := make(http.Header)
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			name = http.CanonicalHeaderKey(textproto.TrimString(name))
			if slices.Contains([]string{"Transfer-Encoding", "Trailer", "Content-Length"}, name) {
				return nil, errMalformed
			}
			if name != "" {
				names[name] = nil
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return names, nil
}

// checkHost checks that there is a host where the version demands one, and the version. The start of an HTTP/2
// connection is let through, for handlers that hijack it.
func (f *framing) checkHost(r *http.Request) error {
	preface := r.Method == "PRI" && r.RequestURI == "*" && r.ProtoMajor == 2 && r.ProtoMinor == 0
	if r.ProtoMajor != 1 && !preface {
		return errVersion
	}
	if preface && len(r.Header) == 0 && f.hosts == 0 {
		r.ContentLength = -1 // it is neither announced nor chunked
		r.Close = true
		return nil
	}
	if f.hosts == 0 && r.ProtoAtLeast(1, 1) && r.Method != http.MethodConnect {
		return errNoHost
	}
	for i := range len(f.host) {
		if !hostBytes[f.host[i]] {
			return errHost
		}
	}
	return nil
}

// hostBytes is the bytes that may be somewhere in a host and port (RFC 3986, 3.2).
var hostBytes = bytesIn("!$%&'()*+,-.:;=[]_~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
