package sched_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

var errThrown = errors.New("thrown")

func short(err error) string {
	switch err {
	case nil:
		return "ok"
	case sched.ErrTimeout:
		return "timeout"
	case sched.ErrKilled:
		return "killed"
	case errThrown:
		return "thrown"
	}
	return err.Error()
}

// A crossing is one task in one state, at which one operation is aimed.
type crossing struct {
	*schedtest.Sim
	q    sched.WaitQueue
	task *sched.Task
}

// body waits twice and says how each wait ended; its deferred function waits, too.
func (c *crossing) body(first func() error) func() {
	return func() {
		defer func() {
			c.Tracef("defer")
			c.Tracef("d:%s", short(c.ParkUntil(sched.Why("deferred"), c.After(5*time.Second))))
		}()
		c.Tracef("1:%s", short(first()))
		c.Tracef("2:%s", short(c.ParkUntil(sched.Why("second"), c.After(5*time.Second))))
	}
}

func (c *crossing) wait() error { return c.q.Wait(c.Scheduler, sched.Why("first")) }

var crossStates = []struct {
	name string
	make func(c *crossing)
}{
	{"queued", func(c *crossing) {
		c.task = c.Go("", c.body(c.wait))
		c.Settle()
	}},
	{"deadline", func(c *crossing) {
		c.task = c.Go("", c.body(func() error {
			return c.q.WaitUntil(c.Scheduler, sched.Why("first"), c.After(3*time.Second))
		}))
		c.Settle()
	}},
	{"woken", func(c *crossing) {
		c.task = c.Go("", c.body(c.wait))
		c.Settle()
		c.q.Wake()
	}},
	{"yielded", func(c *crossing) {
		c.task = c.Go("", c.body(func() error {
			c.Yield()
			return nil
		}))
		c.Yield()
	}},
	{"spawned", func(c *crossing) {
		c.task = c.Go("", c.body(func() error { return nil }))
	}},
	{"delayed", func(c *crossing) {
		c.task = new(sched.Task)
		c.StartLater(c.task, "", sched.Func(c.body(func() error { return nil })), time.Second)
	}},
	{"created", func(c *crossing) { c.task = new(sched.Task) }},
	{"done", func(c *crossing) {
		c.task = c.Go("", func() {})
		c.Settle()
	}},
	{"deferred", func(c *crossing) {
		c.task = c.Go("", func() {
			defer func() { c.Tracef("last") }()
			defer func() { c.Tracef("1:%s", short(c.wait())) }()
			_ = c.wait()
		})
		c.Settle()
		c.Kill(c.task)
		c.Settle()
	}},
	{"dying", func(c *crossing) {
		c.task = c.Go("", c.body(c.wait))
		c.Settle()
		c.Kill(c.task)
	}},
}

var crossOps = []struct {
	name string
	do   func(c *crossing) string
}{
	{"nothing", func(*crossing) string { return "" }},
	{"Ready", func(c *crossing) string { return fmt.Sprint(c.Ready(c.task)) }},
	{"WakeAll", func(c *crossing) string { return fmt.Sprint(c.q.WakeAll()) }},
	{"Kill", func(c *crossing) string { c.Kill(c.task); return "" }},
	{"KillTwice", func(c *crossing) string { c.Kill(c.task); c.Kill(c.task); return "" }},
	{"Throw", func(c *crossing) string { c.Throw(c.task, errThrown); return "" }},
	{"ThrowKill", func(c *crossing) string { c.Throw(c.task, errThrown); c.Kill(c.task); return "" }},
	{"SetTimeout", func(c *crossing) string { c.SetTimeout(c.task, c.After(time.Second)); return "" }},
	{"SetPast", func(c *crossing) string { c.SetTimeout(c.task, 0); return "" }},
	{"SetNever", func(c *crossing) string { c.SetTimeout(c.task, sched.Never); return "" }},
}

// Each line: what the operation returned | what the task said, with the virtual seconds at which it ended | its outcome.
// A task that never ends is "deadlocked".
func TestEveryOperationOnATaskInEveryState(t *testing.T) {
	var got strings.Builder
	for _, state := range crossStates {
		for _, op := range crossOps {
			fmt.Fprintf(&got, "%-8s %-10s %s\n", state.name, op.name, cross(t, state.make, op.do))
		}
	}
	require.Equal(t, strings.TrimLeft(crossTable, "\n"), got.String())
}

