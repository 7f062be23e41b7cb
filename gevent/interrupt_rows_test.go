package gevent

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The rows of the suite over what has no row in its own test file: what waits for greenlets, for places, for queues and
// for what is beside the hub.

// valueless drops the value.
func valueless[T any](_ T, err error) error { return err }

// backed calls back if a call has succeeded: it gives back what the call took.
func backed(err error, back func()) error {
	if err == nil {
		back()
	}
	return err
}

var _ = addInterruptible("Sleep", func() interruptible {
	return interruptible{call: func() error { return Sleep(2 * time.Hour) }, admit: func() {}, later: true}
})

var _ = addInterruptible("WaitIdle", func() interruptible {
	g := napper()
	return interruptible{call: WaitIdle, timed: func(d time.Duration) error { return WaitIdleTimeout(d / 2) }, admit: g.KillAsync, later: true}
})

// Calls that wait for greenlets: those of a group, which end with nil when its gate opens.
var _ = func() bool {
	type waited struct {
		a, b  *Greenlet
		group *Group
	}
	only := func(seq iter.Seq2[Waitable, error]) (err error) {
		for _, e := range seq {
			err = e
		}
		return err
	}
	type call struct {
		call  func(w waited) error
		timed func(w waited, d time.Duration) error
	}
	calls := map[string]call{
		"Greenlet.Join": {func(w waited) error { return w.a.Join() }, func(w waited, d time.Duration) error { return w.a.JoinTimeout(d) }},
		"Greenlet.Get":  {func(w waited) error { return w.a.Get() }, func(w waited, d time.Duration) error { return w.a.GetTimeout(d) }},
		"JoinAll": {func(w waited) error { return JoinAll(w.a, w.b) },
			func(w waited, d time.Duration) error { return JoinAllTimeout(d, w.a, w.b) }},
		"Until.JoinAll": {func(w waited) error { return valueless(Until{}.JoinAll(w.a, w.b)) },
			func(w waited, d time.Duration) error { return valueless(Until{Timeout: d}.JoinAll(w.a, w.b)) }},
		"Wait": {func(w waited) error { return valueless(Wait(w.a, w.b)) },
			func(w waited, d time.Duration) error { return valueless(WaitTimeout(d, w.a, w.b)) }},
		"WaitCount": {func(w waited) error { return valueless(WaitCount(1, w.a, w.b)) }, nil},
		"Until.Wait": {func(w waited) error { return valueless(Until{}.Wait(w.a, w.b)) },
			func(w waited, d time.Duration) error { return valueless(Until{Timeout: d}.Wait(w.a, w.b)) }},
		"IWait": {func(w waited) error { return only(IWait(w.a, w.b)) },
			func(w waited, d time.Duration) error { return only(IWaitTimeout(d, w.a, w.b)) }},
		"Until.IWait": {func(w waited) error { return only(Until{}.IWait(w.a, w.b)) },
			func(w waited, d time.Duration) error { return only(Until{Timeout: d}.IWait(w.a, w.b)) }},
		"Group.Join": {func(w waited) error { return w.group.Join() },
			func(w waited, d time.Duration) error { return w.group.JoinTimeout(d) }},
		"Group.Get": {func(w waited) error { return w.group.Get() },
			func(w waited, d time.Duration) error { return w.group.GetTimeout(d) }},
	}
	for name, c := range calls {
		addInterruptible(name, func() interruptible {
			var gate Event
			w := waited{Spawn(gate.Wait), Spawn(gate.Wait), new(Group)}
			w.group.Add(w.a, w.b)
			i := interruptible{
				call: func() error { return c.call(w) }, admit: gate.Set, later: true,
				check: func(t *testing.T) {
					require.False(t, isObserved(w.a) || isObserved(w.b))
					require.Zero(t, w.group.change.Len())
					require.Empty(t, w.group.getting)
				},
			}
			if c.timed != nil {
				i.timed = func(d time.Duration) error { return c.timed(w, d) }
			}
			return i
		})
	}
	return true
}()

