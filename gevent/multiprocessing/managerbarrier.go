package multiprocessing

import "greenloop/gevent"

// A managedBarrier is a barrier in the manager.
type managedBarrier struct {
	parties int
	broken  bool
	line    callLine // those who have come
}

const kindOfBarrier = "barrier"

func init() {
	managedKinds[kindOfBarrier] = func(args *fieldReader) managedObject {
		return &managedBarrier{parties: max(args.int(), 1)}
	}
}

func (b *managedBarrier) do(c *managerCall, op managerOp, args *fieldReader) {
	if !args.done() {
		return
	}
	switch op {
	case opBarrierWait:
		b.wait(c)
	case opBarrierAbort:
		b.fail()
		c.done()
	case opBarrierReset:
		b.fail()
		b.broken = false
		c.done()
	case opBarrierBroken:
		c.flag(b.broken)
	case opBarrierWaiting:
		c.count(b.line.n)
	}
}

func (b *managedBarrier) wait(c *managerCall) {
	switch {
	case b.broken:
		c.fail(gevent.ErrBrokenBarrier)
	case b.line.n+1 < b.parties:
		c.leave = b.fail
		b.line.wait(c)
	default:
		n := 0
		for first := b.line.take(); first != nil; first = b.line.take() {
			first.count(n)
			n++
		}
		c.count(n)
	}
}

// fail breaks the barrier: who waits is told.
func (b *managedBarrier) fail() {
	b.broken = true
	b.line.failAll(gevent.ErrBrokenBarrier)
}

func (b *managedBarrier) dropped() { b.line.failAll(ErrNoObject) }
