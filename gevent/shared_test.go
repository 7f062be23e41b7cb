package gevent

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// ends are the ways in which a wait can be ended by something else than what it waits for. Each ends that of g, and says
// which error the wait returns; nil if it does not return.
var ends = map[string]func(t *testing.T, g *Greenlet) error{
	"kill": func(t *testing.T, g *Greenlet) error {
		require.NoError(t, g.Kill())
		return nil
	},
	"thrown error": func(t *testing.T, g *Greenlet) error {
		throw(g, errMade)
		_ = g.Join()
		return errMade
	},
	"cancel": func(t *testing.T, g *Greenlet) error {
		g.hub.sched.Cancel(&g.task, errMade)
		_ = g.Join()
		return errMade
	},
	"timeout": func(t *testing.T, g *Greenlet) error {
		g.hub.sched.SetTimeout(&g.task, 1)
		_ = g.Join()
		return ErrTimeout
	},
}

// inGoroutine runs fn on a goroutine while the current greenlet waits.
func inGoroutine(t *testing.T, fn func()) {
	_, err := await(func() (struct{}, error) { fn(); return struct{}{}, nil })
	require.NoError(t, err)
}

// A sharedWait is one kind of waiting in a Shared primitive.
type sharedWait struct {
	wait    func() error                // waits for what is not there
	context func(context.Context) error // likewise
	timeout func(d time.Duration) error // likewise
	bring   func()                      // what ends one wait
}

func sharedWaits() map[string]sharedWait {
	event := new(SharedEvent)
	result := new(SharedResult[int])
	empty := NewSharedQueue[int](0)
	sem := new(SharedSemaphore)
	full := NewSharedQueue[int](1)
	_ = full.Put(0)
	only := func(_ int, err error) error { return err }
	return map[string]sharedWait{
		"event":     {event.Wait, event.WaitContext, event.WaitTimeout, event.Set},
		"semaphore": {sem.Acquire, sem.AcquireContext, sem.AcquireTimeout, sem.Release},
		"result": {func() error { return only(result.Get()) },
			func(ctx context.Context) error { return only(result.GetContext(ctx)) },
			func(d time.Duration) error { return only(result.GetTimeout(d)) },
			func() { result.Set(1) }},
		"get": {func() error { return only(empty.Get()) },
			func(ctx context.Context) error { return only(empty.GetContext(ctx)) },
			func(d time.Duration) error { return only(empty.GetTimeout(d)) },
			func() { empty.TryPut(1) }},
		"put": {func() error { return full.Put(1) },
			func(ctx context.Context) error { return full.PutContext(ctx, 1) },
			func(d time.Duration) error { return full.PutTimeout(1, d) },
			func() { full.TryGet() }},
	}
}

// Each wait of a shared primitive ends by what it waits for, from whichever thread that comes, and by all that ends waits.
func TestSharedWaitEnds(t *testing.T) {
	for kind := range sharedWaits() {
		for name, end := range ends {
			t.Run(kind+"/"+name, func(t *testing.T) {
				run(t, func() error {
					w := sharedWaits()[kind]
					var got error
					g := Spawn(func() error { got = w.wait(); return nil })
					parked(t, g)
					require.Equal(t, end(t, g), got)
					// Whoever is gone takes nothing and is in nobody's way.
					g = Spawn(w.wait)
					parked(t, g)
					inGoroutine(t, w.bring)
					return g.Get()
				})
			})
		}
	}
}

func TestSharedWaitIsEndedFromAnywhere(t *testing.T) {
	bringers := map[string]func(t *testing.T, bring func()){
		"same hub":  func(_ *testing.T, bring func()) { bring() },
		"goroutine": inGoroutine,
		"another hub": func(t *testing.T, bring func()) {
			inGoroutine(t, func() { _ = Run(func() error { bring(); return nil }) })
		},
	}
	for kind := range sharedWaits() {
		for from, bringer := range bringers {
			t.Run(kind+"/"+from, func(t *testing.T) {
				run(t, func() error {
					w := sharedWaits()[kind]
					g := Spawn(w.wait)
					parked(t, g)
					bringer(t, w.bring)
					return g.Get()
				})
			})
		}
	}
}

