package switching

import (
	"testing"

	"greenloop/runtime/coro"
)

// coroRing is a ring of greenloop's coroutines; the main one of the thread is a member, too.
type coroRing struct {
	thread  *coro.Thread
	members []coroMember // without the main coroutine
	closing bool
}

type coroMember struct {
	coro.Coroutine
	ring *coroRing
	next *coro.Coroutine
}

func (m *coroMember) Run() {
	for !m.ring.closing {
		m.next.Switch()
	}
}

// Finished goes home: Close ends the members one by one.
func (m *coroMember) Finished(*coro.Exit) *coro.Coroutine { return m.ring.thread.Main() }

func newCoroRing(size int) ring {
	r := &coroRing{thread: coro.Enter(), members: make([]coroMember, size-1)}
	next := r.thread.Main()
	for i := len(r.members) - 1; i >= 0; i-- {
		m := &r.members[i]
		m.ring, m.next = r, next
		m.Init(r.thread, m)
		next = &m.Coroutine
	}
	return r
}

func (r *coroRing) Run(rounds int) {
	first := &r.members[0]
	for range rounds {
		first.Switch()
	}
}

func (r *coroRing) Close() {
	r.closing = true
	for i := range r.members {
		r.members[i].Switch()
	}
	r.thread.Leave()
}

func BenchmarkCoro(b *testing.B) { benchmarkRings(b, newCoroRing) }
