package gevent

import (
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A box is any queue or channel of ints, for tests that hold for all.
type box interface {
	Exchange[int]
	Waitable
	Put(v int) error
	PutTimeout(v int, d time.Duration) error
	TryPut(v int) error
	Get() (int, error)
	GetTimeout(d time.Duration) (int, error)
	TryGet() (int, error)
	All() iter.Seq[int]
}

// A peekable is a box that is no channel.
type peekable interface {
	box
	Peek() (int, error)
	PeekTimeout(d time.Duration) (int, error)
	TryPeek() (int, error)
	Len() int
	Shutdown(immediate bool)
}

// A joinable is a box that counts what is done.
type joinable interface {
	peekable
	Cap() int
	Full() bool
	TaskDone()
	Join() error
	JoinTimeout(d time.Duration) error
	Unfinished() int
}

// simple is a SimpleQueue as a box.
type simple struct{ *SimpleQueue[int] }

func (s simple) PutTimeout(v int, _ time.Duration) error { return s.Put(v) }
func (s simple) TryPut(v int) error                      { return s.Put(v) }

// closable is a Channel with the name that Close has elsewhere.
type closable struct{ *Channel[int] }

func (c closable) Shutdown(bool) { c.Close() }

// shutdown ends b.
func shutdown(b box, immediate bool) { b.(interface{ Shutdown(bool) }).Shutdown(immediate) }

// boxKinds make all kinds of queues, of that limit and with those items where they can have them.
var boxKinds = map[string]func(max int, items ...int) box{
	"Queue":         func(max int, items ...int) box { return NewQueue(max, items...) },
	"LifoQueue":     func(max int, items ...int) box { return NewLifoQueue(max, items...) },
	"PriorityQueue": func(max int, items ...int) box { return NewPriorityQueue(max, items...) },
	"SimpleQueue":   func(_ int, items ...int) box { return simple{NewSimpleQueue(items...)} },
	"Channel":       func(int, ...int) box { return closable{NewChannel[int]()} },
}

// eachBox runs the test for all kinds, of that limit where they can have one, on virtual time.
func eachBox(t *testing.T, limit int, test func(t *testing.T, b box)) {
	for name, newBox := range boxKinds {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				b := newBox(limit)
				test(t, b)
				requireNobody(t, b)
				return nil
			})
		})
	}
}

// eachBoxWait runs the test for all ways to wait at all kinds, with a limit of 2, prepared.
func eachBoxWait(t *testing.T, test func(t *testing.T, op string, w boxWait, b box)) {
	for op, w := range boxWaits {
		for name, newBox := range boxKinds {
			b := newBox(2)
			if w.kinds != nil && !w.kinds(b) {
				continue
			}
			t.Run(op+"/"+name, func(t *testing.T) {
				virtual(t, func() error {
					w.prepare(b)
					test(t, op, w, b)
					requireNobody(t, b)
					return nil
				})
			})
		}
	}
}

// requireNobody checks that nobody waits at b, and that it has forgotten who did.
func requireNobody(t require.TestingT, b box) {
	x := b.core()
	require.Nil(t, x.getters.first, "a getter is left")
	require.Nil(t, x.putters.first, "a putter is left")
	require.Nil(t, x.getters.last)
	require.Nil(t, x.putters.last)
	for p := x.spare; p != nil; p = p.next {
		require.Equal(t, party[int]{next: p.next}, *p, "a record remembers")
	}
}

// getAll takes all that can be had without waiting.
func getAll(b box) []int {
	var vs []int
	for {
		v, err := b.TryGet()
		if err != nil {
			return vs
		}
		vs = append(vs, v)
	}
}

// getter spawns a greenlet that gets one item.
func getter(b box) *Result[int] { return Go(b.Get) }

// putter spawns a greenlet that puts v.
func putter(b box, v int) *Greenlet { return Spawn(func() error { return b.Put(v) }) }

// A boxWait is a way to wait at a box.
type boxWait struct {
	kinds   func(b box) bool                             // which have it; nil: all
	prepare func(b box)                                  // so that a wait must park
	wait    func(b box, v int, d time.Duration) error    // with v to put; d 0: without limit
	serve   func(t *testing.T, b box, last *Result[int]) // ends the wait of the one that is left, whose v is 3
}

var boxWaits = map[string]boxWait{
	"get": {
		prepare: func(box) {},
		wait: func(b box, _ int, d time.Duration) error {
			v, err := 0, error(nil)
			if d == 0 {
				v, err = b.Get()
			} else {
				v, err = b.GetTimeout(d)
			}
			if err == nil && v != 7 {
				panic("not what was put")
			}
			return err
		},
		serve: func(t *testing.T, b box, last *Result[int]) {
			require.NoError(t, b.Put(7))
			require.NoError(t, last.Join())
			require.NoError(t, last.Err())
			require.Empty(t, getAll(b), "doubled")
		},
	},
	"put": {
		prepare: func(b box) {
			for b.TryPut(0) == nil { // until it is full
			}
		},
		kinds: func(b box) bool { _, unlimited := b.(simple); return !unlimited },
		wait: func(b box, v int, d time.Duration) error {
			if d == 0 {
				return b.Put(v)
			}
			return b.PutTimeout(v, d)
		},
		serve: func(t *testing.T, b box, last *Result[int]) {
			got := getAll(b)
			require.NoError(t, last.Join())
			require.NoError(t, last.Err())
			require.Contains(t, [][]int{{0, 0, 3}, {0, 3, 0}, {3, 0, 0}, {3}}, got, "those that ended have put nothing")
		},
	},
	"peek": {
		prepare: func(box) {},
		kinds:   func(b box) bool { _, can := b.(peekable); return can },
		wait: func(b box, _ int, d time.Duration) (err error) {
			if d == 0 {
				_, err = b.(peekable).Peek()
			} else {
				_, err = b.(peekable).PeekTimeout(d)
			}
			return err
		},
		serve: func(t *testing.T, b box, last *Result[int]) {
			require.NoError(t, b.Put(7))
			require.NoError(t, last.Join())
			require.NoError(t, last.Err())
			require.Equal(t, []int{7}, getAll(b), "it was only looked at")
		},
	},
	"join": {
		prepare: func(b box) { _ = b.TryPut(1) },
		kinds:   func(b box) bool { _, can := b.(joinable); return can },
		wait: func(b box, _ int, d time.Duration) error {
			if d == 0 {
				return b.(joinable).Join()
			}
			return b.(joinable).JoinTimeout(d)
		},
		serve: func(t *testing.T, b box, last *Result[int]) {
			require.Equal(t, []int{1}, getAll(b))
			b.(joinable).TaskDone()
			require.NoError(t, last.Join())
			require.NoError(t, last.Err())
		},
	},
	"select": {
		prepare: func(b box) {},
		wait: func(b box, v int, d time.Duration) (err error) {
			idle := NewChannel[int]()
			cases := []Case{OnGet(idle, nil), OnGet[int](b, nil), OnPut(idle, v, nil), OnGet[int](b, nil)}
			if d == 0 {
				_, err = Select(cases...)
			} else {
				_, err = SelectTimeout(d, cases...)
			}
			if idle.Balance() != 0 || idle.exchange.getters.first != nil {
				panic("a case was left behind")
			}
			return err
		},
		serve: func(t *testing.T, b box, last *Result[int]) {
			require.NoError(t, b.Put(7))
			require.NoError(t, last.Join())
			require.NoError(t, last.Err())
			require.Empty(t, getAll(b), "doubled")
		},
	},
}
