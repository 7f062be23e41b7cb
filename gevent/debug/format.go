package debug

import (
	"bytes"
	"io"

	"greenloop/sched/eventlog"
)

// A format is a way to show a recording.
type format struct {
	kind  string // of content
	file  string // its name if it is to be saved
	write func(r *eventlog.Recording, w io.Writer) error
}

var formats = map[string]format{
	"html": {"text/html; charset=utf-8", "", func(r *eventlog.Recording, w io.Writer) error {
		return r.WriteHTML(w, eventlog.HTMLOptions{})
	}},
	"trace": {jsonKind, "recording.json", func(r *eventlog.Recording, w io.Writer) error {
		return r.WriteTrace(w)
	}},
	"text": {textKind, "", func(r *eventlog.Recording, w io.Writer) error {
		return r.WriteText(w, eventlog.TextOptions{})
	}},
}

func (f format) bytes(r *eventlog.Recording) ([]byte, error) {
	var b bytes.Buffer
	err := f.write(r, &b)
	return b.Bytes(), err
}
