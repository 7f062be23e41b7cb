package http

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is the head of an answer: what the handler has said, and what the server adds or takes out. The rules and the
// order of the fields are net/http's.

// A headerField is a field of the header as it was at WriteHeader; a handler may change the header later, for trailers.
type headerField struct {
	name  string
	value string
	more  []string // values after the first
	none  bool     // it has no value, and only keeps the server from setting one
}

// collect takes the handler's header down, sorted.
func (r *response) collect() {
	r.fields = r.fields[:0]
	for name, values := range r.header {
		f := headerField{name: name, none: len(values) == 0}
		if !f.none {
			f.value = values[0]
		}
		if len(values) > 1 {
			f.more = slices.Clone(values[1:])
		}
		r.fields = append(r.fields, f)
	}
	if len(r.fields) > 1 {
		slices.SortFunc(r.fields, func(a, b headerField) int { return strings.Compare(a.name, b.name) })
	}
}

// field returns the field of that name, nil if there is none.
func (r *response) field(name string) *headerField {
	for i := range r.fields {
		if r.fields[i].name == name {
			return &r.fields[i]
		}
	}
	return nil
}

func (r *response) value(name string) string {
	if f := r.field(name); f != nil {
		return f.value
	}
	return ""
}

func (r *response) remove(name string) {
	r.fields = slices.DeleteFunc(r.fields, func(f headerField) bool { return f.name == name })
}

// added is the fields that the server adds.
type added struct {
	length      bool
	contentType string
	connection  string
	chunked     bool
}

// sendHead makes the head and hands it to the output. first is the beginning of the body, all of it if the handler is done.
// It may first read the rest of the request. Parks.
func (r *response) sendHead(first []byte) {
	whole := false
	defer r.conn.out.unless(&whole)
	r.sentHead = true
	var a added
	trailers := r.announceTrailers()
	encoding := r.value("Transfer-Encoding")
	allowed := bodyAllowed(r.status)
	if r.done && !trailers && encoding == "" && allowed && r.field("Content-Length") == nil && (!r.isHead || len(first) > 0) {
		r.length = int64(len(first))
		a.length = true
	}
	r.decideClose(&a)
	if allowed {
		if len(first) > 0 && encoding == "" && r.field("Content-Type") == nil && r.value("Content-Encoding") == "" {
			a.contentType = http.DetectContentType(first)
		}
	} else {
		if r.status == http.StatusNotModified {
			r.remove("Content-Type")
		}
		r.remove("Content-Length")
		r.remove("Transfer-Encoding")
	}
	r.decideFraming(&a, encoding, allowed)
	r.decideConnection(&a)
	r.statusLine(r.status)
	r.writeFields()
	r.writeAdded(&a)
	whole = true
}

// decideClose finds out whether the connection goes on, for which the request must have been read.
func (r *response) decideClose(a *added) {
	connection := r.field("Connection")
	if r.keeps10 && (r.isHead || r.length != -1 || !bodyAllowed(r.status)) {
		if connection == nil {
			a.connection = "keep-alive"
		}
	} else if !r.is11 || r.wantsClose {
		r.close = true
	}
	body := &r.turn.body
	// A client that waits to be asked for its body may send it or not: if nobody has asked, what comes next is not known.
	if connection != nil && connection.value == "close" || r.conn.server.state.closing || body.expected && !body.complete() {
		r.close = true
	}
	if r.close || r.fullDuplex {
		return
	}
	// Clients that send all of a request before they read would wait for us for ever, and we for them.
	ended, tooMuch := body.drain()
	if tooMuch {
		r.remove("Connection")
		a.connection = "close"
	}
	r.close = !ended
}

func (r *response) decideFraming(a *added, encoding string, allowed bool) {
	hasLength := r.length != -1
	if hasLength && encoding != "" && encoding != "identity" {
		r.complain("http: both a Transfer-Encoding and a Content-Length were set; the latter is ignored",
			slog.String("encoding", encoding))
		r.remove("Content-Length")
		hasLength = false
	}
	switch {
	case r.isHead || !allowed || hasLength:
		r.remove("Transfer-Encoding")
	case !r.is11: // the end of the connection is that of the body
		r.close = true
		r.remove("Transfer-Encoding")
	case encoding == "identity":
		r.close = true
		r.remove("Transfer-Encoding")
	default:
		r.chunked, a.chunked = true, true
		r.remove("Content-Length")
		if encoding == "chunked" {
			r.remove("Transfer-Encoding")
		}
	}
}

// decideConnection has the client told that the connection ends, unless it becomes one of another protocol.
func (r *response) decideConnection(a *added) {
	if !r.close {
		return
	}
	if f := r.field("Connection"); f != nil {
		switching := r.status == http.StatusSwitchingProtocols && r.value("Upgrade") != "" &&
			(hasToken([]string{f.value}, "upgrade") || hasToken(f.more, "upgrade"))
		if switching || !r.conn.server.state.closing && hasToken([]string{f.value}, "close") {
			return
		}
		r.remove("Connection")
	}
	switch {
	case r.is11:
		a.connection = "close"
	case a.connection == "keep-alive": // the server is shutting down
		a.connection = ""
	}
}

func (r *response) statusLine(status int) {
	o := &r.conn.out
	line := o.reserve(80)
	version := "HTTP/1.1 "
	if !r.is11 {
		version = "HTTP/1.0 "
	}
	line = append(line, version...)
	line = strconv.AppendInt(line, int64(status), 10)
	line = append(line, ' ')
	if text := http.StatusText(status); text != "" {
		line = append(line, text...)
	} else {
		line = append(line, "status code "...)
		line = strconv.AppendInt(line, int64(status), 10)
	}
	o.commit(append(line, "\r\n"...))
}

func (r *response) writeFields() {
	for i := range r.fields {
		f := &r.fields[i]
		if f.none || !isToken(f.name) {
			continue
		}
		r.writeField(f.name, f.value)
		for _, v := range f.more {
			r.writeField(f.name, v)
		}
	}
}

// oneLine makes a value one that has no end of a line in it.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

func (r *response) writeField(name, value string) {
	if strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 {
		value = oneLine.Replace(value)
	}
	o := &r.conn.out
	o.writeString(name)
	o.writeString(": ")
	o.writeString(strings.Trim(value, " \t"))
	o.writeString("\r\n")
}

// writeAdded ends the head.
func (r *response) writeAdded(a *added) {
	o := &r.conn.out
	if r.field("Date") == nil {
		o.commit(append(o.reserve(40), r.conn.server.state.date.at(time.Now())...))
	}
	if a.length {
		line := append(o.reserve(40), "Content-Length: "...)
		line = strconv.AppendInt(line, r.length, 10)
		o.commit(append(line, "\r\n"...))
	}
	if a.contentType != "" {
		r.writeField("Content-Type", a.contentType)
	}
	if a.connection != "" {
		r.writeField("Connection", a.connection)
	}
	if a.chunked {
		o.writeString("Transfer-Encoding: chunked\r\n")
	}
	o.writeString("\r\n")
}
