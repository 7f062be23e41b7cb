package multiprocessing

import "time"

// A SemaphoreProxy is a semaphore in a manager; Manager.Semaphore makes it. Who waits is served in the order of the
// calls. Permits of a process that dies are not given back: nobody knows who was to release them.
type SemaphoreProxy struct{ proxy }

// Semaphore makes a semaphore with n permits; a negative n panics. Parks. Hub thread only.
func (m *Manager) Semaphore(n int) (*SemaphoreProxy, error) {
	if n < 0 {
		panic("mp: a semaphore with fewer than 0 permits")
	}
	p, err := m.create(kindOfSemaphore, "", func(b []byte) []byte { return appendInt(b, n) })
	if err != nil {
		return nil, err
	}
	return &SemaphoreProxy{p}, nil
}

// Acquire waits for a permit and takes it. The error is one thrown at the greenlet or one of those of Manager; it has
// taken none then. Parks. Hub thread only.
func (s SemaphoreProxy) Acquire() error {
	_, err := s.acquire(false)
	return err
}

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (s SemaphoreProxy) AcquireTimeout(d time.Duration) error { return within(d, s.Acquire) }

// TryAcquire takes a permit if one is free, and reports whether it was. Parks. Hub thread only.
func (s SemaphoreProxy) TryAcquire() (bool, error) {
	b, err := s.acquire(true)
	return err == nil && isYes(b), err
}

func (s SemaphoreProxy) acquire(try bool) ([]byte, error) {
	return s.ask(&managerAsk{
		object: s.object, op: opSemaphoreAcquire,
		args:    func(b []byte) []byte { return appendFlag(b, try) },
		confirm: true, undo: rejectItem,
	})
}

// Release gives n permits back, or new ones. It panics if n is less than one. Parks. Hub thread only.
func (s SemaphoreProxy) Release(n int) error {
	if n < 1 {
		panic("mp: a Release of fewer than 1 permit")
	}
	_, err := s.call(opSemaphoreRelease, func(b []byte) []byte { return appendInt(b, n) })
	return err
}

// Value returns how many permits are free. Parks. Hub thread only.
func (s SemaphoreProxy) Value() (int, error) { return s.count(opSemaphoreValue, nil) }
