package sched

import "time"

// A Poller is how the scheduler waits when nothing is ready. It is declared here, by the one who needs it, so that
// schedulers run in tests, in a browser or under a host's loop without any notion of a file descriptor.
type Poller interface {
	// Poll makes ready, through Scheduler.Ready or a WaitQueue, the tasks whose events have come. If there are none
	// it waits for the first, for at most timeout; 0 means not to wait at all, a negative one for ever. It may return
	// early with nothing. Called on the scheduler's thread, in the loop.
	Poll(timeout time.Duration) error
	// Wake makes a Poll that waits, or else the next one that would, return at once. Safe from any goroutine.
	Wake()
	// Waiting returns how many tasks wait for an event of this poller. While it is zero the poller cannot end a wait by
	// itself, which the search for a deadlock relies on. Called on the scheduler's thread.
	Waiting() int
}

// idlePoller is the one without events: a wait is a channel and a timer, which also works where there is no poller
// (js/wasm), and lets the fake clock of testing/synctest move.
type idlePoller struct {
	woken chan struct{}
	timer *time.Timer
}

func newIdlePoller() *idlePoller { return &idlePoller{woken: make(chan struct{}, 1)} }

func (p *idlePoller) Poll(timeout time.Duration) error {
	switch {
	case timeout == 0:
	case timeout < 0:
		<-p.woken
	default:
		if p.timer == nil {
			p.timer = time.NewTimer(timeout)
		} else {
			p.timer.Reset(timeout)
		}
		select {
		case <-p.woken:
			p.timer.Stop()
		case <-p.timer.C:
		}
	}
	return nil
}

func (p *idlePoller) Wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *idlePoller) Waiting() int { return 0 }
