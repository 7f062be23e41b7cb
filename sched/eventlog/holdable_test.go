package eventlog_test

import (
	"errors"

	"greenloop/sched"
)

// A holdable is the least lock: it is handed over, and knows who has it.
type holdable struct {
	name   string
	holder *sched.Task
	q      sched.WaitQueue
}

func (m *holdable) String() string { return m.name }

func (m *holdable) Holders() []*sched.Task { return []*sched.Task{m.holder} }

func (m *holdable) lock(s *sched.Scheduler) {
	if m.holder == nil {
		m.holder = s.Current()
	} else {
		_ = m.q.Wait(s, m)
	}
}

func (m *holdable) unlock() { m.holder = m.q.Wake() }

var errWriter = errors.New("the disk is full")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errWriter }
