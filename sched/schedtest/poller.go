package schedtest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"greenloop/sched"
)

// A Poller is a sched.Poller whose events are scripted, and which moves a Clock instead of waiting.
type Poller struct {
	clock  *Clock
	woken  chan struct{}
	wakes  atomic.Int64
	frozen atomic.Int64 // goroutines for which the clock stands still, see Sim.Outside

	mu     sync.Mutex
	events map[string]*Event
	fired  []*Event // not delivered yet, in this order

	script  []act // sorted by time
	settler *sched.Task
	limit   time.Duration // up to which the settler lets time go on
}

// act is one line of the script.
type act struct {
	at    time.Duration
	event *Event
}

// NewPoller returns a poller that moves clock. Safe from any goroutine.
func NewPoller(clock *Clock) *Poller {
	return &Poller{clock: clock, woken: make(chan struct{}, 1), events: map[string]*Event{}}
}

// Event returns the event of that name, the same at each call. Safe from any goroutine.
func (p *Poller) Event(name string) *Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.events[name]
	if e == nil {
		e = &Event{poller: p, name: name}
		p.events[name] = e
	}
	return e
}

// Wakes returns how often Wake was called. Safe from any goroutine.
func (p *Poller) Wakes() int { return int(p.wakes.Load()) }

// Wake is part of sched.Poller. Safe from any goroutine.
func (p *Poller) Wake() {
	p.wakes.Add(1)
	p.nudge()
}

func (p *Poller) nudge() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

// Waiting returns how many tasks wait for an event, or for the others to settle; 0 if nothing will come. It is part of
// sched.Poller. Hub thread only.
func (p *Poller) Waiting() int {
	n := 0
	if p.settling() {
		n++
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.fired) == 0 && len(p.script) == 0 {
		return n // who awaits an event waits in vain, unless somebody outside fires it, and holds the scheduler till then
	}
	for _, e := range p.events {
		n += e.waiters.Len()
	}
	return n
}

func (p *Poller) settling() bool { return p.settler != nil && p.settler.State() == sched.Parked }

// Poll delivers the events that were fired. If there are none it moves the clock to the next of: the timeout's end, the
// next act of the script, the time to which Sim.AdvanceTo goes. Only if there is none of these, or a goroutine of
// Sim.Outside runs, it waits for a Wake. It is part of sched.Poller.
func (p *Poller) Poll(timeout time.Duration) error {
	p.act()
	if p.deliver() || timeout == 0 {
		return nil
	}
	now, next := p.clock.Now(), sched.Never
	if timeout > 0 && timeout < sched.Never-now {
		next = now + timeout
	}
	if len(p.script) > 0 {
		next = min(next, p.script[0].at)
	}
	switch {
	case p.settling() && next > p.limit:
		p.clock.Set(p.limit)
		p.settler.Scheduler().Ready(p.settler)
	case p.frozen.Load() > 0 || next == sched.Never:
		<-p.woken
	default:
		p.clock.Set(next)
	}
	p.act()
	p.deliver()
	return nil
}

// act fires what the script has for now, or had for earlier.
func (p *Poller) act() {
	for len(p.script) > 0 && p.script[0].at <= p.clock.Now() {
		e := p.script[0].event
		p.script = slices.Delete(p.script, 0, 1)
		e.mark()
	}
}

// deliver wakes who awaits the fired events and reports whether there was anybody.
func (p *Poller) deliver() (any bool) {
	p.mu.Lock()
	fired := p.fired
	p.fired = nil
	p.mu.Unlock()
	for _, e := range fired {
		if e.waiters.Len() > 0 && e.set.Swap(false) {
			e.waiters.WakeAll()
			any = true
		}
	}
	return any
}