func TestSharedWaitOfGoroutine(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			defer noGoroutines(t)
			w := sharedWaits()[kind]
			require.ErrorIs(t, w.timeout(0), ErrTimeout)
			require.ErrorIs(t, w.timeout(time.Millisecond), ErrTimeout)
			ctx, cancel := context.WithCancelCause(context.Background())
			ended := make(chan error)
			go func() { ended <- w.context(ctx) }()
			cancel(errMade)
			require.Same(t, errMade, <-ended)
			require.Same(t, errMade, w.context(ctx))
			go func() { ended <- w.wait() }()
			require.NoError(t, Run(func() error { w.bring(); return nil }))
			require.NoError(t, <-ended)
		})
	}
}

func TestSharedWaitOfGreenletWithContext(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			run(t, func() error {
				w := sharedWaits()[kind]
				require.ErrorIs(t, w.timeout(0), ErrTimeout)
				require.ErrorIs(t, w.timeout(1), ErrTimeout)
				ctx, cancel := context.WithCancelCause(context.Background())
				g := Spawn(func() error { return w.context(ctx) })
				parked(t, g)
				cancel(errMade)
				require.Same(t, errMade, g.Get())
				require.Same(t, errMade, w.context(ctx))
				w.bring()
				require.NoError(t, w.context(ctx), "what is there counts before the end of the context")
				return nil
			})
		})
	}
}

// A greenlet that waits may still be woken from outside, which is no deadlock; when it does not wait any more, one is one.
func TestSharedWaitHoldsTheHub(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			defer noGoroutines(t)
			w := sharedWaits()[kind]
			waiting := make(chan *Hub, 1)
			go func() {
				h := <-waiting
				h.Post(func() { go w.bring() })
			}()
			var deadlock *DeadlockError
			err := Run(func() error {
				waiting <- GetHub()
				require.NoError(t, w.wait())
				return GetHub().sched.Park(why)
			})
			require.ErrorAs(t, err, &deadlock)
		})
	}
}

// The hub ends while greenlets of it and others wait: its own are killed, which leaves nothing behind, the others stay.
func TestSharedWaitersOfHubThatEnds(t *testing.T) {
	defer noGoroutines(t)
	q := NewSharedQueue[int](0)
	got := make(chan int)
	require.NoError(t, Run(func() error {
		for range 3 {
			parked(t, Spawn(func() error { _, err := q.Get(); return err }))
		}
		go func() { v, _ := q.Get(); got <- v }()
		parked(t, Spawn(func() error { _, err := q.Get(); return err }))
		return nil
	}))
	require.NoError(t, q.Put(42))
	require.Equal(t, 42, <-got)
	require.Zero(t, q.Len())
	require.Nil(t, q.getters.first)
}

// A greenlet is killed after it was woken, before the wake-up has come to its hub: what woke it goes to the next.
func TestSharedWakeUpOfTheDeadGoesOn(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				q := NewSharedQueue[int](0)
				var l log
				var gs []*Greenlet
				for i := range 3 {
					gs = append(gs, Spawn(func() error {
						v, err := q.Get()
						if err == nil {
							l.add(fmt.Sprint(i, ":", v))
						}
						return nil
					}))
				}
				parked(t, gs...)
				require.NoError(t, q.Put(1)) // wakes the first two, by a post that this thread has not run yet
				require.NoError(t, q.Put(2))
				require.Equal(t, sched.Parked, gs[0].task.State())
				end(t, gs[0])
				require.NoError(t, JoinAll(gs...))
				require.ElementsMatch(t, log{"1:1", "2:2"}, l)
				require.Zero(t, q.Len())
				return nil
			})
		})
	}
}

// What came before the deadline was seen counts, though the wake-up has not come to the hub.
func TestSharedWaitInTimeCounts(t *testing.T) {
	clock := new(schedtest.Clock)
	require.NoError(t, runConfig(t, Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
		e, q := new(SharedEvent), new(SharedQueue[int])
		waiter := Spawn(func() error { return e.WaitTimeout(time.Hour) })
		getter := Spawn(func() error { _, err := q.GetTimeout(time.Hour); return err })
		late := Spawn(func() error { return new(SharedEvent).WaitTimeout(time.Hour) })
		parked(t, waiter, getter, late)
		e.Set()
		e.Clear()
		require.NoError(t, q.Put(1))
		clock.Set(time.Hour)
		require.ErrorIs(t, late.Get(), ErrTimeout)
		require.NoError(t, waiter.Get())
		return getter.Get()
	}))
}

