package multiprocessing

import "time"

// A BarrierProxy is a barrier in a manager: a number of greenlets of any processes wait for one another. Manager.Barrier
// makes it. Who is interrupted or dies while it waits breaks it.
type BarrierProxy struct{ proxy }

// Barrier makes a barrier for that many parties; fewer than one panic. Parks. Hub thread only.
func (m *Manager) Barrier(parties int) (*BarrierProxy, error) {
	if parties < 1 {
		panic("mp: a barrier for fewer than 1 party")
	}
	p, err := m.create(kindOfBarrier, "", func(b []byte) []byte { return appendInt(b, parties) })
	if err != nil {
		return nil, err
	}
	return &BarrierProxy{p}, nil
}

// Wait waits until all parties have come, and returns the order in which the caller did, from 0. The error is
// gevent.ErrBrokenBarrier if the barrier is broken; one thrown at the greenlet, which breaks it; or one of those of
// Manager. Parks. Hub thread only.
func (b BarrierProxy) Wait() (index int, err error) { return b.count(opBarrierWait, nil) }

// WaitTimeout is Wait that waits no longer than d, and then breaks the barrier and returns ErrTimeout. Parks. Hub thread
// only.
func (b BarrierProxy) WaitTimeout(d time.Duration) (index int, err error) {
	err = within(d, func() (err error) {
		index, err = b.Wait()
		return err
	})
	return index, err
}

// Abort breaks the barrier, until Reset. Parks. Hub thread only.
func (b BarrierProxy) Abort() error { return b.tell(opBarrierAbort) }

// Reset makes the barrier as new. Who waits gets gevent.ErrBrokenBarrier. Parks. Hub thread only.
func (b BarrierProxy) Reset() error { return b.tell(opBarrierReset) }

func (b BarrierProxy) tell(op managerOp) error {
	_, err := b.call(op, nil)
	return err
}

// Broken reports whether the barrier is broken. Parks. Hub thread only.
func (b BarrierProxy) Broken() (bool, error) { return b.flag(opBarrierBroken, nil) }

// Waiting returns how many have come in this round. Parks. Hub thread only.
func (b BarrierProxy) Waiting() (int, error) { return b.count(opBarrierWaiting, nil) }
