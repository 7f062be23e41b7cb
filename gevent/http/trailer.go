package http

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// announceTrailers takes note of the trailers that the header announces, takes out those that are values already, and reports
// whether there is any.
func (r *response) announceTrailers() (any bool) {
	if f := r.field("Trailer"); f != nil && !f.none {
		any = true
		r.announce(f.value)
		for _, v := range f.more {
			r.announce(v)
		}
	}
	before := len(r.fields)
	r.fields = slices.DeleteFunc(r.fields, func(f headerField) bool { return strings.HasPrefix(f.name, http.TrailerPrefix) })
	return any || len(r.fields) < before
}

func (r *response) announce(names string) {
	for name := range strings.SplitSeq(names, ",") {
		name = http.CanonicalHeaderKey(textproto.TrimString(name))
		if name != "" && mayTrail(name) {
			r.trailers = append(r.trailers, name)
		}
	}
}

// mayTrail reports whether a field may be sent after a body: not if the body cannot be understood without it (RFC 9110, 6.5.1).
func mayTrail(name string) bool {
	switch name {
	case "Authorization", "Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type",
		"Expect", "Host", "Keep-Alive", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
		"Range", "Realm", "Te", "Trailer", "Transfer-Encoding", "Www-Authenticate":
		return false
	}
	return !strings.HasPrefix(name, "If-")
}

// writeTrailers writes the trailers as they are in the header now.
func (r *response) writeTrailers() {
	trailers := r.fields[:0]
	for name, values := range r.header {
		if name, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			trailers = addTrailer(trailers, name, values)
		}
	}
	for _, name := range r.trailers {
		trailers = addTrailer(trailers, name, r.header[name])
	}
	slices.SortStableFunc(trailers, func(a, b headerField) int { return strings.Compare(a.name, b.name) })
	r.fields = trailers
	r.writeFields()
}

func addTrailer(trailers []headerField, name string, values []string) []headerField {
	for _, v := range values {
		trailers = append(trailers, headerField{name: name, value: v})
	}
	return trailers
}