// A Ready meant for something else does not end a wait, and costs nobody his place.
func TestSharedWaitSurvivesSpuriousReady(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			run(t, func() error {
				w := sharedWaits()[kind]
				g := Spawn(w.wait)
				parked(t, g)
				GetHub().sched.Ready(&g.task)
				parked(t, g)
				w.bring()
				return g.Get()
			})
		})
	}
}

// waitFor is the least that one needs of Wait to see that a primitive is a Waitable.
func waitFor(t *testing.T, w Waitable) error {
	h := GetHub()
	told := false
	ticket := h.sched.Ticket()
	o := &observer{notify: func() { told = true; ticket.Ready() }}
	w.observe(o)
	defer w.ignore(o)
	for !told {
		ticket = h.sched.Ticket()
		if err := h.sched.Park(why); err != nil {
			return err
		}
	}
	return nil
}

func TestSharedWaitable(t *testing.T) {
	event, result := new(SharedEvent), new(SharedResult[int])
	for name, w := range map[string]struct {
		Waitable
		bring func()
	}{"event": {event, event.Set}, "result": {result, func() { result.Set(1) }}} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				g := Spawn(func() error { return waitFor(t, w) })
				parked(t, g)
				require.NoError(t, g.Kill())
				g = Spawn(func() error { return waitFor(t, w) })
				parked(t, g)
				require.False(t, w.Ready())
				inGoroutine(t, w.bring)
				require.NoError(t, g.Get())
				require.True(t, w.Ready())
				require.NoError(t, waitFor(t, w))
				require.Zero(t, GetHub().arrivals.expected)
				return nil
			})
		})
	}
}

// Many wake-ups from outside need few posts.
func TestArrivalsAreCoalesced(t *testing.T) {
	run(t, func() error {
		e := new(SharedEvent)
		for range 100 {
			Spawn(e.Wait)
		}
		Yield()
		before := GetHub().Stats().Posts
		e.Set()
		for GetHub().Stats().Live > 1 {
			Yield()
		}
		require.EqualValues(t, 1, GetHub().Stats().Posts-before)
		return nil
	})
}

// Hubs and goroutines exchange items through bounded queues, while greenlets are killed and time out: nothing is lost,
// nothing doubled.
func TestSharedQueueManyThreadsLoseNothing(t *testing.T) {
	defer noGoroutines(t)
	items := 50_000
	if testing.Short() {
		items = 10_000
	}
	q := NewSharedQueue[int](16)
	seen := make([]atomic.Int32, items)
	var next atomic.Int64
	var producers, consumers sync.WaitGroup
	produce := func(put func(int) error) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= items {
				return nil
			}
			for put(i) != nil {
			}
		}
	}
	consume := func(get func() (int, error)) error {
		for {
			i, err := get()
			switch {
			case errors.Is(err, ErrShutdown):
				return nil
			case err == nil:
				seen[i].Add(1)
			}
		}
	}
	hub := func(wg *sync.WaitGroup, body func() error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = Run(func() error {
				var gs []*Greenlet
				for range 4 {
					gs = append(gs, Spawn(body))
				}
				killed := Spawn(func() error { // dies in a Get again and again
					for {
						g := Spawn(func() error {
							i, err := q.Get()
							if err == nil {
								seen[i].Add(1)
							}
							return err
						})
						_ = Sleep(50 * time.Microsecond)
						_ = g.Kill()
					}
				})
				err := JoinAll(gs...)
				return errors.Join(err, killed.Kill())
			})
		}()
	}
	hub(&producers, func() error { return produce(func(i int) error { return q.PutTimeout(i, time.Microsecond) }) })
	hub(&producers, func() error { return produce(q.Put) })
	hub(&consumers, func() error { return consume(q.Get) })
	hub(&consumers, func() error { return consume(func() (int, error) { return q.GetTimeout(time.Microsecond) }) })
	for range 2 {
		producers.Go(func() { _ = produce(q.Put) })
		consumers.Go(func() { _ = consume(func() (int, error) { return q.GetTimeout(time.Microsecond) }) })
	}
	producers.Wait()
	q.Shutdown()
	consumers.Wait()
	for i := range seen {
		require.EqualValues(t, 1, seen[i].Load(), "item %d", i)
	}
}