var _ = addInterruptible("Result.Get", func() interruptible {
	var gate Event
	r := Go(func() (int, error) { return 42, gate.Wait() })
	got := func(v int, err error) error {
		if err == nil && v != 42 {
			return errors.New("not the result")
		}
		return err
	}
	return interruptible{
		call:  func() error { return got(r.Get()) },
		timed: func(d time.Duration) error { return got(r.GetTimeout(d)) },
		admit: gate.Set, later: true,
	}
})

// Calls that kill: of greenlets whose deferred functions wait, however often they are killed, until the gate opens.
var _ = func() bool {
	calls := map[string]func(a, b *Greenlet, group *Group) (call func() error, timed func(d time.Duration) error){
		"Greenlet.Kill": func(a, _ *Greenlet, _ *Group) (func() error, func(time.Duration) error) { return a.Kill, a.KillTimeout },
		"Greenlet.KillWith": func(a, _ *Greenlet, _ *Group) (func() error, func(time.Duration) error) {
			return func() error { return a.KillWith(errMade) }, nil
		},
		"KillAll": func(a, b *Greenlet, _ *Group) (func() error, func(time.Duration) error) {
			return func() error { return KillAll(a, b) }, func(d time.Duration) error { return KillAllTimeout(d, a, b) }
		},
		"KillAllWith": func(a, b *Greenlet, _ *Group) (func() error, func(time.Duration) error) {
			return func() error { return KillAllWith(errMade, a, b) }, nil
		},
		"Group.Kill": func(_, _ *Greenlet, group *Group) (func() error, func(time.Duration) error) {
			return group.Kill, group.KillTimeout
		},
		"Group.KillWith": func(_, _ *Greenlet, group *Group) (func() error, func(time.Duration) error) {
			return func() error { return group.KillWith(errMade) }, nil
		},
	}
	for name, of := range calls {
		addInterruptible(name, func() interruptible {
			var gate Event
			victim := func() *Greenlet {
				return Spawn(func() error {
					for range 10 {
						defer func() { _ = gate.Wait() }()
					}
					return gate.Wait()
				})
			}
			a, b, group := victim(), victim(), new(Group)
			group.Add(a, b)
			Yield() // one that has not started has no deferred functions
			call, timed := of(a, b, group)
			return interruptible{call: call, timed: timed, admit: gate.Set, later: true, check: func(t *testing.T) {
				require.True(t, a.Ready() || b.Ready())
				require.NoError(t, KillAll(a, b))
				require.Zero(t, group.killing)
				require.Zero(t, group.change.Len())
				require.NoError(t, group.Spawn(func() error { return nil }).Get(), "who comes later is not killed")
			}}
		})
	}
	return true
}()

// Calls that wait for a place in a pool.
var _ = func() bool {
	ran := func() error { return nil }
	type call struct {
		call  func(p *Pool) error
		timed func(p *Pool, d time.Duration) error
	}
	calls := map[string]call{
		"Pool.Spawn": {func(p *Pool) error { return valueless(p.Spawn(ran)) },
			func(p *Pool, d time.Duration) error { return valueless(p.SpawnTimeout(d, ran)) }},
		"Pool.Add": {func(p *Pool) error { return p.Add(Current()) },
			func(p *Pool, d time.Duration) error { return p.AddTimeout(d, Current()) }},
		"Pool.WaitAvailable": {(*Pool).WaitAvailable, (*Pool).WaitAvailableTimeout},
		"GoIn":               {func(p *Pool) error { return valueless(GoIn(p, func() (int, error) { return 0, nil })) }, nil},
		"Apply/place":        {func(p *Pool) error { return valueless(Apply(p, func() (int, error) { return 0, nil })) }, nil},
	}
	for name, c := range calls {
		addInterruptible(name, func() interruptible {
			p := NewPool(1)
			var gate Event
			holder, err := p.Spawn(gate.Wait)
			if err != nil {
				panic(err)
			}
			i := interruptible{
				call:  func() error { return c.call(p) },
				admit: func() { p.Discard(holder); gate.Set() },
				later: name == "Apply/place", // it waits for the function, too
				check: func(t *testing.T) {
					require.Zero(t, p.slots.queue.Len()+p.slots.free.Len())
					require.Equal(t, 1, p.FreeCount())
				},
			}
			if c.timed != nil {
				i.timed = func(d time.Duration) error { return c.timed(p, d) }
			}
			return i
		})
	}
	return true
}()

