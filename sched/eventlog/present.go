package eventlog

import (
	"slices"
	"time"

	"greenloop/sched"
)

// A present is how a scheduler stands at one moment, as it is taken from it: addresses have no numbers yet.
type present struct {
	at      time.Duration
	running uint64
	tasks   []presentTask
	queue   []uint64
	timers  []presentTimer
}

type presentTask struct {
	Task
	site     sched.Site
	state    sched.State
	text     string
	object   uintptr
	holders  []uint64
	deadline time.Duration
}

type presentTimer struct {
	address  uintptr
	deadline time.Duration
}

// presentOf returns how s stands now, by that clock.
func presentOf(s *sched.Scheduler, c *Clock) *present {
	queue := s.RunQueue() // first: it panics on another goroutine, which must not read on
	p := &present{at: c.Now(s)}
	for _, t := range s.Tasks() {
		o := presentTask{state: t.State(), site: t.Site(), deadline: deadlineOf(t)}
		o.ID, o.Name, o.Parent = t.ID(), t.Name(), parentOf(t)
		switch o.state {
		case sched.Running:
			p.running = o.ID
		case sched.Parked:
			o.text, o.object = describe(t.Why())
			if _, ok := t.Why().(sched.Owned); ok {
				o.holders = holdersOf(s, t)
			}
		}
		p.tasks = append(p.tasks, o)
	}
	for _, t := range queue {
		p.queue = append(p.queue, t.ID())
	}
	for _, a := range s.Timers() {
		if a.Timer != nil {
			p.timers = append(p.timers, presentTimer{addressOf(a.Timer), a.Deadline})
		}
	}
	return p
}

func parentOf(t *sched.Task) uint64 {
	if b, ok := t.Body().(sched.Spawned); ok {
		return b.ParentID()
	}
	return 0
}

// state returns p as a State.
func (d *decoder) state(p *present) State {
	st := newState()
	st.Running, st.Queue = p.running, slices.Clone(p.queue)
	for _, t := range p.tasks {
		d.know(t.ID, t.Name, t.Parent, t.site)
		st.Live[t.ID] = true
		switch t.state {
		case sched.Parked:
			w := Wait{Text: t.text, Holders: t.holders, Deadline: t.deadline}
			if t.object != 0 {
				w.Object = number(d.objects, t.object)
			}
			st.Parked[t.ID] = w
		case sched.Delayed:
			st.Delayed[t.ID] = t.deadline
		}
	}
	for _, t := range p.timers {
		st.Timers[number(d.timers, uint64(t.address))] = t.deadline
	}
	return st
}
