package oracle

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"greenloop/gevent"
)

// must is for calls that do not fail in these scenarios.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func get[T any](v T, err error) T {
	must(err)
	return v
}

// speaker spawns a greenlet that says what it is given.
func speaker(d *diary, line any) func() error {
	return func() error {
		d.say(line)
		return nil
	}
}

func sleeper() error { return gevent.Sleep(forever) }

func fail() error { return errOops }

var scenarios = slices.Concat(greenletScenarios, waitScenarios, eventScenarios, queueScenarios, lockScenarios, timeoutScenarios, poolScenarios)

var greenletScenarios = []scenario{
	{"spawn_order", func(d *diary) {
		for _, name := range []string{"a", "b"} {
			gevent.Spawn(func() error {
				d.say(name)
				gevent.Spawn(speaker(d, name+name))
				return nil
			})
		}
		d.say("main")
		gevent.Yield()
		gevent.Yield()
	}},
	{"sleep_zero_is_round_robin", func(d *diary) {
		worker := func(n int) func() error {
			return func() error {
				for _, step := range []string{"A", "B"} {
					d.say(fmt.Sprint(n, step))
					must(gevent.Sleep(0))
				}
				return nil
			}
		}
		must(gevent.JoinAll(gevent.Spawn(worker(1)), gevent.Spawn(worker(2))))
	}},
	{"sleep_order_by_deadline", func(d *diary) { must(gevent.JoinAll(sleepers(d)...)) }},
	{"spawn_later_order", func(d *diary) {
		must(gevent.JoinAll(gevent.SpawnLater(2*unit, speaker(d, "second")), gevent.SpawnLater(unit, speaker(d, "first")),
			gevent.SpawnLater(3*unit, speaker(d, "third"))))
	}},
	{"get_again_and_again", func(d *diary) {
		g := gevent.Go(func() (int, error) { return 7, nil })
		d.say(get(g.Get()))
		d.say(get(g.Get()))
	}},
	{"every_getter_gets_the_error", func(d *diary) {
		g := gevent.Spawn(fail)
		getter := func(n int) *gevent.Greenlet {
			return gevent.Spawn(func() error {
				d.say(n, g.Get())
				return nil
			})
		}
		must(gevent.JoinAll(getter(1), getter(2)))
	}},
	{"kill_before_start", func(d *diary) {
		g := gevent.Spawn(speaker(d, "never"))
		must(g.Kill())
		d.say(said("ready", g.Ready()))
	}},
	{"kill_runs_finally", func(d *diary) {
		g := gevent.Spawn(func() error {
			defer d.say("finally")
			return sleeper()
		})
		gevent.Yield()
		must(g.Kill())
		d.say("killed")
	}},
	{"kill_waits_for_a_sleeping_finally", func(d *diary) {
		g := gevent.Spawn(func() error {
			defer func() {
				must(gevent.Sleep(unit))
				d.say("cleaned")
			}()
			return sleeper()
		})
		gevent.Yield()
		must(g.Kill())
		d.say("killed")
	}},
	{"kill_without_block", func(d *diary) {
		g := gevent.Spawn(func() error {
			defer d.say("finally")
			return sleeper()
		})
		gevent.Yield()
		g.KillAsync()
		d.say(said("ready", g.Ready()))
		must(g.Join())
		d.say(said("ready", g.Ready()))
	}},
	{"kill_twice_and_the_dead", func(d *diary) {
		g := gevent.Spawn(sleeper)
		gevent.Yield()
		must(g.Kill())
		must(g.Kill())
		d.say(said("ready", g.Ready()))
	}},
	{"kill_with_an_error", func(d *diary) {
		g := gevent.Spawn(sleeper)
		gevent.Yield()
		must(g.KillWith(errors.New("mine")))
		d.say(g.Get())
	}},
	{"local_values", func(d *diary) {
		var x gevent.Local[string]
		x.Set("main")
		must(gevent.Spawn(func() error {
			_, has := x.Lookup()
			d.say(has)
			x.Set("worker")
			d.say(x.Get())
			return nil
		}).Get())
		d.say(x.Get())
	}},
}

// sleepers spawns three that say their name after three, one and two units of time.
func sleepers(d *diary) (gs []*gevent.Greenlet) {
	for i, name := range []string{"c", "a", "b"} {
		gs = append(gs, gevent.Spawn(func() error {
			must(gevent.Sleep(unit * []time.Duration{3, 1, 2}[i]))
			d.say(name)
			return nil
		}))
	}
	return gs
}