// Calls that start greenlets and wait for them: whoever ends the call ends these.
var _ = func() bool {
	numbers := slices.Values([]int{1, 2, 3})
	last := func(seq iter.Seq2[int, error]) (err error) {
		for _, e := range seq {
			err = e
		}
		return err
	}
	calls := map[string]func(w *Group, fn func(int) (int, error)) error{
		"Apply": func(w *Group, fn func(int) (int, error)) error {
			return valueless(Apply(w, func() (int, error) { return fn(0) }))
		},
		"Map":           func(w *Group, fn func(int) (int, error)) error { return valueless(Map(w, numbers, fn)) },
		"IMap":          func(w *Group, fn func(int) (int, error)) error { return last(IMap(w, numbers, fn)) },
		"IMapMax":       func(w *Group, fn func(int) (int, error)) error { return last(IMapMax(w, 1, numbers, fn)) },
		"IMapUnordered": func(w *Group, fn func(int) (int, error)) error { return last(IMapUnordered(w, numbers, fn)) },
		"IMapUnorderedMax": func(w *Group, fn func(int) (int, error)) error {
			return last(IMapUnorderedMax(w, 1, numbers, fn))
		},
		"Nurse": func(_ *Group, fn func(int) (int, error)) error {
			return Nurse(func(n *Nursery) error {
				n.Spawn(func() error { return valueless(fn(0)) })
				return nil
			})
		},
		"Nurse/body": func(_ *Group, fn func(int) (int, error)) error {
			return Nurse(func(n *Nursery) error {
				n.Spawn(func() error { return valueless(fn(0)) })
				return valueless(fn(1))
			})
		},
	}
	for name, call := range calls {
		addInterruptible(name, func() interruptible {
			group := new(Group)
			var gate Event
			begun, ended := 0, 0
			work := func(v int) (int, error) {
				begun++
				defer func() { ended++ }()
				return v, gate.Wait()
			}
			return interruptible{call: func() error { return call(group, work) }, admit: gate.Set, later: true,
				check: func(t *testing.T) {
					require.Zero(t, group.Len())
					require.Equal(t, begun, ended)
					require.Zero(t, gate.waiters.queue.Len())
				}}
		})
	}
	return true
}()

