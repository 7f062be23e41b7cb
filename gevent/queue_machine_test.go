package gevent

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// queueMachine does the same to two boxes and to their models.
type queueMachine struct {
	t      *testing.T
	boxes  [2]box
	models [2]*modelBox
	waits  []*realWait
	number int
}

// A realWait is a greenlet and its model.
type realWait struct {
	g     *Greenlet
	model *modelWait
	dead  bool // killed

	over         bool
	which, value int
	err          error
}

func newQueueMachine(t *testing.T, rt *rapid.T) *queueMachine {
	m := &queueMachine{t: t}
	for i := range m.boxes {
		kind := rapid.SampledFrom([]string{"Channel", "LifoQueue", "PriorityQueue", "Queue", "SimpleQueue"}).Draw(rt, "kind")
		limit := rapid.IntRange(0, 3).Draw(rt, "limit")
		m.models[i] = &modelBox{kind: kind, max: limit}
		switch kind {
		case "PriorityQueue":
			m.boxes[i] = NewPriorityQueueFunc(limit, func(a, b int) bool { return byPriority(a, b) < 0 })
		case "Channel":
			m.models[i].max = -1
		case "SimpleQueue":
			m.models[i].max = 0
		}
		if m.boxes[i] == nil {
			m.boxes[i] = boxKinds[kind](limit)
		}
	}
	return m
}

// spawn lets a greenlet do one of the cases and runs it up to its wait.
func (m *queueMachine) spawn(w *modelWait) {
	r := &realWait{model: w}
	r.g = Spawn(func() error {
		r.which, r.value, r.err = m.do(w)
		r.over = true
		return nil
	})
	m.waits = append(m.waits, r)
	w.begin()
	Yield()
}

// do is w's call. What is a single case is at times a Select, too.
func (m *queueMachine) do(w *modelWait) (which, value int, err error) {
	d := w.until - GetHub().sched.Now()
	real := func(b *modelBox) box { return m.boxes[slices.Index(m.models[:], b)] }
	b := real(w.cases[0].box)
	switch {
	case w.peeks && w.until == 0:
		value, err = b.(peekable).Peek()
	case w.peeks:
		value, err = b.(peekable).PeekTimeout(d)
	case len(w.cases) > 1:
		var cases []Case
		for _, c := range w.cases {
			if c.put {
				cases = append(cases, OnPut(real(c.box), c.value, nil))
			} else {
				cases = append(cases, OnGet(real(c.box), func(v int, _ error) { value = v }))
			}
		}
		if w.until == 0 {
			which, err = Select(cases...)
		} else {
			which, err = SelectTimeout(d, cases...)
		}
	case w.cases[0].put && w.until == 0:
		err = b.Put(w.cases[0].value)
	case w.cases[0].put:
		err = b.PutTimeout(w.cases[0].value, d)
	case w.until == 0:
		value, err = b.Get()
	default:
		value, err = b.GetTimeout(d)
	}
	return which, value, err
}

// step does one thing that rt draws.
func (m *queueMachine) step(rt *rapid.T) {
	m.number++
	i := rapid.IntRange(0, 1).Draw(rt, "box")
	b, model := m.boxes[i], m.models[i]
	switch op := rapid.IntRange(0, 15).Draw(rt, "op"); op {
	case 0, 1, 2, 3, 4, 5:
		m.spawn(m.drawWait(rt))
	case 6, 7:
		require.Equal(m.t, model.put(m.number), b.TryPut(m.number))
	case 8, 9:
		want, wantErr := model.get()
		v, err := b.TryGet()
		require.Equal(m.t, []any{want, wantErr}, []any{v, err})
	case 10, 11:
		if w := m.drawWaiting(rt); w != nil { // without a turn for it until Yield comes
			if op == 10 {
				w.dead = true
				w.model.end(-1, 0, nil)
				w.g.KillAsync()
			} else {
				w.model.end(-1, 0, errMade)
				throw(w.g, errMade)
			}
		}
	case 12:
		m.sleep(time.Duration(rapid.IntRange(1, 3).Draw(rt, "sleep")) * time.Second)
	case 13:
		Yield()
	case 14:
		if w := m.drawWaiting(rt); w != nil {
			w.model.end(-1, 0, errMade)
			w.g.hub.sched.Cancel(&w.g.task, errMade)
		}
	case 15:
		if m.number > 20 {
			immediate := rapid.Bool().Draw(rt, "immediate")
			Yield() // who ended already is gone, so that it is no matter who of a Select's boxes is first
			model.shutdown(immediate)
			shutdown(b, immediate)
			Yield()
		}
	}
}