// Two hubs exchange a million items.
func TestSharedQueueBetweenHubs(t *testing.T) {
	defer noGoroutines(t)
	items := 1_000_000
	if testing.Short() {
		items = 100_000
	}
	there, back := NewSharedQueue[int](128), NewSharedQueue[int](128)
	ended := make(chan error)
	go func() {
		ended <- Run(func() error {
			for v, err := range there.All() {
				if err != nil {
					return err
				}
				if err := back.Put(v + 1); err != nil {
					return err
				}
			}
			back.Shutdown()
			return nil
		})
	}()
	require.NoError(t, Run(func() error {
		sender := Spawn(func() error {
			for i := range items {
				if err := there.Put(i); err != nil {
					return err
				}
			}
			there.Shutdown()
			return nil
		})
		want := 1
		for v, err := range back.All() {
			require.NoError(t, err)
			if v != want {
				require.Equal(t, want, v)
			}
			want++
		}
		require.Equal(t, items+1, want)
		return sender.Get()
	}))
	require.NoError(t, <-ended)
}

func TestSharedQueueOrder(t *testing.T) {
	run(t, func() error {
		q := NewSharedQueue[int](2)
		var l log
		var putters []*Greenlet
		for i := range 5 {
			putters = append(putters, Spawn(func() error { defer l.add(fmt.Sprint("+", i)); return q.Put(i) }))
		}
		parked(t, putters[2:]...)
		require.False(t, q.TryPut(9))
		for i := range 5 {
			v, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, i, v)
			_ = Sleep(1)
		}
		require.Equal(t, "+0 +1 +2 +3 +4", l.String())
		l = nil
		for i := range 3 {
			putters[i] = Spawn(func() error { v, err := q.Get(); l.add(fmt.Sprint(i, "<-", v)); return err })
		}
		parked(t, putters[:3]...)
		inGoroutine(t, func() {
			for i := range 3 {
				_ = q.Put(i)
			}
		})
		require.NoError(t, JoinAll(putters[:3]...))
		require.Equal(t, "0<-0 1<-1 2<-2", l.String())
		_, ok := q.TryGet()
		require.False(t, ok)
		return nil
	})
}

func TestSharedQueueShutdown(t *testing.T) {
	t.Run("drain", func(t *testing.T) {
		run(t, func() error {
			q := NewSharedQueue[int](1)
			require.NoError(t, q.Put(1))
			putter := Spawn(func() error { return q.Put(2) })
			parked(t, putter)
			inGoroutine(t, q.Shutdown)
			require.ErrorIs(t, putter.Get(), ErrShutdown)
			require.ErrorIs(t, q.Put(3), ErrShutdown)
			require.False(t, q.TryPut(3))
			var got []int
			for v, err := range q.All() {
				require.NoError(t, err)
				got = append(got, v)
			}
			require.Equal(t, []int{1}, got)
			_, err := q.Get()
			require.ErrorIs(t, err, ErrShutdown)
			q.Shutdown()
			return nil
		})
	})
	t.Run("waiting getters", func(t *testing.T) {
		run(t, func() error {
			q := new(SharedQueue[int])
			getter := Spawn(func() error { _, err := q.Get(); return err })
			parked(t, getter)
			inGoroutine(t, q.Shutdown)
			require.ErrorIs(t, getter.Get(), ErrShutdown)
			return nil
		})
	})
	t.Run("now", func(t *testing.T) {
		q := new(SharedQueue[int])
		for i := range 3 {
			require.NoError(t, q.Put(i))
		}
		q.TryGet()
		require.Equal(t, []int{1, 2}, q.ShutdownNow())
		require.Empty(t, q.ShutdownNow())
		_, err := q.Get()
		require.ErrorIs(t, err, ErrShutdown)
	})
}

// A kill that comes when a greenlet has had its share of what is there at once finds it with nothing in hand.
func TestSharedQueueKilledBetween(t *testing.T) {
	virtual(t, func() error {
		q, got := new(SharedQueue[int]), 0
		for i := range 1000 {
			q.TryPut(i)
		}
		g := Spawn(func() error {
			for {
				if _, err := q.Get(); err != nil {
					return err
				}
				got++
			}
		})
		Yield()
		require.Positive(t, got)
		require.NoError(t, g.Kill())
		require.Equal(t, 1000, got+q.Len())
		return nil
	})
}