// All ways to wait at all kinds of queues and channels.
var _ = func() bool {
	type boxCall struct {
		kinds  func(b box) bool // which have it; nil: all
		call   func(b box, d time.Duration) error
		admit  func(b box)
		check  func(t *testing.T, b box)
		closed error
	}
	idle, quiet := NewChannel[int](), NewChannel[int]() // where nothing ever happens
	give := func(b box) {                               // to all who wait
		for b.core().getters.head() != nil {
			_ = b.TryPut(7)
		}
	}
	nothingLeft := func(t *testing.T, b box) { require.Empty(t, getAll(b), "lost or doubled") }
	noSimple := func(b box) bool { _, unlimited := b.(simple); return !unlimited }
	seven := func(v int, err error) error {
		if err == nil && v != 7 {
			panic("not what was put")
		}
		return err
	}
	calls := map[string]boxCall{
		"Get": {
			call: func(b box, d time.Duration) error {
				if d == 0 {
					return seven(b.Get())
				}
				return seven(b.GetTimeout(d))
			},
			admit: give, check: nothingLeft, closed: ErrShutdown,
		},
		"Peek": {
			kinds: func(b box) bool { _, can := b.(peekable); return can },
			call: func(b box, d time.Duration) error {
				if d == 0 {
					return seven(b.(peekable).Peek())
				}
				return seven(b.(peekable).PeekTimeout(d))
			},
			admit:  func(b box) { _ = b.TryPut(7) },
			check:  func(t *testing.T, b box) { require.Equal(t, []int{7}, getAll(b), "it was only looked at") },
			closed: ErrShutdown,
		},
		"Join": {
			kinds: func(b box) bool { _, can := b.(joinable); return can },
			call: func(b box, d time.Duration) error {
				if d == 0 {
					return b.(joinable).Join()
				}
				return b.(joinable).JoinTimeout(d)
			},
			admit: func(b box) {
				for range getAll(b) {
					b.(joinable).TaskDone()
				}
			},
			check: func(t *testing.T, b box) { require.Zero(t, b.(joinable).Unfinished()) },
		},
		"Select/get from": {
			call: func(b box, d time.Duration) error {
				cases := []Case{OnGet(idle, nil), OnGet[int](b, nil), OnPut(quiet, 1, nil), OnGet[int](b, nil)}
				if d == 0 {
					return valueless(Select(cases...))
				}
				return valueless(SelectTimeout(d, cases...))
			},
			admit: give, check: nothingLeft, closed: ErrShutdown,
		},
	}
	puts := map[string]boxCall{
		"Put": {
			call: func(b box, d time.Duration) error {
				if d == 0 {
					return b.Put(3)
				}
				return b.PutTimeout(3, d)
			},
		},
		"Select/put into": {
			call: func(b box, d time.Duration) error {
				cases := []Case{OnPut(quiet, 1, nil), OnPut[int](b, 3, nil), OnGet(idle, nil), OnPut[int](b, 3, nil)}
				if d == 0 {
					return valueless(Select(cases...))
				}
				return valueless(SelectTimeout(d, cases...))
			},
		},
	}
	for kind, newBox := range boxKinds {
		named := func(op string) string {
			if op[:1] == "S" {
				return op + " " + kind
			}
			return kind + "." + op
		}
		add := func(op string, closes error, fresh func() (interruptible, box)) {
			addInterruptible(named(op), func() interruptible {
				i, b := fresh()
				check := i.check
				i.check = func(t *testing.T) {
					check(t)
					requireNobody(t, b)
					require.Nil(t, idle.exchange.getters.first)
					require.Nil(t, quiet.exchange.putters.first)
				}
				if closes != nil {
					i.close, i.closed = func() { shutdown(b, false) }, closes
				}
				return i
			})
		}
		for op, c := range calls {
			if c.kinds == nil || c.kinds(newBox(2)) {
				add(op, c.closed, func() (interruptible, box) {
					b := newBox(2)
					if op == "Join" {
						_ = b.TryPut(1)
					}
					return interruptible{
						call:  func() error { return c.call(b, 0) },
						timed: func(d time.Duration) error { return c.call(b, d) },
						admit: func() { c.admit(b) },
						check: func(t *testing.T) { c.check(t, b) },
					}, b
				})
			}
		}
		for op, c := range puts {
			if !noSimple(newBox(2)) {
				continue
			}
			add(op, ErrShutdown, func() (interruptible, box) {
				b := newBox(2)
				want := 0
				for b.TryPut(0) == nil {
				}
				var got []int
				put := func(d time.Duration) error { return backed(c.call(b, d), func() { want += 3 }) }
				return interruptible{
					call: func() error { return put(0) }, timed: put,
					admit: func() { got = append(got, getAll(b)...) },
					check: func(t *testing.T) {
						sum := 0
						for _, v := range got {
							sum += v
						}
						require.Equal(t, want, sum, "those whose wait ended early have put nothing, the others once")
					},
				}, b
			})
		}
	}
	return true
}()

