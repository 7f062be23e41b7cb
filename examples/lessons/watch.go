package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"greenloop/examples/internal/teach"
	"greenloop/gevent"
	"greenloop/greenlet"
	"greenloop/sched/eventlog"
)

// A watch sees what the hubs of a lesson do: for -trace and -html.
type watch struct {
	logs []*eventlog.Log
}

const (
	watched  = 4       // hubs of a lesson; those that measure make more
	kept     = 1 << 14 // events of each
	maxLines = 200     // of a timeline
)

// config returns c with a log of its own in it, if there is room for one more.
func (w *watch) config(c gevent.Config) (gevent.Config, *eventlog.Log) {
	if w == nil || len(w.logs) == watched {
		return c, nil
	}
	log := eventlog.New(eventlog.Config{Size: kept, Lines: true})
	w.logs = append(w.logs, log)
	c.Hooks, c.Sites = log.Hooks(), true
	return c, log
}

// traceGreenlets has the log tell also of switches by hand, which no scheduler sees.
func (s *stage) traceGreenlets() {
	log := s.log
	greenlet.SetTrace(func(_ greenlet.Event, from, to *greenlet.Greenlet) { log.Pass(s.nameOf(from), s.nameOf(to)) })
}

// nameOf returns what the lesson calls a greenlet, or "greenlet 2", without the state in which it is.
func (s *stage) nameOf(g *greenlet.Greenlet) string {
	if name, known := s.names[g]; known {
		return name
	}
	name, _, _ := strings.Cut(g.String(), " (")
	return name
}

// show prints or writes what was asked for.
func (w *watch) show(out io.Writer, n int, r request) error {
	if w == nil {
		return nil
	}
	for i, log := range w.logs {
		rec := log.Recording()
		fmt.Fprintf(out, "\n"+phrases[r.Lang].hub+"\n", i+1, len(w.logs))
		if r.trace {
			if err := timeline(out, rec, r.Lang); err != nil {
				return err
			}
		}
		if r.html {
			if err := page(out, rec, n, i, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func timeline(out io.Writer, rec *eventlog.Recording, lang string) error {
	var text strings.Builder
	if err := rec.WriteText(&text, eventlog.TextOptions{Lang: lang}); err != nil {
		return err
	}
	lines := slices.Collect(strings.Lines(text.String()))
	fmt.Fprint(out, "\n"+teach.Indented(strings.Join(lines[:min(len(lines), maxLines)], "")))
	if more := len(lines) - maxLines; more > 0 {
		fmt.Fprintf(out, phrases[lang].more+"\n", more)
	}
	return nil
}
