package gevent

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
)

// poolModel is a pool as two slices: who is in, and who waits to come in, in order.
type poolModel struct {
	pool     *Pool
	size     int
	in       []int
	waiting  []int
	members  map[int]*Greenlet // those that came in, by the number of their spawner
	spawners map[int]*Greenlet
	next     int
}

func (m *poolModel) spawn() {
	n := m.next
	m.next++
	m.spawners[n] = Spawn(func() error {
		g, err := m.pool.Spawn(func() error { return GetHub().sched.Park(sched.Why("work")) })
		if err == nil {
			m.members[n] = g
		}
		return err
	})
	m.waiting = append(m.waiting, n)
	m.admit()
}

// admit lets in whoever has a place now.
func (m *poolModel) admit() {
	for len(m.in) < m.size && len(m.waiting) > 0 {
		m.in = append(m.in, m.waiting[0])
		m.waiting = m.waiting[1:]
	}
}

func (m *poolModel) leave(n int) {
	m.in = slices.DeleteFunc(m.in, func(o int) bool { return o == n })
	m.admit()
}

func (m *poolModel) check(t *rapid.T) {
	require.NoError(t, Idle())
	var in []*Greenlet
	for _, n := range m.in {
		in = append(in, m.members[n])
	}
	require.Equal(t, in, slices.Collect(m.pool.All()), "who is in, in the order in which they asked")
	require.Equal(t, len(m.in), m.pool.Len())
	require.Equal(t, len(m.waiting), m.pool.slots.queue.Len())
	require.Equal(t, m.size-len(m.in), m.pool.FreeCount())
	require.LessOrEqual(t, m.pool.Len(), m.size, "never above its size")
}

// Whatever comes in whatever order, the pool is never above its size, first come first served, and no place is lost or
// doubled.
func TestPoolModel(t *testing.T) {
	virtual(t, func() error {
		rapid.Check(t, func(t *rapid.T) {
			size := rapid.IntRange(0, 3).Draw(t, "size")
			m := &poolModel{pool: NewPool(size), size: size, members: map[int]*Greenlet{}, spawners: map[int]*Greenlet{}}
			s := GetHub().sched
			member := func(t *rapid.T) int {
				if len(m.in) == 0 {
					t.Skip("nobody is in")
				}
				return rapid.SampledFrom(m.in).Draw(t, "member")
			}
			waiter := func(t *rapid.T) int {
				if len(m.waiting) == 0 {
					t.Skip("nobody waits")
				}
				return rapid.SampledFrom(m.waiting).Draw(t, "waiter")
			}
			drop := func(n int) { m.waiting = slices.DeleteFunc(m.waiting, func(o int) bool { return o == n }) }
			t.Repeat(map[string]func(*rapid.T){
				"":      m.check,
				"spawn": func(*rapid.T) { m.spawn() },
				"return": func(t *rapid.T) {
					n := member(t)
					s.Ready(&m.members[n].task)
					m.leave(n)
				},
				"kill":    func(t *rapid.T) { n := member(t); m.members[n].KillAsync(); m.leave(n) },
				"throw":   func(t *rapid.T) { n := member(t); m.members[n].Throw(errMade); m.leave(n) },
				"discard": func(t *rapid.T) { n := member(t); m.pool.Discard(m.members[n]); m.leave(n) },
				"kill a waiter": func(t *rapid.T) {
					n := waiter(t)
					m.spawners[n].KillAsync()
					drop(n)
				},
				"throw at a waiter": func(t *rapid.T) {
					n := waiter(t)
					m.spawners[n].Throw(errMade)
					drop(n)
				},
				"kill whoever gets the place, too late": func(t *rapid.T) {
					n := member(t)
					m.pool.Discard(m.members[n])
					if len(m.waiting) > 0 {
						m.spawners[m.waiting[0]].KillAsync()
					}
					m.leave(n)
				},
				"wake a waiter by mistake": func(t *rapid.T) {
					n := waiter(t)
					s.Ready(&m.spawners[n].task)
					drop(n)
					m.waiting = append(m.waiting, n) // it asks anew
				},
				"try": func(t *rapid.T) {
					g, err := m.pool.TrySpawn(func() error { return s.Park(sched.Why("work")) })
					if len(m.in) == m.size {
						require.ErrorIs(t, err, ErrPoolFull)
						return
					}
					require.NoError(t, err)
					m.members[m.next] = g
					m.in = append(m.in, m.next)
					m.next++
				},
			})
			for _, g := range m.spawners {
				g.KillAsync()
			}
			for _, g := range m.members {
				g.KillAsync()
			}
			require.NoError(t, m.pool.Join())
			require.NoError(t, Idle())
			require.Equal(t, size, m.pool.FreeCount())
		})
		return nil
	})
}