func (m *queueMachine) drawWait(rt *rapid.T) *modelWait {
	w := new(modelWait)
	cases := rapid.SampledFrom([]int{1, 1, 1, 2, 3, 4}).Draw(rt, "cases")
	for range cases {
		m.number++
		b := m.models[rapid.IntRange(0, 1).Draw(rt, "case box")]
		w.cases = append(w.cases, modelCase{b, rapid.Bool().Draw(rt, "put"), m.number})
	}
	if c := w.cases[0]; cases == 1 && !c.put && c.box.kind != "Channel" {
		w.peeks = rapid.IntRange(0, 2).Draw(rt, "peek") == 0
	}
	if rapid.IntRange(0, 2).Draw(rt, "deadline") == 0 {
		w.until = GetHub().sched.Now() + time.Duration(rapid.IntRange(1, 4).Draw(rt, "until"))*time.Second
	}
	return w
}

func (m *queueMachine) drawWaiting(rt *rapid.T) *realWait {
	var waiting []*realWait
	for _, w := range m.waits {
		if !w.model.over {
			waiting = append(waiting, w)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	return waiting[rapid.IntRange(0, len(waiting)-1).Draw(rt, "victim")]
}

func (m *queueMachine) sleep(d time.Duration) {
	now := GetHub().sched.Now() + d
	for _, w := range m.waits {
		if until := w.model.until; !w.model.over && until != 0 && until <= now {
			w.model.end(-1, 0, ErrTimeout)
		}
	}
	require.NoError(m.t, Sleep(d))
	Yield()
}

// check compares all that is over, and the boxes, once nothing is ready any more.
func (m *queueMachine) check() {
	Yield()
	for _, w := range m.waits {
		require.Equal(m.t, w.model.over, w.over || w.dead)
		if !w.over {
			continue
		}
		want := []any{w.model.which, w.model.value, w.model.err}
		if len(w.model.cases) == 1 {
			want[0] = 0
		}
		require.Equal(m.t, want, []any{w.which, w.value, w.err})
	}
	for i, b := range m.boxes {
		model, x := m.models[i], b.core()
		require.Equal(m.t, []int{len(model.items), len(model.getters), len(model.putters)},
			[]int{x.n, x.getters.waiting(), x.putters.waiting()})
		require.Equal(m.t, len(model.items) > 0 || len(model.putters) > 0 || model.shut, b.Ready())
	}
}

// finish ends all waits and compares what is left.
func (m *queueMachine) finish() {
	for _, w := range m.waits {
		if !w.model.over {
			w.dead = true
			w.model.end(-1, 0, nil)
			w.g.KillAsync()
		}
	}
	for i, b := range m.boxes {
		var want []int
		for {
			v, err := m.models[i].get()
			if err != nil {
				break
			}
			want = append(want, v)
		}
		require.Equal(m.t, want, getAll(b))
	}
	m.check()
	for _, b := range m.boxes {
		requireNobody(m.t, b)
	}
}

// Random greenlets get, put, peek and select, time out, are killed and thrown at, at two queues or channels: each call
// returns what the model says, and the boxes hold and remember what the model does.
func TestQueueModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		virtual(t, func() error {
			m := newQueueMachine(t, rt)
			for range rapid.IntRange(1, 60).Draw(rt, "steps") {
				m.step(rt)
				if rapid.Bool().Draw(rt, "check") {
					m.check()
				}
			}
			m.finish()
			return nil
		})
	})
}