var _ = addInterruptible("Select", func() interruptible { // of nothing but a timer's channel, so to speak
	c := NewChannel[int]()
	return interruptible{
		call:  func() error { return valueless(Select(OnGet(c, nil))) },
		timed: func(d time.Duration) error { return valueless(SelectTimeout(d, OnGet(c, nil))) },
		admit: func() {
			for c.TryPut(1) == nil {
			}
		},
		close: c.Close, closed: ErrShutdown,
		check: func(t *testing.T) { require.Zero(t, c.Balance()) },
	}
})

var _ = addInterruptible("BoundedSemaphore.Acquire", func() interruptible {
	s := NewBoundedSemaphore(1)
	_ = s.Acquire()
	return interruptible{
		call:  func() error { return backed(s.Acquire(), s.Release) },
		timed: func(d time.Duration) error { return backed(s.AcquireTimeout(d), s.Release) },
		admit: s.Release,
		check: func(t *testing.T) { require.Equal(t, 1, s.Value()) },
	}
})

// The waits of the shared primitives, in greenlets.
var _ = func() bool {
	add := func(name string, fresh func() interruptible) {
		addInterruptible(name, func() interruptible {
			i := fresh()
			i.later = true // a wake-up comes by way of the hub
			return i
		})
	}
	add("SharedEvent.Wait", func() interruptible {
		e := new(SharedEvent)
		return interruptible{call: e.Wait, timed: e.WaitTimeout, admit: e.Set}
	})
	add("SharedResult.Get", func() interruptible {
		r := new(SharedResult[int])
		return interruptible{
			call:  func() error { return valueless(r.Get()) },
			timed: func(d time.Duration) error { return valueless(r.GetTimeout(d)) },
			admit: func() { r.Set(1) },
		}
	})
	add("SharedSemaphore.Acquire", func() interruptible {
		s := new(SharedSemaphore)
		return interruptible{
			call:  func() error { return backed(s.Acquire(), s.Release) },
			timed: func(d time.Duration) error { return backed(s.AcquireTimeout(d), s.Release) },
			admit: s.Release,
			check: func(t *testing.T) { require.Equal(t, 1, s.Permits()) },
		}
	})
	add("SharedQueue.Get", func() interruptible {
		q := NewSharedQueue[int](0)
		back := func() { q.TryPut(1) }
		return interruptible{
			call:  func() error { return backed(valueless(q.Get()), back) },
			timed: func(d time.Duration) error { return backed(valueless(q.GetTimeout(d)), back) },
			admit: back,
			check: func(t *testing.T) { require.Equal(t, 1, q.Len()) },
			close: q.Shutdown, closed: ErrShutdown,
		}
	})
	add("SharedQueue.Put", func() interruptible {
		q := NewSharedQueue[int](1)
		q.TryPut(0)
		back := func() { q.TryGet() }
		return interruptible{
			call:  func() error { return backed(q.Put(1), back) },
			timed: func(d time.Duration) error { return backed(q.PutTimeout(1, d), back) },
			admit: back,
			check: func(t *testing.T) { require.Zero(t, q.Len()) },
			close: q.Shutdown, closed: ErrShutdown,
		}
	})
	return true
}()

var _ = addInterruptible("Guard.Do", func() interruptible {
	g := NewGuard(1)
	var gate Event
	Spawn(func() error { return g.Do(gate.Wait) })
	Yield()
	return interruptible{
		call:  func() error { return g.Do(func() error { return nil }) },
		timed: func(d time.Duration) error { return g.DoTimeout(d, func() error { return nil }) },
		admit: gate.Set, later: true,
		check: func(t *testing.T) {
			require.Zero(t, g.Inside())
			require.Zero(t, g.Waiting())
			require.Empty(t, g.granted)
		},
	}
})