// nappers are sleepers that return their name.
func nappers() (gs []gevent.Waitable) {
	for i, name := range []string{"c", "a", "b"} {
		gs = append(gs, gevent.Go(func() (string, error) { return name, gevent.Sleep(unit * []time.Duration{3, 1, 2}[i]) }))
	}
	return gs
}

func name(w gevent.Waitable) string { return get(w.(*gevent.Result[string]).Get()) }

var waitScenarios = []scenario{
	{"join_does_not_raise", func(d *diary) {
		g := gevent.Spawn(fail)
		must(g.Join())
		d.say(g.Err())
	}},
	{"join_with_timeout", func(d *diary) {
		g := gevent.Spawn(func() error { return gevent.Sleep(3 * unit) })
		_ = g.JoinTimeout(unit)
		d.say(said("ready", g.Ready()))
		must(g.Join())
		d.say(said("ready", g.Ready()))
	}},
	{"joinall_order_and_count", func(d *diary) {
		for _, w := range get(gevent.Until{Count: 2}.Wait(nappers()...)) {
			d.say(name(w))
		}
	}},
	{"iwait_in_readiness_order", func(d *diary) {
		for w, err := range gevent.IWait(nappers()...) {
			must(err)
			d.say(name(w))
		}
	}},
	{"wait_for_a_mix", func(d *diary) {
		var e gevent.Event
		var r gevent.AsyncResult[int]
		g := gevent.Spawn(func() error { return gevent.Sleep(2 * unit) })
		gevent.SpawnLater(unit, func() error { r.Set(1); return nil })
		gevent.SpawnLater(3*unit, func() error { e.Set(); return nil })
		names := map[gevent.Waitable]string{&e: "event", &r: "result", g: "greenlet"}
		for w, err := range gevent.IWait(&e, &r, g) {
			must(err)
			d.say(names[w])
		}
	}},
	{"links_in_order", func(d *diary) {
		g := gevent.Spawn(func() error { return nil })
		for _, n := range []string{"a", "b", "c"} {
			g.Link(func(*gevent.Greenlet) { d.say(n) })
		}
		must(g.Join())
		d.say("joined")
		gevent.Yield()
		g.Link(func(*gevent.Greenlet) { d.say("late") })
		gevent.Yield()
		gevent.Yield()
	}},
	{"link_value_and_exception", func(d *diary) {
		for name, fn := range map[string]func() error{"good": func() error { return nil }} {
			linked(d, name, fn)
		}
		linked(d, "bad", fail)
	}},
}

func linked(d *diary, name string, fn func() error) {
	g := gevent.Spawn(fn)
	g.LinkValue(func(*gevent.Greenlet) { d.say(name + " value") })
	g.LinkError(func(*gevent.Greenlet) { d.say(name + " exception") })
	must(g.Join())
	gevent.Yield()
	gevent.Yield()
}

// truth is what Python's calls with a timeout return.
func truth(err error) bool {
	if err != nil && !errors.Is(err, gevent.ErrTimeout) {
		panic(err)
	}
	return err == nil
}

var eventScenarios = []scenario{
	{"event_wakes_all_in_order", func(d *diary) {
		var e gevent.Event
		var gs []*gevent.Greenlet
		for n := range 3 {
			gs = append(gs, gevent.Spawn(func() error {
				d.say(n+1, truth(e.Wait()))
				return nil
			}))
		}
		gevent.Yield()
		e.Set()
		e.Clear()
		must(gevent.JoinAll(gs...))
		d.say(e.IsSet())
	}},
	{"event_timeout", func(d *diary) {
		var e gevent.Event
		d.say(truth(e.WaitTimeout(unit)))
		e.Set()
		d.say(truth(e.WaitTimeout(unit)))
	}},
	{"async_result", func(d *diary) {
		var r gevent.AsyncResult[string]
		getter := func(n int) func() error {
			return func() error {
				d.say(n, get(r.Get()))
				return nil
			}
		}
		one, two := gevent.Spawn(getter(1)), gevent.Spawn(getter(2))
		gevent.Yield()
		r.Set("value")
		must(gevent.JoinAll(one, two))
		r.Set("replaced")
		must(getter(3)())
	}},
}

// outcome is what Python's calls without a wait come out with.
func outcome(v any, err error) any {
	switch {
	case errors.Is(err, gevent.ErrEmpty):
		return "empty"
	case errors.Is(err, gevent.ErrFull):
		return "full"
	}
	must(err)
	return v
}

