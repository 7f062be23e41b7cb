package netpoll

import (
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
)

// Poller watches file descriptors. All calls belong to the polling goroutine, except Wake.
type Poller struct {
	registry
	backend backend
	rearm   rearmer // the backend if it needs Arm, else nil
	closed  bool    // written by the polling goroutine under wakeMu, which Wake reads it under

	woken  atomic.Bool // a wake-up is on its way to Wait: further ones need no system call
	wakeMu sync.Mutex  // keeps Close from giving away the fd that a Wake is writing to
}

// Open returns a poller of the system's kind. The error is an errors.ErrUnsupported on systems without one: Windows, js, wasip1, Plan 9.
func Open() (*Poller, error) {
	return open(openBackend)
}

func open(openBackend func(*registry) (backend, error)) (*Poller, error) {
	p := &Poller{}
	b, err := openBackend(&p.registry)
	if err != nil {
		return nil, fmt.Errorf("netpoll: Open: %w", err)
	}
	p.backend = b
	p.rearm, _ = b.(rearmer)
	return p, nil
}

// Add registers fd, which must be non-blocking, for reading, writing and hang-up, until Remove. In which modes it is ready now
// comes as its first event. A socket that is to connect is added after connect has returned EINPROGRESS: before that, Linux
// calls it hung up.
//
// The error is an fs.ErrExist if w or fd is registered already, fs.ErrInvalid if fd is negative, fs.ErrClosed after Close,
// else what the kernel said: EBADF if fd is not open; EPERM, on epoll and poll, for files and directories, which are always ready.
// Polling goroutine only.
func (p *Poller) Add(fd int, w *Watcher) error {
	if p.closed {
		return closedError("Add")
	}
	t, err := p.enter(fd, w)
	if err == nil {
		if err = p.backend.add(fd, t); err != nil {
			p.leave(w)
		}
	}
	if err != nil {
		return fmt.Errorf("netpoll: Add fd %d: %w", fd, err)
	}
	return nil
}

// Remove unregisters w, before its fd is closed. No event of it is seen afterwards: those in the kernel are dropped, one in the slice
// of the latest Wait is cleared. Whatever the error, w is unregistered and can be added again.
//
// The error is an fs.ErrNotExist if w is not registered here, fs.ErrClosed after Close, else what the kernel said: EBADF or
// ENOENT if the fd was closed before. Polling goroutine only.
func (p *Poller) Remove(w *Watcher) error {
	if p.closed {
		return closedError("Remove")
	}
	if !p.has(w) {
		return fmt.Errorf("netpoll: Remove: the watcher is not registered with this poller: %w", fs.ErrNotExist)
	}
	fd, t := int(w.fd), makeToken(w.index, w.generation)
	p.leave(w)
	if err := p.backend.remove(fd, t); err != nil {
		return fmt.Errorf("netpoll: Remove fd %d (it must be open until then): %w", fd, err)
	}
	return nil
}

// Arm tells that the owner of w has used up the modes m (the operation returned EAGAIN, or a read was short) and is about to wait for
// the next event of them. Without it, a mode that was reported may never be again. It does nothing on epoll and kqueue, and
// one store on poll(2). The error is an fs.ErrNotExist if w is not registered here, where that is looked at.
// Polling goroutine only.
func (p *Poller) Arm(w *Watcher, m Mode) error {
	if p.rearm == nil {
		return nil
	}
	return p.armLevel(w, m)
}

func (p *Poller) armLevel(w *Watcher, m Mode) error {
	if !p.has(w) {
		return fmt.Errorf("netpoll: Arm: the watcher is not registered with this poller: %w", fs.ErrNotExist)
	}
	p.rearm.arm(makeToken(w.index, w.generation), m)
	return nil
}

// Wait stores what has become ready into events, at most one event per watcher, and returns their number; what finds no room
// comes with the next Wait. If there is nothing it blocks until there is, for timeout at most: below 0 for ever, at 0 not at all.
// A timeout is never rounded down, so waiting for what is left of a deadline does not spin.
//
// It returns 0 and no error after the timeout, and also earlier: after Wake, after a signal, and when all that came was for removed
// watchers. So the caller looks at its clock and its queues after every Wait.
//
// The slice stays in use until the next Wait: Remove clears the events in it, so do not reorder it, and skip events without a Watcher.
//
// The error is an fs.ErrClosed after Close, fs.ErrInvalid if events is empty. Polling goroutine only.
func (p *Poller) Wait(events []Event, timeout time.Duration) (int, error) {
	if p.closed {
		return 0, closedError("Wait")
	}
	if len(events) == 0 {
		return 0, fmt.Errorf("netpoll: Wait: no room for events: %w", fs.ErrInvalid)
	}
	p.begin(events)
	err := p.backend.wait(timeout)
	if p.woke {
		// After the backend has drained what carries the wake-up, not before: a Wake in between would find its signal eaten
		// and the flag set, and no Wake would ever send one again.
		p.woken.Swap(false)
	}
	if err != nil {
		return 0, fmt.Errorf("netpoll: Wait: %w", err)
	}
	return len(p.batch), nil
}

// Wake ends the running Wait, or else makes the next one return at once. Wake-ups between two returns of Wait are one,
// and cost one system call together. Wait does not report it as an event.
//
// The error is an fs.ErrClosed after Close. Safe from any goroutine, at any time.
func (p *Poller) Wake() error {
	if p.woken.Load() || !p.woken.CompareAndSwap(false, true) {
		return nil
	}
	p.wakeMu.Lock()
	defer p.wakeMu.Unlock()
	err := fs.ErrClosed
	if !p.closed {
		err = p.backend.wake()
	}
	if err != nil {
		p.woken.Store(false) // nothing is on its way: let the next Wake try, and see its own error
		return fmt.Errorf("netpoll: Wake: %w", err)
	}
	return nil
}

// Close gives back the poller's own fds. Watchers still registered are unregistered; their fds stay open, and nobody is told.
// A second Close returns fs.ErrClosed. Polling goroutine only, hence never while Wait runs.
func (p *Poller) Close() error {
	if p.closed {
		return closedError("Close")
	}
	for i := range p.entries {
		if w := p.entries[i].watcher; w != nil {
			p.leave(w)
		}
	}
	p.wakeMu.Lock()
	defer p.wakeMu.Unlock()
	p.closed = true
	p.woken.Store(false) // a wake-up on its way arrives nowhere, and must not hide from later ones that the poller is closed
	if err := p.backend.close(); err != nil {
		return fmt.Errorf("netpoll: Close: %w", err)
	}
	return nil
}

// Fd returns an fd that is readable while Wait would not block, so that a host's own loop can watch this poller. It is -1
// on poll(2), which has none, and after Close. Polling goroutine only.
func (p *Poller) Fd() int {
	if p.closed {
		return -1
	}
	return p.backend.fd()
}

// Len returns the number of registered watchers. Polling goroutine only.
func (p *Poller) Len() int { return p.live }

// Backend returns "epoll", "kqueue" or "poll". Safe from any goroutine.
func (p *Poller) Backend() string { return p.backend.name() }

func closedError(call string) error {
	return fmt.Errorf("netpoll: %s: the poller is closed: %w", call, fs.ErrClosed)
}
