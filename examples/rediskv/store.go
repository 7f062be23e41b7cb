package main

import (
	"time"

	"greenloop/gevent"
)

// A store holds the keys. All its clients are greenlets of one thread.
type store struct {
	entries  map[string]*entry
	commands int64 // how many were given
}

type entry struct {
	value   string
	expires time.Time     // if timer is not nil
	timer   *gevent.Timer // removes the entry
}

func (s *store) set(key, value string) *entry {
	s.remove(key)
	e := &entry{value: value}
	s.entries[key] = e
	return e
}

func (s *store) remove(key string) bool {
	e, found := s.entries[key]
	if found {
		e.keep()
		delete(s.entries, key)
	}
	return found
}

// keep lets the entry live for ever.
func (e *entry) keep() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// expire lets the key live for the time d from now.
func (s *store) expire(key string, d time.Duration) {
	e := s.entries[key]
	e.keep()
	e.expires = time.Now().Add(d)
	var t *gevent.Timer
	t = gevent.AfterFunc(d, func() {
		if e.timer == t { // else it was told to live longer when the timer had just gone off
			s.remove(key)
		}
	})
	e.timer = t
}

func (s *store) clear() {
	for _, e := range s.entries {
		e.keep()
	}
	clear(s.entries)
}