var queueScenarios = []scenario{
	{"queue_fifo", func(d *diary) {
		q := gevent.NewQueue[int](0)
		g := gevent.Spawn(func() error {
			for range 3 {
				d.say(get(q.Get()))
			}
			return nil
		})
		gevent.Yield()
		for i := range 3 {
			must(q.Put(i))
		}
		d.say("put")
		must(g.Get())
	}},
	{"queue_bounded", func(d *diary) {
		q := gevent.NewQueue[int](2)
		g := gevent.Spawn(func() error {
			for i := range 4 {
				must(q.Put(i))
				d.say("put", i)
			}
			return nil
		})
		gevent.Yield()
		d.say(said("full", q.Full()))
		for range 4 {
			d.say("got", get(q.Get()))
			gevent.Yield()
		}
		must(g.Get())
	}},
	{"queue_getters_are_fifo", func(d *diary) {
		q := gevent.NewQueue[string](0)
		var gs []*gevent.Greenlet
		for n := range 3 {
			gs = append(gs, gevent.Spawn(func() error {
				d.say(n+1, get(q.Get()))
				return nil
			}))
		}
		gevent.Yield()
		for _, v := range []string{"a", "b", "c"} {
			must(q.Put(v))
		}
		must(gevent.JoinAll(gs...))
	}},
	{"queue_killed_getter_eats_nothing", func(d *diary) {
		q := gevent.NewQueue[string](0)
		g := gevent.Spawn(func() error { _, err := q.Get(); return err })
		gevent.Yield()
		must(g.Kill())
		must(q.Put("kept"))
		d.say(get(q.Get()))
	}},
	{"queue_killed_putter_inserts_nothing", func(d *diary) {
		q := gevent.NewQueue(1, "first")
		g := gevent.Spawn(func() error { return q.Put("never") })
		gevent.Yield()
		must(g.Kill())
		d.say(get(q.Get()))
		d.say(q.Empty())
	}},
	{"queue_nowait", func(d *diary) {
		q := gevent.NewQueue[int](1)
		v, err := q.TryGet()
		d.say(outcome(v, err))
		d.say(outcome(nil, q.TryPut(1)))
		d.say(outcome(nil, q.TryPut(2)))
		v, err = q.TryGet()
		d.say(outcome(v, err))
	}},
	{"queue_peek", func(d *diary) {
		q := gevent.NewQueue[int](0)
		g := gevent.Spawn(func() error {
			d.say("peeked", get(q.Peek()))
			return nil
		})
		gevent.Yield()
		must(q.Put(1))
		must(g.Get())
		d.say(q.Len())
	}},
	{"priority_queue", func(d *diary) {
		q := gevent.NewPriorityQueue(0, 3, 1, 2)
		for range 3 {
			d.say(get(q.Get()))
		}
	}},
	{"lifo_queue", func(d *diary) {
		q := gevent.NewLifoQueue(0, 1, 2, 3)
		for range 3 {
			d.say(get(q.Get()))
		}
	}},
	{"joinable_queue", func(d *diary) {
		q := gevent.NewQueue[int](0)
		gevent.Spawn(func() error {
			for {
				item := get(q.Get())
				must(gevent.Sleep(unit))
				d.say("did", item)
				q.TaskDone()
			}
		})
		must(q.Put(0))
		must(q.Put(1))
		must(q.Join())
		d.say("joined")
	}},
	{"channel_rendezvous", func(d *diary) {
		c := gevent.NewChannel[string]()
		g := gevent.Spawn(func() error {
			d.say("sending")
			must(c.Put("hello"))
			d.say("sent hello")
			must(c.Put("world"))
			d.say("sent world")
			return nil
		})
		gevent.Yield()
		d.say(get(c.Get()))
		d.say(get(c.Get()))
		must(g.Get())
	}},
}

