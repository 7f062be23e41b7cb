package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"greenloop/examples/internal/teach"
	"greenloop/gevent"
	"greenloop/greenlet"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A stage is where a lesson's program runs: it speaks the reader's language and makes the hub.
type stage struct {
	out   io.Writer
	words teach.Words
	clock interface{ Now() time.Duration }
	watch *watch // nil: nobody watches
	log   *eventlog.Log
	names map[*greenlet.Greenlet]string // for those who watch
}

// say prints one line of the lesson's output, in the reader's language.
func (s *stage) say(format string, args ...any) {
	line := s.words.Line(format, args...)
	if s.log != nil && gevent.GetHub() != nil { // in the hub that is watched
		var caller [1]uintptr
		runtime.Callers(2, caller[:])
		s.log.NoteAt(caller[0], strings.TrimSpace(line))
	}
	fmt.Fprint(s.out, line)
}

// name tells those who watch what a greenlet is called, which itself has only a number.
func (s *stage) name(name string, g *greenlet.Greenlet) {
	if s.log != nil {
		s.names[g] = name
	}
}

// now returns how long the hub has been running, on its own clock.
func (s *stage) now() time.Duration { return s.clock.Now() }

// run runs main in a hub on virtual time: the clock stands still while anybody can run, and jumps to the next deadline when
// all wait. So the output is the same each time, and an hour takes no time. It has no sockets and waits for no goroutine.
func (s *stage) run(main func() error) error {
	clock := new(schedtest.Clock)
	s.clock = clock
	return s.start(gevent.Config{Clock: clock, Poller: schedtest.NewPoller(clock), Sites: true}, main)
}

// runReal runs main in a hub on real time, for sockets and for what is measured.
func (s *stage) runReal(main func() error) error {
	s.clock = stopwatch(time.Now())
	return s.start(gevent.Config{}, main)
}

// start runs the hub, watched or not.
func (s *stage) start(c gevent.Config, main func() error) error {
	c, s.log = s.watch.config(c)
	s.names = make(map[*greenlet.Greenlet]string)
	if s.log == nil {
		return gevent.RunConfig(c, main)
	}
	return gevent.RunConfig(c, func() error {
		s.traceGreenlets()
		return main()
	})
}

type stopwatch time.Time

func (w stopwatch) Now() time.Duration { return time.Since(time.Time(w)) }
