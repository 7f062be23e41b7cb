package gevent

import (
	"fmt"
	"strconv"
	"time"

	"greenloop/sched"
)

// A Semaphore is a number of permits. Release hands a permit to the greenlet that has waited longest, so that nobody
// gets in between, not even TryAcquire; only if nobody waits the counter rises. Any greenlet may release. The zero value
// has no permit yet. It must not be copied.
type Semaphore struct {
	home
	count     int // above zero only if nobody waits in acquirers
	acquirers line
	lookers   line // see Wait
	limit     int  // of a BoundedSemaphore
	bounded   bool
	observers
}

// A BoundedSemaphore is a Semaphore whose counter never exceeds what it began with: a Release too many panics. Make it
// with NewBoundedSemaphore.
type BoundedSemaphore struct{ Semaphore }

// semaphoreReason is a Semaphore as what somebody waits for.
type semaphoreReason Semaphore

func (*semaphoreReason) String() string { return "semaphore" }

// NewSemaphore makes a Semaphore with n permits; a negative n panics. Safe from any goroutine.
func NewSemaphore(n int) *Semaphore { return &Semaphore{count: permits(n)} }

// NewBoundedSemaphore makes a BoundedSemaphore with n permits; a negative n panics. Safe from any goroutine.
func NewBoundedSemaphore(n int) *BoundedSemaphore {
	return &BoundedSemaphore{Semaphore{count: permits(n), limit: n, bounded: true}}
}

func permits(n int) int {
	if n < 0 {
		panic("gevent: a semaphore of " + strconv.Itoa(n) + " permits; begin with zero or more")
	}
	return n
}

// Acquire waits for a permit and takes it. The error is one that was thrown at the greenlet; then it has taken none.
// Parks. Hub thread only.
func (s *Semaphore) Acquire() error {
	h := s.at("Semaphore.Acquire")
	h.atOnce() // before it takes anything: a kill that ends it there loses no permit
	if s.take() {
		return nil
	}
	return s.acquirers.take(h, (*semaphoreReason)(s), sched.Never)
}

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func (s *Semaphore) AcquireTimeout(d time.Duration) error {
	h := s.at("Semaphore.AcquireTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(s.take)
	}
	if s.take() {
		return nil
	}
	return s.acquirers.take(h, (*semaphoreReason)(s), h.sched.After(d))
}

// TryAcquire takes a permit if one is free, and reports whether it was. One that is being handed over is not. It does
// not wait, but yields now and then when it fails, so that others get on while somebody tries in a loop. Hub thread
// only.
func (s *Semaphore) TryAcquire() bool {
	h := s.at("Semaphore.TryAcquire")
	if s.take() {
		return true
	}
	h.atOnce()
	return false
}

func (s *Semaphore) take() bool {
	if s.count == 0 {
		return false
	}
	s.count--
	return true
}

// Release gives a permit back, or a new one, to the greenlet that has waited longest, or to the counter. Hub thread only.
func (s *Semaphore) Release() { s.release("Semaphore.Release", 1) }

// ReleaseN is n times Release; it panics if n is less than one. Hub thread only.
func (s *Semaphore) ReleaseN(n int) {
	if n < 1 {
		panic("gevent: Semaphore.ReleaseN of " + strconv.Itoa(n) + "; leave it out")
	}
	s.release("Semaphore.ReleaseN", n)
}

func (s *Semaphore) release(call string, n int) {
	s.at(call)
	if s.bounded && s.count+n > s.limit {
		panic(fmt.Sprintf("gevent: %s of %d would bring a BoundedSemaphore from %d to more than the %d it began with; "+
			"release each permit once, or use a Semaphore", call, n, s.count, s.limit))
	}
	for n > 0 && s.acquirers.give() != nil {
		n--
	}
	if n == 0 {
		return
	}
	s.count += n
	s.lookers.giveAll()
	s.tell()
}

// Value returns how many permits are free. Hub thread only.
func (s *Semaphore) Value() int { return s.count }

// Ready reports whether a permit is free. Hub thread only.
func (s *Semaphore) Ready() bool { return s.count > 0 }

// Wait waits until a permit is free and does not take it: when the caller goes on, another one may have. All that wait
// are woken, in the order of their calls. The error is one that was thrown at the greenlet. Parks. Hub thread only.
func (s *Semaphore) Wait() error {
	h := s.at("Semaphore.Wait")
	h.atOnce()
	if s.Ready() {
		return nil
	}
	return s.lookers.take(h, (*semaphoreReason)(s), sched.Never)
}

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (s *Semaphore) WaitTimeout(d time.Duration) error {
	h := s.at("Semaphore.WaitTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(s.Ready)
	}
	if s.Ready() {
		return nil
	}
	return s.lookers.take(h, (*semaphoreReason)(s), h.sched.After(d))
}

// With calls fn with a permit taken, and returns what it returns, or why none was taken. The permit is given back also
// if fn panics or the greenlet is killed. Parks. Hub thread only.
func (s *Semaphore) With(fn func() error) error {
	if err := s.Acquire(); err != nil {
		return err
	}
	defer s.Release()
	return fn()
}

func (s *Semaphore) observe(o *observer) {
	s.at("Wait")
	s.add(o)
	if s.Ready() {
		s.tell()
	}
}

func (s *Semaphore) ignore(o *observer) { s.remove(o) }