func cross(t *testing.T, state func(*crossing), op func(*crossing) string) (line string) {
	defer func() {
		if v := recover(); v != nil {
			line = fmt.Sprint("panics: ", v)
		}
	}()
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		c := &crossing{Sim: s}
		state(c)
		s.TakeTrace()
		returned := op(c)
		_ = c.task.JoinUntil(20 * time.Second)
		outcome := "goes on"
		if c.task.State() == sched.Done {
			outcome = fmt.Sprintf("%s at %v", short(c.task.Err()), s.Now())
		}
		if c.task.State() == sched.Done {
			require.Zero(t, c.q.Len(), "it has left the queue")
		}
		line = fmt.Sprintf("%s| %s | %s", returned, s.TraceString(), outcome)
	})
	require.NoError(t, err)
	return line
}

const crossTable = `
queued   nothing    |  | goes on
queued   Ready      true| 1:ok 2:timeout defer d:timeout | ok at 10s
queued   WakeAll    1| 1:ok 2:timeout defer d:timeout | ok at 10s
queued   Kill       | defer d:timeout | killed at 5s
queued   KillTwice  | defer | killed at 0s
queued   Throw      | 1:thrown 2:timeout defer d:timeout | ok at 10s
queued   ThrowKill  | 1:thrown defer d:timeout | killed at 5s
queued   SetTimeout | 1:timeout 2:timeout defer d:timeout | ok at 11s
queued   SetPast    | 1:timeout 2:timeout defer d:timeout | ok at 10s
queued   SetNever   |  | goes on
deadline nothing    | 1:timeout 2:timeout defer d:timeout | ok at 13s
deadline Ready      true| 1:ok 2:timeout defer d:timeout | ok at 10s
deadline WakeAll    1| 1:ok 2:timeout defer d:timeout | ok at 10s
deadline Kill       | defer d:timeout | killed at 5s
deadline KillTwice  | defer | killed at 0s
deadline Throw      | 1:thrown 2:timeout defer d:timeout | ok at 10s
deadline ThrowKill  | 1:thrown defer d:timeout | killed at 5s
deadline SetTimeout | 1:timeout 2:timeout defer d:timeout | ok at 11s
deadline SetPast    | 1:timeout 2:timeout defer d:timeout | ok at 10s
deadline SetNever   |  | goes on
woken    nothing    | 1:ok 2:timeout defer d:timeout | ok at 10s
woken    Ready      false| 1:ok 2:timeout defer d:timeout | ok at 10s
woken    WakeAll    0| 1:ok 2:timeout defer d:timeout | ok at 10s
woken    Kill       | 1:ok defer d:timeout | killed at 5s
woken    KillTwice  | 1:ok defer d:timeout | killed at 5s
woken    Throw      | 1:ok 2:thrown defer d:timeout | ok at 5s
woken    ThrowKill  | 1:ok defer d:timeout | killed at 5s
woken    SetTimeout | 1:ok 2:timeout defer d:timeout | ok at 10s
woken    SetPast    | 1:ok 2:timeout defer d:timeout | ok at 10s
woken    SetNever   | 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  nothing    | 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  Ready      false| 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  WakeAll    0| 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  Kill       | defer d:timeout | killed at 5s
yielded  KillTwice  | defer d:timeout | killed at 5s
yielded  Throw      | 1:ok 2:thrown defer d:timeout | ok at 5s
yielded  ThrowKill  | defer d:timeout | killed at 5s
yielded  SetTimeout | 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  SetPast    | 1:ok 2:timeout defer d:timeout | ok at 10s
yielded  SetNever   | 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  nothing    | 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  Ready      false| 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  WakeAll    0| 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  Kill       |  | killed at 0s
spawned  KillTwice  |  | killed at 0s
spawned  Throw      |  | thrown at 0s
spawned  ThrowKill  |  | thrown at 0s
spawned  SetTimeout | 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  SetPast    | 1:ok 2:timeout defer d:timeout | ok at 10s
spawned  SetNever   | 1:ok 2:timeout defer d:timeout | ok at 10s
delayed  nothing    | 1:ok 2:timeout defer d:timeout | ok at 11s
delayed  Ready      false| 1:ok 2:timeout defer d:timeout | ok at 11s
delayed  WakeAll    0| 1:ok 2:timeout defer d:timeout | ok at 11s
delayed  Kill       |  | killed at 0s
delayed  KillTwice  |  | killed at 0s
delayed  Throw      |  | thrown at 0s
delayed  ThrowKill  |  | thrown at 0s
delayed  SetTimeout | 1:ok 2:timeout defer d:timeout | ok at 11s
delayed  SetPast    | 1:ok 2:timeout defer d:timeout | ok at 11s
delayed  SetNever   | 1:ok 2:timeout defer d:timeout | ok at 11s
created  nothing    panics: sched: Join of a task that was never started
created  Ready      panics: sched: Ready of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  WakeAll    panics: sched: Join of a task that was never started
created  Kill       panics: sched: Kill of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  KillTwice  panics: sched: Kill of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  Throw      panics: sched: Throw of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  ThrowKill  panics: sched: Throw of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  SetTimeout panics: sched: SetTimeout of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  SetPast    panics: sched: SetTimeout of a task of another scheduler, or of one never started; use Post to reach another scheduler
created  SetNever   panics: sched: SetTimeout of a task of another scheduler, or of one never started; use Post to reach another scheduler
done     nothing    |  | ok at 0s
done     Ready      false|  | ok at 0s
done     WakeAll    0|  | ok at 0s
done     Kill       |  | ok at 0s
done     KillTwice  |  | ok at 0s
done     Throw      |  | ok at 0s
done     ThrowKill  |  | ok at 0s
done     SetTimeout |  | ok at 0s
done     SetPast    |  | ok at 0s
done     SetNever   |  | ok at 0s
deferred nothing    |  | goes on
deferred Ready      true| 1:ok last | killed at 0s
deferred WakeAll    1| 1:ok last | killed at 0s
deferred Kill       | last | killed at 0s
deferred KillTwice  | last | killed at 0s
deferred Throw      | 1:thrown last | killed at 0s
deferred ThrowKill  | 1:thrown last | killed at 0s
deferred SetTimeout | 1:timeout last | killed at 1s
deferred SetPast    | 1:timeout last | killed at 0s
deferred SetNever   |  | goes on
dying    nothing    | defer d:timeout | killed at 5s
dying    Ready      false| defer d:timeout | killed at 5s
dying    WakeAll    0| defer d:timeout | killed at 5s
dying    Kill       | defer | killed at 0s
dying    KillTwice  | defer | killed at 0s
dying    Throw      | defer d:thrown | killed at 0s
dying    ThrowKill  | defer | killed at 0s
dying    SetTimeout | defer d:timeout | killed at 5s
dying    SetPast    | defer d:timeout | killed at 5s
dying    SetNever   | defer d:timeout | killed at 5s
`