// Functions on other goroutines, which end when the channel is closed.
var _ = func() bool {
	calls := map[string]struct {
		call  func(fn func() (int, error)) error
		timed func(fn func() (int, error), d time.Duration) error
	}{
		"Offload": {func(fn func() (int, error)) error { return valueless(Offload(fn)) },
			func(fn func() (int, error), d time.Duration) error { return valueless(OffloadTimeout(d, fn)) }},
		"Await": {func(fn func() (int, error)) error {
			return valueless(Await(func(context.Context) (int, error) { return fn() }))
		}, nil},
		"ThreadMap": {func(fn func() (int, error)) error {
			p := NewThreadPool(1)
			return valueless(ThreadMap(p, slices.Values([]int{1, 2}), func(context.Context, int) (int, error) { return fn() }))
		}, nil},
	}
	for name, c := range calls {
		addInterruptible(name, func() interruptible {
			release := make(chan struct{})
			fn := func() (int, error) { <-release; return 0, nil }
			i := interruptible{call: func() error { return c.call(fn) }, admit: func() { close(release) }, later: true}
			if c.timed != nil {
				i.timed = func(d time.Duration) error { return c.timed(fn, d) }
			}
			return i
		})
	}
	return true
}()

// busy takes the one place of a pool until release is called. Its user is over with over.
func busy(p *ThreadPool) (release func(), over func(t *testing.T)) {
	gate := make(chan struct{})
	user := Spawn(func() error {
		return valueless(ThreadApply(p, func(context.Context) (int, error) { <-gate; return 0, nil }))
	})
	Yield()
	return func() { close(gate) }, func(t *testing.T) {
		require.NoError(t, user.Join())
		require.NoError(t, p.Join())
	}
}

// Calls that wait for their turn in a thread pool.
var _ = func() bool {
	ran := func(context.Context) (int, error) { return 0, nil }
	calls := map[string]func(p *ThreadPool) error{
		"ThreadApply": func(p *ThreadPool) error { return valueless(ThreadApply(p, ran)) },
		"ThreadSpawn": func(p *ThreadPool) error { return valueless(ThreadSpawn(p, ran)) },
	}
	for name, call := range calls {
		addRow(name, suiteRow{fresh: func(t *testing.T) interruptible {
			p := NewThreadPool(1)
			release, over := busy(p)
			return interruptible{
				call: func() error { return call(p) }, admit: release, later: true, done: over,
				close: func() {
					p.Kill()
					release()
					over(t)
				}, closed: ErrShutdown,
				check: func(t *testing.T) {
					running, queued := p.Count()
					require.Zero(t, running+queued)
				},
			}
		}})
	}
	return addInterruptible("ThreadPool.Join", func() interruptible {
		p := NewThreadPool(1)
		release, over := busy(p)
		return interruptible{call: p.Join, timed: p.JoinTimeout, admit: release, later: true, done: over}
	})
}()

var _ = addInterruptible("Recv", func() interruptible {
	ch := make(chan int, 9)
	back := func() { ch <- 42 }
	recv := func(v int, ok bool, err error) error {
		if err == nil && (v != 42 || !ok) {
			panic("not what was sent")
		}
		return backed(err, back)
	}
	return interruptible{
		call:  func() error { return recv(Recv(ch)) },
		timed: func(d time.Duration) error { return recv(RecvTimeout(ch, d)) },
		admit: back, later: true,
		check: func(t *testing.T) {
			require.Len(t, ch, 1)
			require.Empty(t, GetHub().channels)
		},
	}
})

var _ = addInterruptible("Send", func() interruptible {
	ch := make(chan int, 1)
	ch <- 1
	back := func() { <-ch }
	return interruptible{
		call:  func() error { return backed(Send(ch, 2), back) },
		timed: func(d time.Duration) error { return backed(SendTimeout(ch, 2, d), back) },
		admit: back, later: true, races: true, // a goroutine may have sent before it is told not to
		check: func(t *testing.T) {
			require.Empty(t, ch)
			require.Empty(t, GetHub().channels)
		},
	}
})

