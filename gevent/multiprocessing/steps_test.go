//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// gone is a process that has died within the latch.
var gone = newIdentity(1<<30, 1)

const stepsPatience = 30 * time.Second

// A stepwise is an operation of a process that dies in the middle: its stores, in their order, on an object.
type stepwise[T any] struct {
	before func(o T) // the operation began, by that process
	steps  []func(o T)
}

// cut calls check after none, one … and all of the steps, each time with a new object whose latch the dead one has.
func (s stepwise[T]) cut(t *testing.T, name string, made func() T, region func(T) *region, check func(o T, done int)) {
	for done := range len(s.steps) + 1 {
		t.Run(fmt.Sprintf("%s/%d of %d", name, done, len(s.steps)), func(t *testing.T) {
			require.NoError(t, gevent.Run(func() error {
				return gevent.WithTimeout(stepsPatience, func() error {
					o := made()
					if s.before != nil {
						s.before(o)
					}
					for _, step := range s.steps[:done] {
						step(o)
					}
					region(o).header().latch.Store(uint64(gone))
					check(o, done)
					return nil
				})
			}))
		})
	}
}

func TestLockCut(t *testing.T) {
	state := func(l *RLock) *rlockState { return at[rlockState](l.r, 0) }
	owns := func(l *RLock) { state(l).owner.Store(uint64(gone)) }
	ops := map[string]stepwise[*RLock]{
		"acquire": {steps: []func(*RLock){
			func(l *RLock) { state(l).greenlet.Store(7) },
			func(l *RLock) { state(l).depth.Store(3) },
			owns,
			func(l *RLock) { state(l).next.of.Store(0) },
		}, before: func(l *RLock) { state(l).next.of.Store(uint64(gone)) }},
		"acquire after a death": {steps: []func(*RLock){
			owns,
			func(l *RLock) { state(l).abandoned.Store(false) },
		}, before: func(l *RLock) { state(l).abandoned.Store(true) }},
		"release": {steps: []func(*RLock){
			func(l *RLock) { l.r.ring() },
			func(l *RLock) { state(l).owner.Store(0) },
		}, before: owns},
		"find somebody dead": {steps: []func(*RLock){
			func(l *RLock) { state(l).abandoned.Store(true) },
			func(l *RLock) { state(l).owner.Store(0) },
		}, before: owns},
	}
	for name, op := range ops {
		op.cut(t, name, func() *RLock {
			l, err := NewRLock()
			require.NoError(t, err)
			return l
		}, func(l *RLock) *region { return l.r }, func(l *RLock, done int) {
			err := l.Acquire()
			released := name == "release" && done == 2
			before := name == "acquire" && done < 3
			require.Equal(t, !released && !before, err == ErrHolderDied, "told if it had died with the lock: %v", err)
			require.Equal(t, int64(1), state(l).depth.Load())
			require.NoError(t, l.Release())
			require.NoError(t, l.Acquire(), "told once")
			require.NoError(t, l.Release())
			require.NoError(t, l.Close())
		})
	}
}

func TestSemaphoreCut(t *testing.T) {
	tokens := func(s *Semaphore) tokens { return tokensOf(s.r) }
	sits := func(s *Semaphore) { tokens(s).seats[0].of.Store(uint64(gone)) }
	has := func(n int64) func(s *Semaphore) {
		return func(s *Semaphore) { tokens(s).seats[0].count.Store(n) }
	}
	ops := map[string]stepwise[*Semaphore]{
		"acquire": {steps: []func(*Semaphore){sits, has(1), has(2), has(3)}},
		"be told": {steps: []func(*Semaphore){
			func(s *Semaphore) { tokens(s).seats[1].count.Store(1) },
			func(s *Semaphore) { tokens(s).seats[0].count.Store(0) },
		}, before: func(s *Semaphore) {
			sits(s)
			has(diedHere)(s)
			tokens(s).seats[1].of.Store(uint64(newIdentity(1<<30, 2)))
		}},
		"release": {steps: []func(*Semaphore){func(s *Semaphore) { s.r.ring() }, has(2), has(1), has(0)},
			before: func(s *Semaphore) { sits(s); has(3)(s) }},
		"find somebody dead": {steps: []func(*Semaphore){has(diedHere)}, before: func(s *Semaphore) { sits(s); has(2)(s) }},
		"precedence": {steps: []func(*Semaphore){
			func(s *Semaphore) { s.r.ring() },
			func(s *Semaphore) { tokens(s).state.next.of.Store(0) },
		}, before: func(s *Semaphore) { tokens(s).state.next.of.Store(uint64(gone)) }},
	}
	for name, op := range ops {
		op.cut(t, name, func() *Semaphore {
			s, err := NewSemaphore(3)
			require.NoError(t, err)
			return s
		}, func(s *Semaphore) *region { return s.r }, func(s *Semaphore, _ int) {
			for range 3 {
				if err := s.Acquire(); err != ErrHolderDied {
					require.NoError(t, err)
				}
			}
			require.Equal(t, 0, s.Value())
			require.Equal(t, gevent.ErrTimeout, s.AcquireTimeout(0), "three, not more")
			require.NoError(t, s.ReleaseN(3))
			require.Equal(t, 3, s.Value())
			require.NoError(t, s.Close())
		})
	}
}

