package gevent

import (
	"context"
	"strconv"
	"time"

	"greenloop/sched"
)

// A SharedSemaphore is a number of permits, taken and given back by any goroutine and by greenlets of any hub; who gives
// one back need not be who took it. The zero value has none; it must not be copied. Where all who use it are greenlets of
// one hub, Semaphore is the cheaper one, and its order is exact.
type SharedSemaphore struct {
	room     room
	sleepers lineup
	permits  int
}

// NewSharedSemaphore returns a semaphore with that many permits.
func NewSharedSemaphore(permits int) *SharedSemaphore {
	if permits < 0 {
		panic("gevent: NewSharedSemaphore with " + strconv.Itoa(permits) + " permits; it begins with those that are free")
	}
	return &SharedSemaphore{permits: permits}
}

// Acquire takes a permit, once there is one. In a greenlet its error is one that was thrown at it, or of its scope, and
// no permit was taken then; outside there is none. Those who wait are woken in the order of their calls; who finds a
// permit does not wait for them. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (s *SharedSemaphore) Acquire() error { return s.acquire(forever) }

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only
// tries, twice in a greenlet, with one Yield between.
func (s *SharedSemaphore) AcquireTimeout(d time.Duration) error { return s.acquire(within(d)) }

// AcquireContext is Acquire that ends with ctx, and returns its cause then.
func (s *SharedSemaphore) AcquireContext(ctx context.Context) error { return s.acquire(during(ctx)) }

func (s *SharedSemaphore) acquire(p allowance) error {
	return s.room.wait(&s.sleepers, p, sched.Why("shared semaphore"), s.take)
}

// TryAcquire takes a permit if there is one, and reports whether it did. It never waits. Safe from any goroutine.
func (s *SharedSemaphore) TryAcquire() bool { return s.room.attempt(s.take) }

// take is under the lock.
func (s *SharedSemaphore) take() bool {
	if s.permits == 0 {
		return false
	}
	s.permits--
	return true
}

// Release adds a permit. It never waits. Safe from any goroutine.
func (s *SharedSemaphore) Release() {
	s.room.lock()
	defer s.room.unlock()
	s.permits++
	s.room.wake(&s.sleepers)
}

// Permits returns how many are free. Safe from any goroutine.
func (s *SharedSemaphore) Permits() int {
	s.room.lock()
	defer s.room.unlock()
	return s.permits
}