var _ = addInterruptible("AwaitContext", func() interruptible {
	ctx, cancel := context.WithCancel(context.Background())
	return interruptible{
		call:  func() error { return AwaitContext(ctx) },
		timed: func(d time.Duration) error { return AwaitContextTimeout(ctx, d) },
		admit: cancel, later: true,
	}
})

var _ = addInterruptible("AwaitWaitGroup", func() interruptible {
	wg := new(sync.WaitGroup)
	wg.Add(1)
	return interruptible{call: func() error { return AwaitWaitGroup(wg) }, admit: wg.Done, later: true}
})

// Operations of one file that take their turns.
var _ = func() bool {
	b := []byte("x")
	calls := map[string]func(f *File) error{
		"File.Read":     func(f *File) error { return valueless(f.Read(b)) },
		"File.Write":    func(f *File) error { return valueless(f.Write(b)) },
		"File.Seek":     func(f *File) error { return valueless(f.Seek(0, 0)) },
		"File.Truncate": func(f *File) error { return f.Truncate(100) },
		"File.Sync":     func(f *File) error { return f.Sync() },
		"File.ReadDir":  func(f *File) error { return valueless(f.ReadDir(-1)) },
	}
	for name, call := range calls {
		addRow(name, suiteRow{fresh: func(t *testing.T) interruptible {
			var f *File
			if name == "File.ReadDir" {
				var err error
				f, err = Open(t.TempDir())
				require.NoError(t, err)
			} else {
				f = tempFile(t)
				require.NoError(t, f.Truncate(100))
			}
			holder, release := slowly(t, f)
			return interruptible{
				call: func() error { return call(f) }, admit: func() { close(release) }, later: true,
				close: func() {
					closer := Spawn(f.Close)
					Yield()
					close(release)
					require.NoError(t, JoinAll(holder, closer))
				}, closed: os.ErrClosed,
				done: func(t *testing.T) {
					require.NoError(t, holder.Join())
					require.Zero(t, f.waiters.Len())
					require.NoError(t, f.Close())
				},
			}
		}})
	}
	return true
}()

// Operations on files that wait for a place in the hub's pool.
var _ = func() bool {
	b := []byte("x")
	shut := func(f *File, err error) error { return backed(err, func() { f.closed, _ = true, f.file.Close() }) }
	calls := map[string]func(f *File, name string) error{
		"File.ReadAt":  func(f *File, _ string) error { return valueless(f.ReadAt(b, 0)) },
		"File.WriteAt": func(f *File, _ string) error { return valueless(f.WriteAt(b, 0)) },
		"File.Stat":    func(f *File, _ string) error { return valueless(f.Stat()) },
		"Open":         func(_ *File, name string) error { return shut(Open(name)) },
		"OpenFile":     func(_ *File, name string) error { return shut(OpenFile(name, os.O_RDWR, 0)) },
		"Create":       func(_ *File, name string) error { return shut(Create(name + "2")) },
		"ReadFile":     func(_ *File, name string) error { return valueless(ReadFile(name)) },
		"WriteFile":    func(_ *File, name string) error { return WriteFile(name+"3", b, 0o600) },
	}
	for name, call := range calls {
		addRow(name, suiteRow{fresh: func(t *testing.T) interruptible {
			path := filepath.Join(t.TempDir(), "file")
			f, err := Create(path)
			require.NoError(t, err)
			require.NoError(t, f.Truncate(100))
			pool := GetHub().ThreadPool()
			pool.Resize(1)
			release, over := busy(pool)
			return interruptible{
				call: func() error { return call(f, path) }, admit: release, later: true,
				done: func(t *testing.T) {
					over(t)
					require.NoError(t, f.Close())
				},
			}
		}})
	}
	return true
}()