var lockScenarios = []scenario{
	{"semaphore_limits", func(d *diary) {
		s := gevent.NewSemaphore(2)
		var gs []*gevent.Greenlet
		for n := range 3 {
			gs = append(gs, gevent.Spawn(func() error {
				return s.With(func() error {
					d.say(n+1, "in")
					must(gevent.Sleep(unit))
					d.say(n+1, "out")
					return nil
				})
			}))
		}
		must(gevent.JoinAll(gs...))
	}},
	{"semaphore_killed_waiter", func(d *diary) {
		s := gevent.NewSemaphore(0)
		g := gevent.Spawn(s.Acquire)
		gevent.Yield()
		must(g.Kill())
		s.Release()
		d.say(s.TryAcquire())
		d.say(s.TryAcquire())
	}},
	{"semaphore_timeout", func(d *diary) {
		s := gevent.NewSemaphore(0)
		d.say(truth(s.AcquireTimeout(unit)))
		s.Release()
		d.say(truth(s.AcquireTimeout(unit)))
	}},
	{"bounded_semaphore", func(d *diary) {
		defer func() {
			if recover() != nil {
				d.say("released too often")
			}
		}()
		gevent.NewBoundedSemaphore(1).Release()
	}},
	{"rlock_is_reentrant", func(d *diary) {
		var r gevent.RLock
		other := func() error {
			d.say(r.TryAcquire())
			return nil
		}
		must(r.With(func() error {
			must(r.With(speaker(d, "twice")))
			return gevent.Spawn(other).Get()
		}))
		must(gevent.Spawn(other).Get())
	}},
}

var timeoutScenarios = []scenario{
	{"timeout_ends_a_sleep", func(d *diary) {
		if errors.Is(gevent.WithTimeout(unit, sleeper), gevent.ErrTimeout) {
			d.say("timeout")
		}
		must(gevent.Sleep(2 * unit))
		d.say("nothing came later")
	}},
	{"timeout_nested_inner_first", func(d *diary) {
		outer, inner := gevent.NewTimeout(3*unit), gevent.NewTimeout(unit)
		must(outer.Do(func() error {
			whose(d, inner, inner.Do(sleeper))
			return nil
		}))
		d.say("end")
	}},
	{"timeout_nested_outer_first", func(d *diary) {
		outer, inner := gevent.NewTimeout(unit), gevent.NewTimeout(3*unit)
		whose(d, inner, outer.Do(func() error { return inner.Do(sleeper) }))
	}},
	{"with_timeout_value", func(d *diary) {
		late := func() (string, error) { return "", sleeper() }
		d.say(get(gevent.WithTimeoutOr(unit, "too late", late)))
		d.say(get(gevent.WithTimeoutOr(forever, "too late", func() (string, error) { return "in time", nil })))
	}},
}

func whose(d *diary, inner *gevent.Timeout, err error) {
	if inner.Is(err) {
		d.say("inner")
		return
	}
	d.say("outer")
}

var poolScenarios = []scenario{
	{"group_joins_all", func(d *diary) {
		var group gevent.Group
		for i, name := range []string{"b", "a"} {
			group.Spawn(func() error {
				must(gevent.Sleep(unit * []time.Duration{2, 1}[i]))
				d.say(name)
				return nil
			})
		}
		d.say(group.Len())
		must(group.Join())
		d.say(group.Len())
	}},
	{"group_kill", func(d *diary) {
		var group gevent.Group
		for range 2 {
			group.Spawn(func() error {
				defer d.say("one ends")
				return sleeper()
			})
		}
		gevent.Yield()
		must(group.Kill())
		d.say(group.Len())
	}},
	{"pool_limits", func(d *diary) {
		p := gevent.NewPool(2)
		for n := range 3 {
			get(p.Spawn(func() error {
				d.say(n+1, "in")
				must(gevent.Sleep(unit))
				d.say(n+1, "out")
				return nil
			}))
			d.say("spawned", n+1)
		}
		must(p.Join())
	}},
	{"pool_map", func(d *diary) {
		d.say(get(gevent.Map(gevent.NewPool(2), slices.Values([]int{1, 2, 3}), func(n int) (int, error) {
			return n * n, gevent.Sleep(unit * time.Duration(4-n))
		})))
	}},
	{"pool_imap_and_unordered", func(d *diary) {
		work := func(n int) (int, error) { return n, gevent.Sleep(unit * time.Duration(4-n)) }
		for v, err := range gevent.IMap(gevent.NewPool(3), slices.Values([]int{1, 2, 3}), work) {
			must(err)
			d.say(v)
		}
		for v, err := range gevent.IMapUnordered(gevent.NewPool(3), slices.Values([]int{1, 2, 3}), work) {
			must(err)
			d.say(v)
		}
	}},
	{"pool_apply_from_a_member", func(d *diary) {
		p := gevent.NewPool(1)
		d.say(get(gevent.Apply(p, func() (string, error) {
			return gevent.Apply(p, func() (string, error) { return "inline", nil })
		})))
	}},
	{"pool_killed_member_frees_its_slot", func(d *diary) {
		p := gevent.NewPool(1)
		g := get(p.Spawn(sleeper))
		d.say(p.FreeCount())
		must(g.Kill())
		gevent.Yield()
		d.say(p.FreeCount())
	}},
}
