package gevent

import (
	"fmt"
	"time"

	"greenloop/sched"
)

// This file is how Serve waits for room for one more connection.

// full returns the queue in which to wait for room, nil if there is room.
func (s *StreamServer) full() *sched.WaitQueue {
	switch {
	case s.MaxConns > 0 && len(s.sessions) >= s.MaxConns:
		return &s.change
	case s.Pool != nil && s.Pool.Full():
		return &s.Pool.slots.free
	}
	return nil
}

// wait is a wait of Serve's that Stop ends, too. Like every wait for a change it may be over too early.
func (s *StreamServer) wait(q *sched.WaitQueue, why sched.Reason, deadline time.Duration) error {
	s.ticket = s.hub.sched.Ticket()
	defer func() { s.ticket = sched.Ticket{} }() // it fits the task's next wait if there was none
	return q.WaitUntil(s.hub.sched, why, deadline)
}

// place takes a place in the pool, if there is one, unless the server is stopped first.
func (s *StreamServer) place() (granted bool, err error) {
	if s.Pool == nil || s.Pool.slots.tryTake() {
		return true, nil
	}
	a := &asking{Reason: (*poolPlace)(s.Pool)}
	for !a.granted && !s.stopped {
		if err := s.wait(&s.Pool.slots.queue, a, Never); err != nil {
			return false, err
		}
	}
	return a.granted, nil
}

// serverFull is what Serve waits for while there is no room.
type serverFull StreamServer

func (r *serverFull) String() string {
	if r.MaxConns > 0 && len(r.sessions) >= r.MaxConns {
		return fmt.Sprintf("a connection to end (%d are served)", len(r.sessions))
	}
	return (*poolPlace)(r.Pool).String()
}

// Holders returns those who have the places.
func (r *serverFull) Holders() (tasks []*sched.Task) {
	if r.MaxConns > 0 && len(r.sessions) >= r.MaxConns {
		for _, g := range (*StreamServer)(r).running() {
			tasks = append(tasks, &g.task)
		}
		return tasks
	}
	return (*poolPlace)(r.Pool).Holders()
}
