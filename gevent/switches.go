package gevent

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"time"

	"greenloop/sched"
)

// AssertSwitches calls fn and returns its error. If that is nil and longest is above zero, it returns an error that
// names the first greenlet which kept the CPU for longer than that while fn ran, and the line where it gave it up at
// last; what fn does in less needs no switch. With a longest of zero or less fn itself must give up the CPU at least
// once. For tests. Calls may be nested, and overlap in several greenlets. Hub thread only.
func AssertSwitches(longest time.Duration, fn func() error) error {
	m := &meter{longest: longest}
	if err := current("AssertSwitches").measure(m, fn); err != nil {
		return err
	}
	if m.longest <= 0 && m.switched == "" {
		return fmt.Errorf("gevent: %v has not given up the CPU, as it must", m.task)
	}
	return m.tooLong
}

// AssertNoSwitch calls fn and returns its error. If that is nil, and the current greenlet has given up the CPU in fn, it
// returns an error that names the line. It is for code that relies on nothing else running meanwhile. Hub thread only.
func AssertNoSwitch(fn func() error) error {
	m := new(meter)
	if err := current("AssertNoSwitch").measure(m, fn); err != nil {
		return err
	}
	if m.switched != "" {
		return fmt.Errorf("gevent: %v gave up the CPU at %s, where it must not", m.task, m.switched)
	}
	return nil
}

// A meter sees who has the CPU for how long.
type meter struct {
	task     *sched.Task
	longest  time.Duration
	began    time.Time
	switched string // where task gave up the CPU first
	tooLong  error  // the first stretch that was
}

// meters are those of a hub that measure now. They see switches through the scheduler's hooks, which are theirs as long
// as there is one: so nothing is slower while there is none.
type meters struct {
	all     []*meter
	remove  func()      // takes these hooks away
	running *sched.Task // that got the CPU last
	granted time.Time   // when
}

func (h *Hub) measure(m *meter, fn func() error) error {
	m.task, m.began = h.sched.Current(), time.Now()
	if m.task == nil {
		panic("gevent: AssertSwitches called outside a greenlet: the loop's functions cannot switch")
	}
	if len(h.meters.all) == 0 {
		h.meters.install(h.sched)
	}
	h.meters.all = append(h.meters.all, m)
	defer func() { // also if fn panics, or is killed
		m.check(m.task, h.meters.granted)
		h.meters.all = slices.DeleteFunc(h.meters.all, func(o *meter) bool { return o == m })
		if len(h.meters.all) == 0 {
			h.meters.remove()
		}
	}()
	return fn()
}

func (ms *meters) install(s *sched.Scheduler) {
	ms.running = s.Current()
	ms.remove = s.AddHooks(&sched.Hooks{
		Switched: func(_, to *sched.Task) { ms.running, ms.granted = to, time.Now() },
		Parked:   ms.givesUp, Yielded: ms.givesUp, Exited: ms.givesUp,
	})
}

// givesUp is the hook for a task that gives up the CPU.
func (ms *meters) givesUp(t *sched.Task) {
	for _, m := range ms.all {
		if t != ms.running {
			break // it was killed before it started
		}
		m.check(t, ms.granted)
		if m.task == t && m.switched == "" {
			m.switched = callersLine()
		}
	}
}

// check looks at the stretch of t that ends now.
func (m *meter) check(t *sched.Task, granted time.Time) {
	if m.longest <= 0 || m.tooLong != nil {
		return
	}
	if granted.Before(m.began) {
		granted = m.began
	}
	if d := time.Since(granted); d > m.longest {
		m.tooLong = fmt.Errorf("gevent: %v kept the CPU for %v until %s; no longer than %v is allowed",
			t, d, callersLine(), m.longest)
	}
}

// callersLine returns the line of the user's that is at work.
func callersLine() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		line := frame{function: f.Function, file: f.File, line: strconv.Itoa(f.Line)}
		switch {
		case line.starts() || !more:
			return "its end"
		case line.users():
			return line.place()
		}
	}
}