// The error that ends the iteration is its last pair.
func TestSharedQueueAllTellsTheError(t *testing.T) {
	run(t, func() error {
		q := new(SharedQueue[int])
		g := Spawn(func() error {
			for _, err := range q.All() {
				if err != nil {
					return err
				}
			}
			return nil
		})
		parked(t, g)
		throw(g, errMade)
		require.Same(t, errMade, g.Get())
		return nil
	})
}

func TestSharedQueueKeepsNothingAlive(t *testing.T) {
	q := new(SharedQueue[*[1 << 20]byte])
	gone := make(chan struct{})
	for range 3 {
		item := new([1 << 20]byte)
		runtime.AddCleanup(item, func(int) { gone <- struct{}{} }, 0)
		require.NoError(t, q.Put(item))
	}
	for range 2 {
		_, _ = q.Get()
	}
	runtime.GC()
	<-gone
	<-gone
	require.Equal(t, 1, q.Len())
	q.TryGet()
	runtime.GC()
	<-gone
}

// All who wait when the event is set are woken, in order, though it is cleared before they run.
func TestSharedEventSetThenClear(t *testing.T) {
	for _, n := range []int{1, 100, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			run(t, func() error {
				e := new(SharedEvent)
				var order []int
				gs := make([]*Greenlet, n)
				for i := range gs {
					gs[i] = Spawn(func() error { err := e.Wait(); order = append(order, i); return err })
				}
				parked(t, gs...)
				inGoroutine(t, func() { e.Set(); e.Set(); e.Clear() })
				require.NoError(t, JoinAll(gs...))
				for i, got := range order {
					require.Equal(t, i, got)
				}
				require.False(t, e.IsSet())
				require.ErrorIs(t, e.WaitTimeout(0), ErrTimeout)
				e.Set()
				return e.WaitTimeout(0)
			})
		})
	}
}

func TestSharedResultOutcome(t *testing.T) {
	run(t, func() error {
		r := new(SharedResult[int])
		require.False(t, r.Ready())
		require.True(t, r.Set(1))
		require.False(t, r.Set(2), "the first stays")
		require.False(t, r.Fail(errMade))
		for range 2 {
			v, err := r.Get()
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
		require.True(t, r.Ready())
		f := new(SharedResult[int])
		require.True(t, f.Fail(errMade))
		_, err := f.GetTimeout(0)
		require.Same(t, errMade, err)
		require.Panics(t, func() { f.Fail(nil) })
		return nil
	})
}

func TestSharedMisuse(t *testing.T) {
	const text = "gevent: a SharedQueue of negative capacity; 0 means without bound"
	require.PanicsWithValue(t, text, func() { NewSharedQueue[int](-1) })
	run(t, func() error { // what does not wait works in the loop, too
		q := NewSharedQueue[int](1)
		g := Spawn(func() error { return GetHub().sched.Park(why) })
		parked(t, g)
		g.task.OnDone(func() { _ = q.Put(1); q.TryPut(2) })
		_ = g.Kill()
		require.Equal(t, 1, q.Len())
		return nil
	})
}

// Permits are taken on one thread and given back on another, timed or not; there are never more holders than permits.
func TestSharedSemaphoreAcrossThreads(t *testing.T) {
	defer noGoroutines(t)
	s := NewSharedSemaphore(3)
	var inside, most atomic.Int32
	work := func(acquire func() error) error {
		for range 300 {
			for acquire() != nil {
			}
			now := inside.Add(1)
			for {
				m := most.Load()
				if now <= m || most.CompareAndSwap(m, now) {
					break
				}
			}
			runtime.Gosched()
			inside.Add(-1)
			s.Release()
		}
		return nil
	}
	timed := func() error { return s.AcquireTimeout(time.Microsecond) }
	var all sync.WaitGroup
	for i := range 4 {
		acquire := s.Acquire
		if i%2 == 0 {
			acquire = timed
		}
		all.Go(func() { _ = work(acquire) })
		all.Go(func() {
			_ = Run(func() error {
				return JoinAll(Spawn(func() error { return work(acquire) }), Spawn(func() error { return work(acquire) }))
			})
		})
	}
	all.Wait()
	require.LessOrEqual(t, most.Load(), int32(3))
	require.Equal(t, 3, s.Permits())
	require.True(t, s.TryAcquire())
	require.NoError(t, Run(func() error { s.Release(); return nil }), "with a hub or without")
	require.Equal(t, 3, s.Permits())
	require.Panics(t, func() { NewSharedSemaphore(-1) })
}
