package multiprocessing

import (
	"os"
	"slices"
	"sync"
	"time"

	"greenloop/gevent"
)

// self is the current process.
var self = func() *Process {
	p := &Process{name: "MainProcess", state: current}
	p.waitable = &p.ended
	return p
}()

// parent is the process that has started this one, nil in the main process.
var parent *Parent

// relatives are the children that have not ended, of all hubs.
type relatives struct {
	sync.Mutex
	children []*Process
}

var family relatives

func (r *relatives) add(p *Process) {
	r.Lock()
	defer r.Unlock()
	r.children = append(r.children, p)
}

func (r *relatives) remove(p *Process) {
	r.Lock()
	defer r.Unlock()
	r.children = slices.DeleteFunc(r.children, func(c *Process) bool { return c == p })
}

// ActiveChildren returns the processes that this hub has started and that are alive, the oldest first. Those that have
// ended are reaped. Hub thread only.
func ActiveChildren() []*Process {
	hub := gevent.GetHub()
	if hub == nil {
		panic("mp: ActiveChildren called outside a hub: call it inside gevent.Run")
	}
	family.Lock()
	all := slices.Clone(family.children)
	family.Unlock()
	return slices.DeleteFunc(all, func(p *Process) bool { return p.hub != hub || !p.IsAlive() })
}

// CurrentProcess returns the process in which it is called: the one that was started, as it sees itself, or the main
// process. Its name and number are of use, and whether it is daemonic; it cannot be started, joined or signalled. Safe
// from any goroutine.
func CurrentProcess() *Process { return self }

// ParentProcess returns the process that has started the current one, nil in the main process. Safe from any goroutine.
func ParentProcess() *Parent { return parent }

// A Parent is the parent process, as its child sees it. It is a gevent.Waitable, ready when it is gone. Its methods are
// safe from any goroutine.
type Parent struct {
	waitable
	info parentInfo
	gone gevent.SharedEvent
}

// PID returns its number. After its end that may be another process's.
func (p *Parent) PID() int { return p.info.PID }

// Name returns its name.
func (p *Parent) Name() string { return p.info.Name }

// IsAlive reports whether it has not ended.
func (p *Parent) IsAlive() bool { return !p.gone.IsSet() }

// Join waits until it has ended, in whatever way. The error is one thrown at the greenlet. Parks in a greenlet, else it
// blocks.
func (p *Parent) Join() error { return p.gone.Wait() }

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then. Parks in a greenlet, else it blocks.
func (p *Parent) JoinTimeout(d time.Duration) error { return p.gone.WaitTimeout(d) }

// follow takes note of the parent's end. It runs on a goroutine, not in a greenlet: a child that blocks its hub is not
// to outlive its parent if it is daemonic.
func (p *Parent) follow(lifeline *os.File) {
	_, _ = lifeline.Read(make([]byte, 1)) // nothing comes any more
	p.gone.Set()
	if self.daemon {
		die()
	}
}
