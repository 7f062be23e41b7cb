package gevent

import (
	"strconv"
	"time"

	"greenloop/sched"
)

// A Guard lets no more than a number of greenlets at once into code that would block the thread if one more came: a pool
// of another library's, such as that of database/sql with SetMaxOpenConns, or what a sync.Mutex protects that is held
// over a wait. Where a greenlet would have to wait for a lock of Go's that another greenlet of the same hub holds, the
// thread would stop for good, as the other one can run on no other thread. In front of such a pool stands a Guard of the
// pool's size: then the greenlets wait for each other here, where the rest of the hub goes on, and Go's lock is free
// whenever one asks for it.
//
// A Guard is a Semaphore that cannot be given back twice or forgotten. It must not be copied.
type Guard struct {
	home
	size    int
	holders []*sched.Task
	granted map[*sched.Task]struct{} // have been woken, and are among the holders
	queue   sched.WaitQueue
}

// NewGuard returns a guard for size greenlets at once. Safe from any goroutine.
func NewGuard(size int) *Guard {
	if size < 1 {
		panic("gevent: NewGuard of size " + strconv.Itoa(size) + "; it is how many greenlets may be inside at once")
	}
	return &Guard{size: size}
}

// Do waits until there is room, calls fn, and returns its error. Greenlets come in in the order of their calls. The error
// of the wait, thrown at the greenlet or of its scope, is returned as it is, and fn is not called then. Whatever ends fn,
// a panic and a kill included, makes room for the next. Inside fn another Do of the same guard takes a second place, and
// can wait for ever for it. Parks. Hub thread only.
func (g *Guard) Do(fn func() error) error {
	return g.do(g.at("Guard.Do"), sched.Never, fn)
}

// DoTimeout is Do that waits for room no longer than d, and returns ErrTimeout then; with a d of zero or less it only
// tries, after one Yield if it has to. How long fn takes does not matter.
func (g *Guard) DoTimeout(d time.Duration, fn func() error) error {
	h := g.at("Guard.DoTimeout")
	if d <= 0 && g.full() {
		h.sched.Yield()
	}
	return g.do(h, h.sched.After(d), fn)
}

// TryDo is Do that does not wait: it reports false, and fn is not called, if there is no room now.
func (g *Guard) TryDo(fn func() error) (bool, error) {
	h := g.at("Guard.TryDo")
	if g.full() {
		return false, nil
	}
	return true, g.do(h, sched.Never, fn)
}

func (g *Guard) do(h *Hub, deadline time.Duration, fn func() error) error {
	self := h.sched.Current()
	if self == nil {
		panic("gevent: Guard.Do called outside a greenlet; spawn one")
	}
	if g.full() {
		if err := g.wait(h, self, deadline); err != nil {
			return err
		}
	} else {
		g.holders = append(g.holders, self)
	}
	defer g.release(self)
	return fn()
}

// full also when somebody waits: nobody overtakes those who do, in the moment in which a place becomes free.
func (g *Guard) full() bool { return len(g.holders) >= g.size }

func (g *Guard) wait(h *Hub, self *sched.Task, deadline time.Duration) error {
	for {
		if err := g.queue.WaitUntil(h.sched, (*guardWait)(g), deadline); err != nil {
			return err
		}
		if _, ok := g.granted[self]; ok { // else somebody else has made us ready
			delete(g.granted, self)
			return nil
		}
	}
}

// release hands the place over to whoever has waited longest.
func (g *Guard) release(self *sched.Task) {
	for i, t := range g.holders {
		if t == self {
			g.holders = append(g.holders[:i], g.holders[i+1:]...)
			break
		}
	}
	if t := g.queue.Wake(); t != nil {
		if g.granted == nil {
			g.granted = make(map[*sched.Task]struct{})
		}
		g.granted[t] = struct{}{}
		g.holders = append(g.holders, t)
	}
}

// Size returns how many greenlets may be inside at once.
func (g *Guard) Size() int { return g.size }

// Inside returns how many greenlets are inside. Hub thread only.
func (g *Guard) Inside() int {
	g.at("Guard.Inside")
	return len(g.holders)
}

// Waiting returns how many greenlets wait for room. Hub thread only.
func (g *Guard) Waiting() int {
	g.at("Guard.Waiting")
	return g.queue.Len()
}

// guardWait is the reason of those who wait at a Guard.
type guardWait Guard

func (w *guardWait) String() string { return "guard of size " + strconv.Itoa(w.size) }

// Holders returns those who are inside.
func (w *guardWait) Holders() []*sched.Task { return w.holders }