func TestEveryOperationOnOneself(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *schedtest.Sim, self *sched.Task)
		want string
	}{
		{"Ready", func(s *schedtest.Sim, self *sched.Task) { s.Tracef("%v", s.Ready(self)) }, "false 1:timeout defer d:timeout ok"},
		{"Kill", func(s *schedtest.Sim, self *sched.Task) { s.Kill(self) }, "defer d:timeout killed"},
		{"Throw", func(s *schedtest.Sim, self *sched.Task) { s.Throw(self, errThrown) }, "1:thrown defer d:timeout ok"},
		{"Throw twice", func(s *schedtest.Sim, self *sched.Task) {
			s.Throw(self, errors.New("first"))
			s.Throw(self, errThrown)
		}, "1:thrown defer d:timeout ok"},
		{"SetTimeout", func(s *schedtest.Sim, self *sched.Task) { s.SetTimeout(self, s.After(time.Second)) }, "1:timeout defer d:timeout ok"},
		{"Throw, Yield", func(s *schedtest.Sim, self *sched.Task) {
			s.Throw(self, errThrown)
			s.Yield()
		}, "1:thrown defer d:timeout ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			schedtest.Run(t, func(s *schedtest.Sim) {
				task := s.Go("", func() {
					defer func() {
						s.Tracef("defer")
						s.Tracef("d:%s", short(s.ParkUntil(sched.Why("deferred"), s.After(5*time.Second))))
					}()
					c.do(s, s.Current())
					s.Tracef("1:%s", short(s.ParkUntil(sched.Why("first"), s.After(5*time.Second))))
				})
				err := task.Join()
				s.Tracef("%s", short(err))
				require.Equal(t, c.want, s.TraceString())
			})
		})
	}
}
