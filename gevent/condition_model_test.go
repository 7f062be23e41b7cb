package gevent

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
)

// A conditionModel is what a Condition should do. All that is ready runs between two steps.
type conditionModel struct {
	owner int   // of the lock, -1 if none
	depth []int // by hand, also while it waits
	line  []int // those who wait for the lock, whether by Acquire or to go on after Wait
	waits []int // those who wait for a notification

	result   map[int]error // with which the call of one in line will end
	notified map[int]bool  // in line because of Notify, and nobody was notified by NotifyAll since it waits
	ended    map[int]error
}

// join puts i in line for the lock; its call will end with err.
func (m *conditionModel) join(i int, err error) {
	m.result[i] = err
	if m.owner >= 0 {
		m.line = append(m.line, i)
		return
	}
	m.get(i)
}

func (m *conditionModel) get(i int) {
	m.owner, m.ended[i] = i, m.result[i]
	pass := m.notified[i] && m.result[i] == ErrExit //nolint:errorlint // that very value
	delete(m.notified, i)
	if m.result[i] == ErrExit { //nolint:errorlint // that very value
		var next []int
		if pass {
			next = m.notify(1)
		}
		m.depth[i] = 0
		m.release()
		m.run(next)
	}
}

func (m *conditionModel) release() {
	m.owner = -1
	if len(m.line) > 0 {
		i := m.line[0]
		m.line = m.line[1:]
		m.get(i)
	}
}

// notify takes up to n out of those who wait; they run later.
func (m *conditionModel) notify(n int) (woken []int) {
	n = min(n, len(m.waits))
	woken, m.waits = slices.Clone(m.waits[:n]), slices.Clone(m.waits[n:])
	for _, i := range woken {
		m.notified[i] = true
	}
	return woken
}

func (m *conditionModel) run(woken []int) {
	for _, i := range woken {
		m.join(i, nil)
	}
}

func TestConditionModelOnLock(t *testing.T) { testCondition(t, func() Locker { return new(Lock) }, 1) }
func TestConditionModelOnRLock(t *testing.T) {
	testCondition(t, func() Locker { return new(RLock) }, 3)
}

func testCondition(t *testing.T, fresh func() Locker, maxDepth int) {
	rapid.Check(t, func(rt *rapid.T) {
		program := orders("acquire", "wait", "wait", "release", "notify", "notify all", "interrupt").Draw(rt, "program")
		require.NoError(rt, simulate(func() {
			l := NewCondition(fresh())
			c := newTeam(hands)
			defer c.dismiss()
			m := &conditionModel{
				owner: -1, depth: make([]int, hands),
				result: map[int]error{}, notified: map[int]bool{}, ended: map[int]error{},
			}
			for _, o := range program {
				m.step(rt, c, l, o, maxDepth)
				m.check(rt, c, l)
			}
		}))
	})
}

func (m *conditionModel) step(rt *rapid.T, c team, l *Condition, o order, maxDepth int) {
	i, op := o.hand, o.op
	switch idle := c[i].job == nil; {
	case op == "interrupt" && !idle:
		m.interrupt(i, c, o.how)
	case !idle || op == "interrupt" || op == "acquire" && m.owner == i && m.depth[i] == maxDepth:
		return
	case op != "acquire" && m.owner != i:
		return
	case op == "acquire" && m.owner == i:
		m.depth[i]++
		m.ended[i] = nil
		c.start(i, l.Acquire)
	case op == "acquire":
		m.depth[i] = 1
		m.join(i, nil)
		c.start(i, l.Acquire)
	case op == "wait":
		m.waits = append(m.waits, i)
		m.release()
		hand, depth := c[i], m.depth[i]
		c.start(i, func() error {
			hand.quit = func() { // killed in there
				require.True(rt, l.held(GetHub()))
				for range depth {
					l.Release()
				}
			}
			err := l.Wait()
			hand.quit = nil
			return err
		})
	case op == "release":
		m.ended[i] = nil
		if m.depth[i]--; m.depth[i] == 0 {
			m.release()
		}
		c.start(i, func() error { l.Release(); return nil })
	case op == "notify":
		m.ended[i] = nil
		m.run(m.notify(o.n))
		c.start(i, func() error { l.Notify(o.n); return nil })
	case op == "notify all":
		m.ended[i] = nil
		woken := m.notify(len(c))
		clear(m.notified)
		m.run(woken)
		c.start(i, func() error { l.NotifyAll(); return nil })
	}
}

func (m *conditionModel) interrupt(i int, c team, how string) {
	err := errMade
	if how == "kill" {
		err = ErrExit
	}
	c.interrupt(i, how)
	is := func(k int) bool { return k == i }
	switch {
	case slices.ContainsFunc(m.waits, is): // it wants the lock back
		m.waits = slices.DeleteFunc(m.waits, is)
		m.join(i, err)
	case c[i].quit == nil: // in Acquire
		m.line = slices.DeleteFunc(m.line, is)
		m.depth[i], m.ended[i] = 0, err
	case how == "kill": // it does not get out of Wait, but when it has the lock, for which it waits last
		m.result[i] = ErrExit
		m.line = append(slices.DeleteFunc(m.line, is), i)
	}
	settleDown()
}

func (m *conditionModel) check(rt *rapid.T, c team, l *Condition) {
	for i, err := range m.ended {
		if err == ErrExit { //nolint:errorlint // that very value
			require.True(rt, c[i].g.Ready())
			c.hire(i)
			settleDown()
			continue
		}
		require.Nil(rt, c[i].job, "hand %d has ended its job", i)
		require.Equal(rt, err, c[i].err)
	}
	clear(m.ended)
	for _, i := range append(slices.Clone(m.line), m.waits...) {
		require.NotNil(rt, c[i].job, "hand %d waits", i)
		require.Equal(rt, sched.Parked, c[i].g.task.State())
	}
	require.Equal(rt, m.owner >= 0, l.Locked())
	if m.owner >= 0 {
		if r, ok := l.Locker.(*RLock); ok {
			require.Same(rt, &c[m.owner].g.task, r.owner)
			require.Equal(rt, m.depth[m.owner], r.depth)
		} else {
			require.Same(rt, &c[m.owner].g.task, l.Locker.(*Lock).holder)
		}
	}
	require.Zero(rt, l.waiters.given)
}
