// Deadlock: two greenlets each hold what the other one wants, and each waits for it. Nothing can go on any more, and Run
// says so: its error lists who waits, on what, and who has that.
package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"greenloop/gevent"
)

func deadlocks(s *stage) error {
	s.say("Ann takes the pan, then the knife; Bob takes the knife, then the pan:")
	err := kitchen(s, false)
	report := new(gevent.DeadlockError)
	if !errors.As(err, &report) {
		return err
	}
	s.say("Run returns this error:")
	for line := range strings.Lines(err.Error()) {
		s.say("    %s", withoutPaths(strings.TrimSpace(line)))
	}
	s.say("A program can look into it: tasks in a cycle: %v, of %d", report.Cycles, len(report.Tasks))
	s.say("Both take the pan first:")
	return kitchen(s, true)
}

// kitchen returns what Run does.
func kitchen(s *stage, oneOrder bool) error {
	return s.run(func() error {
		var pan, knife gevent.Lock
		ann := gevent.SpawnNamed("Ann", func() error { return cook(s, "Ann", &pan, &knife) })
		bob := gevent.SpawnNamed("Bob", func() error {
			if oneOrder {
				return cook(s, "Bob", &pan, &knife)
			}
			return cook(s, "Bob", &knife, &pan)
		})
		return gevent.JoinAll(ann, bob)
	})
}

func cook(s *stage, name string, first, second *gevent.Lock) error {
	return first.With(func() error {
		s.say("    %s has one thing and looks for the other", name)
		if err := gevent.Sleep(time.Second); err != nil { // here the other cook runs
			return err
		}
		return second.With(func() error {
			s.say("    %s has both and cooks", name)
			return nil
		})
	})
}

var directory = regexp.MustCompile(`[^ (]*/[^ :]*`)

// withoutPaths leaves the name of each file: the lesson prints the same on all machines.
func withoutPaths(line string) string {
	return directory.ReplaceAllStringFunc(line, filepath.Base)
}
