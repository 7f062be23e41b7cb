package debug

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenloop/gevent"
	"greenloop/sched/eventlog"
)

// How many seconds a recording may take.
const (
	defaultSeconds = 1
	maxSeconds     = 60
)

// maxRecordings is how many recordings of a hub may run at once: each costs all of its greenlets time, and up to 6 MiB.
const maxRecordings = 8

var errMany = mistake(fmt.Sprintf("%d recordings of this hub run already; try again later", maxRecordings))

func recordPage(q *request) (*answer, error) {
	seconds, lines, f, err := q.recording()
	if err != nil {
		return nil, err
	}
	if q.Method == "HEAD" {
		return &answer{kind: f.kind, file: f.file, write: func() ([]byte, error) { return nil, nil }}, nil
	}
	s := &session{view: q.view, patience: q.handler.patience}
	log, err := s.record(q.Context(), seconds, lines)
	return &answer{kind: f.kind, file: f.file, write: func() ([]byte, error) { return f.bytes(log.Recording()) }}, err
}

// recording reads what kind of recording is asked for.
func (q *request) recording() (d time.Duration, lines bool, f format, err error) {
	seconds := float64(defaultSeconds)
	if text := q.params.Get("seconds"); text != "" {
		seconds, err = strconv.ParseFloat(text, 64)
	}
	if err != nil || !(seconds > 0 && seconds <= maxSeconds) { // NaN is neither
		const allowed = "seconds is a number above 0 and up to %d; %d if it is not given"
		return 0, false, f, mistake(fmt.Sprintf(allowed, maxSeconds, defaultSeconds))
	}
	if lines, err = q.flag("lines"); err != nil {
		return 0, false, f, err
	}
	name, err := q.choice("format", "html", "trace", "text")
	return time.Duration(seconds * float64(time.Second)), lines, formats[name], err
}

// A session is one recording under way.
type session struct {
	view     *view
	patience time.Duration

	// Hub thread only:
	log    *eventlog.Log
	remove func()
	over   bool
}

// record records for that long. However it ends, by a kill or because the client is gone, no hooks are left. Parks in a
// greenlet, else it blocks. What it returns changes no more, and is for any goroutine.
func (s *session) record(ctx context.Context, d time.Duration, lines bool) (*eventlog.Log, error) {
	defer s.leave()
	if s.view.recordings.Add(1) > maxRecordings {
		s.view.recordings.Add(-1)
		return nil, errMany
	}
	defer s.view.recordings.Add(-1)
	if _, err := ask(ctx, s.view, s.patience, func() bool { s.begin(lines); return true }); err != nil {
		return nil, err
	}
	if err := pause(ctx, d); err != nil {
		return nil, err
	}
	_, err := ask(ctx, s.view, s.patience, func() bool { s.end(); return true })
	return s.log, err
}

func (s *session) begin(lines bool) {
	if s.over { // whoever wanted it has gone before we had a turn
		return
	}
	s.log = eventlog.New(eventlog.Config{Size: 1 << 16, Lines: lines})
	s.remove = s.view.hub.AddHooks(s.log.Hooks())
}

func (s *session) end() {
	s.over = true
	if s.remove != nil {
		s.remove()
		s.remove = nil
	}
}

// leave ends it from wherever we are; on a hub that has ended there is nothing left to end.
func (s *session) leave() {
	if gevent.GetHub() == s.view.hub {
		s.end()
	} else {
		s.view.hub.Post(s.end)
	}
}
