package gevent

import (
	"errors"

	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A team is greenlets that do one job at a time when told to.
type team []*hand

type hand struct {
	g    *Greenlet
	job  func() error // nil when there is none
	err  error        // of the last job
	idle sched.WaitQueue
	quit func() // called at its end, if not nil
}

func newTeam(n int) team {
	c := make(team, n)
	for i := range c {
		c.hire(i)
	}
	settleDown()
	return c
}

// hire puts a fresh greenlet in place i.
func (c team) hire(i int) {
	h := new(hand)
	h.g = Spawn(func() error {
		defer func() {
			if h.quit != nil {
				h.quit()
			}
		}()
		for {
			for h.job == nil {
				_ = h.idle.Wait(h.g.hub.sched, why) // a throw that came late
			}
			h.err = h.job()
			h.job = nil
		}
	})
	c[i] = h
}

// dismiss kills all until they are dead: the first kill leaves those who want a lock back that a dead one holds.
func (c team) dismiss() {
	for range 3 {
		for _, h := range c {
			h.quit = nil
			h.g.KillAsync()
		}
		settleDown()
	}
}

// start gives hand i a job, and lets it begin.
func (c team) start(i int, job func() error) {
	c[i].job = job
	c[i].idle.Wake()
	settleDown()
}

// interrupt ends the wait of hand i with errMade, or kills it.
func (c team) interrupt(i int, how string) {
	g := c[i].g
	switch how {
	case "throw":
		throw(g, errMade)
	case "cancel":
		g.hub.sched.Cancel(&g.task, errMade)
		g.hub.sched.Cancel(&g.task, nil)
	case "kill":
		g.KillAsync()
	}
}

// An order is one step of a random program. What it says is drawn before the program runs: rapid's own panics must not
// get into a hub.
type order struct {
	hand    int
	op, how string // how to interrupt
	n       int
}

const hands = 5

func orders(ops ...string) *rapid.Generator[[]order] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order {
		return order{
			rapid.IntRange(0, hands-1).Draw(t, "hand"), rapid.SampledFrom(ops).Draw(t, "op"),
			rapid.SampledFrom([]string{"throw", "cancel", "kill"}).Draw(t, "how"), rapid.IntRange(1, 3).Draw(t, "n"),
		}
	}), 1, 60)
}

// settleDown lets all run until none is ready.
func settleDown() {
	for Yield(); GetHub().Stats().Ready > 0; {
		Yield()
	}
}

// simulate is virtual for a rapid.T, which ends its checks by panics: one in another greenlet than main goes on here,
// too.
func simulate(main func()) error {
	var panicked *PanicError
	clock := new(schedtest.Clock)
	c := Config{Clock: clock, Poller: schedtest.NewPoller(clock), OnError: func(_ *Greenlet, err error, _ []byte) {
		errors.As(err, &panicked)
	}}
	err := RunConfig(c, func() error { main(); return nil })
	if panicked != nil {
		panic(panicked.Value)
	}
	return err
}
