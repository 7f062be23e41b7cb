package gevent

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
)

// A permitModel is what a lock or a semaphore should do: permits, each with its owner, and those who wait for one.
type permitModel struct {
	free  int
	owned []int // by hand, how many permits each took; a reentrant lock counts there, too
	line  []int
	ended map[int]error // calls that are over and have not been looked at
}

func (m *permitModel) acquire(i int, reentrant bool) {
	switch {
	case reentrant && m.owned[i] > 0:
		m.owned[i]++
		m.ended[i] = nil
	case m.free > 0:
		m.free--
		m.owned[i]++
		m.ended[i] = nil
	default:
		m.line = append(m.line, i)
	}
}

func (m *permitModel) release() {
	if len(m.line) == 0 {
		m.free++
		return
	}
	i := m.line[0]
	m.line = m.line[1:]
	m.owned[i]++
	m.ended[i] = nil
}

// permitted is the primitive under test.
type permitted struct {
	initial   int
	reentrant bool
	acquire   func() error
	try       func() bool
	release   func()
	free      func() int
}

func freeOf(l Locker) func() int {
	return func() int {
		if l.Locked() {
			return 0
		}
		return 1
	}
}

func TestLockModel(t *testing.T) {
	testPermits(t, func(*rapid.T) permitted {
		l := new(Lock)
		return permitted{1, false, l.Acquire, l.TryAcquire, l.Release, freeOf(l)}
	})
}

func TestRLockModel(t *testing.T) {
	testPermits(t, func(*rapid.T) permitted {
		l := new(RLock)
		return permitted{1, true, l.Acquire, l.TryAcquire, l.Release, freeOf(l)}
	})
}

func TestSemaphoreModel(t *testing.T) {
	testPermits(t, func(rt *rapid.T) permitted {
		n := rapid.IntRange(0, 3).Draw(rt, "permits")
		s := NewSemaphore(n)
		return permitted{n, false, s.Acquire, s.TryAcquire, s.Release, s.Value}
	})
}

// testPermits compares what a random program does with the model. Releases and interruptions follow one another without a
// chance for anybody to run in between.
func testPermits(t *testing.T, fresh func(*rapid.T) permitted) {
	rapid.Check(t, func(rt *rapid.T) {
		p := fresh(rt)
		program := orders("acquire", "acquire", "try", "release", "release", "interrupt").Draw(rt, "program")
		require.NoError(rt, simulate(func() {
			c := newTeam(hands)
			defer c.dismiss()
			m := &permitModel{free: p.initial, owned: make([]int, hands), ended: map[int]error{}}
			for _, o := range program {
				m.step(rt, c, p, o)
			}
			m.check(rt, c, p)
		}))
	})
}

func (m *permitModel) step(rt *rapid.T, c team, p permitted, o order) {
	i := o.hand
	waits := slices.Contains(m.line, i)
	switch o.op {
	case "acquire", "try":
		m.check(rt, c, p) // whose job is over, sees it
		if waits {
			return
		}
		if o.op == "acquire" {
			m.acquire(i, p.reentrant)
			c.start(i, p.acquire)
			break
		}
		want := m.free > 0 || p.reentrant && m.owned[i] > 0
		got := false
		c.start(i, func() error { got = p.try(); return nil })
		require.Equal(rt, want, got)
		m.ended[i] = nil
		if want {
			m.acquire(i, p.reentrant)
		}
	case "release":
		m.letGo(rt, i, waits, c, p)
	case "interrupt":
		if !waits {
			return
		}
		c.interrupt(i, o.how)
		m.line = slices.DeleteFunc(m.line, func(k int) bool { return k == i })
		m.ended[i] = errMade
		if o.how == "kill" {
			m.ended[i] = ErrExit
			m.check(rt, c, p)
		}
	}
}

// letGo releases a permit: of a reentrant lock hand i itself, of others we.
func (m *permitModel) letGo(rt *rapid.T, i int, waits bool, c team, p permitted) {
	if p.reentrant {
		m.check(rt, c, p)
		if waits || m.owned[i] == 0 {
			return
		}
		if m.owned[i]--; m.owned[i] == 0 {
			m.release()
		}
		m.ended[i] = nil
		c.start(i, func() error { p.release(); return nil })
		return
	}
	held := slices.IndexFunc(m.owned, func(n int) bool { return n > 0 })
	if held < 0 {
		if p.initial == 1 { // a lock
			return
		}
	} else {
		m.owned[held]--
	}
	m.release()
	p.release()
}

// check lets all run, and looks at what they did.
func (m *permitModel) check(rt *rapid.T, c team, p permitted) {
	settleDown()
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
	for _, i := range m.line {
		require.NotNil(rt, c[i].job, "hand %d waits", i)
		require.Equal(rt, sched.Parked, c[i].g.task.State())
	}
	require.Equal(rt, m.free, p.free())
}