// A waiter that is alive waits meanwhile; then one notification comes, which must reach it.
func TestConditionCut(t *testing.T) {
	queue := func(c *Condition) tickets { return ticketsOf(c.r) }
	takes := []func(*Condition){
		func(c *Condition) { queue(c).places[0].of.Store(uint64(gone)) },
		func(c *Condition) { queue(c).state.given.Add(1) },
		func(c *Condition) { queue(c).places[0].ticket.Store(queue(c).state.given.Load()) },
	}
	waits := func(c *Condition) {
		for _, step := range takes {
			step(c)
		}
	}
	ring := func(c *Condition) { c.r.ring() }
	notified := func(c *Condition) { queue(c).state.notified.Store(queue(c).state.given.Load()) }
	ops := map[string]stepwise[*Condition]{
		"wait":   {steps: takes},
		"notify": {steps: []func(*Condition){ring, notified}, before: waits},
		"notify all": {steps: []func(*Condition){ring, notified, func(c *Condition) {
			queue(c).state.all.Store(queue(c).state.given.Load())
		}}, before: waits},
		"act on it": {steps: []func(*Condition){func(c *Condition) { queue(c).places[0].ticket.Store(0) }},
			before: func(c *Condition) { waits(c); notified(c) }},
	}
	for name, op := range ops {
		op.cut(t, name, func() *Condition {
			c, err := NewCondition(nil)
			require.NoError(t, err)
			return c
		}, func(c *Condition) *region { return c.r }, func(c *Condition, _ int) {
			waiter := gevent.Spawn(func() error { return c.With(c.Wait) })
			gevent.Yield()
			require.NoError(t, c.With(func() error { return c.Notify(1) }))
			require.NoError(t, waiter.Get())
			require.NoError(t, c.Close())
		})
	}
}

// A party that is alive waits, and another one comes; they pass, or learn that the barrier is broken.
func TestBarrierCut(t *testing.T) {
	rounds := func(b *Barrier) rounds { return roundsOf(b.r) }
	sits := func(b *Barrier) { rounds(b).seats[0].of.Store(uint64(gone)) }
	arrives := func(b *Barrier) { rounds(b).seats[0].count.Store(int64(rounds(b).word().number()<<partyBits | 1)) }
	ring := func(b *Barrier) { b.r.ring() }
	word := func(how func(w roundWord) roundWord) func(*Barrier) {
		return func(b *Barrier) { rounds(b).state.now.Store(uint64(how(rounds(b).word()))) }
	}
	both := func(b *Barrier) { sits(b); arrives(b) }
	ops := map[string]stepwise[*Barrier]{
		"arrive": {steps: []func(*Barrier){sits, ring, arrives}},
		"pass": {steps: []func(*Barrier){ring, word(func(w roundWord) roundWord {
			return newRoundWord(w.number()+1, w.resets())
		})}, before: both},
		"break": {steps: []func(*Barrier){ring, word(func(w roundWord) roundWord { return w | 1 })}, before: both},
		"reset": {steps: []func(*Barrier){
			func(b *Barrier) { rounds(b).state.cut[0].Store(rounds(b).word().number()) },
			ring,
			word(func(w roundWord) roundWord { return newRoundWord(w.number()+1, w.resets()+1) }),
		}, before: both},
		"find somebody dead": {steps: []func(*Barrier){
			ring,
			word(func(w roundWord) roundWord { return w | 1 }),
			func(b *Barrier) { rounds(b).seats[0].count.Store(0) },
		}, before: both},
	}
	for name, op := range ops {
		op.cut(t, name, func() *Barrier {
			b, err := NewBarrier(2)
			require.NoError(t, err)
			return b
		}, func(b *Barrier) *region { return b.r }, func(b *Barrier, _ int) {
			first := gevent.Spawn(func() error { _, err := b.Wait(); return err })
			gevent.Yield()
			_, err := b.Wait()
			require.Equal(t, err, first.Get(), "both the same")
			if err != nil {
				require.Equal(t, gevent.ErrBrokenBarrier, err)
				require.NoError(t, b.Reset())
			}
			first = gevent.Spawn(func() error { _, err := b.Wait(); return err })
			gevent.Yield()
			_, err = b.Wait()
			require.NoError(t, err)
			require.NoError(t, first.Get())
			require.NoError(t, b.Close())
		})
	}
}

// More resets than are remembered, and rounds that pass between them.
func TestBarrierResets(t *testing.T) {
	require.NoError(t, gevent.Run(func() error {
		b, err := NewBarrier(2)
		require.NoError(t, err)
		s := roundsOf(b.r)
		for _, resets := range []int{0, 1, cutsKept - 1, cutsKept, 3 * cutsKept} {
			then := s.word()
			for range resets {
				require.NoError(t, b.Reset())
			}
			over, err := s.over(then)
			require.Equal(t, resets > 0, over)
			require.Equal(t, resets > 0, err == gevent.ErrBrokenBarrier)
			then = s.word()
			s.next()
			for range min(resets, cutsKept-1) {
				require.NoError(t, b.Reset())
			}
			over, err = s.over(then)
			require.True(t, over)
			require.NoError(t, err, "it was passed before %d resets", resets)
		}
		return b.Close()
	}))
}
