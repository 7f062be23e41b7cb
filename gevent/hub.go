package gevent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"greenloop/greenlet"
	"greenloop/netpoll"
	"greenloop/runtime/coro"
	"greenloop/sched"
)

// A Hub is a scheduler and a poller on one thread. Run makes one; most programs never see it.
type Hub struct {
	thread  *coro.Thread
	sched   *sched.Scheduler
	poll    *netpoll.Poller // nil where there is none, see openPoller
	events  []netpoll.Event
	waiting int              // greenlets parked for an event
	fds     *fd              // all that are open, newest first
	lent    map[int]*FdWatch // descriptors of others that are watched
	signals *relay           // nil until the first Notify
	onError func(g *Greenlet, err error, stack []byte)
	closed  atomic.Bool // nothing of it can be used any more
	host    string      // number of the goroutine that called Run
	before  struct {    // the settings of package greenlet on this thread
		notify  func()
		onPanic func(*greenlet.PanicError)
	}
	watch  *watchdog // nil if it is off
	meters meters

	arrivals arrivals
	threads  ThreadPool  // of Offload
	awaits   crew        // of Await and of look-ups
	resolver Resolver    // of Dial and Listen
	deaths   deaths      // what Done has returned
	files    socketFiles // of listeners, to be removed with them; nil until the first
	pipes    kernelPipes
	channels map[any]any // Go channels at which greenlets wait, and what was received from them for nobody, see goChannel
}

// Config is what RunConfig takes; its zero value is what Run uses.
type Config struct {
	// OnError is told of each panic that ended a greenlet, once, on the hub's thread. It must not wait. g is nil if a
	// function of the loop panicked. The default logs with slog.
	OnError func(g *Greenlet, err error, stack []byte)
	// Hooks see each event of the scheduler.
	Hooks *sched.Hooks
	// Sites keeps where each greenlet was spawned, for reports, at some 100 ns a spawn. Without it they show where its
	// function is.
	Sites bool
	// Clock and Poller take the place of the system's: virtual time and scripted events, for tests and lessons (see
	// package schedtest). Under a Poller of one's own there are no sockets; each call of theirs returns ErrUnsupported.
	Clock  sched.Clock
	Poller sched.Poller
	// OffloadMax is how many functions given to Offload run at once, 64 if it is 0. See Hub.ThreadPool.
	OffloadMax int
	// Seed, if not 0, lets what is ready run in random order, the same for the same seed.
	Seed uint64
	// Watchdog is how long the hub may stand still, because a greenlet blocks its thread or computes, until that is reported;
	// 0 is 10 seconds, a negative one turns the watchdog off. It looks four times as often, so a report comes up to a
	// quarter later; reports of the same standstill come at growing intervals. A hub that waits is never reported.
	Watchdog time.Duration
	// OnBlocked is told what blocks the hub, and when it goes on again, on a goroutine of its own, while the hub stands still:
	// it must not touch greenlets, and what it posts runs later. Run returns after it has. To find out, each report stops
	// the process for some 10 µs a goroutine. The default logs with slog.
	OnBlocked func(*Blocked)
}

// What the files of sockets need of netpoll, so that this file alone knows the scheduler and the poller.
type (
	watcher = netpoll.Watcher
	mode    = netpoll.Mode
)

const (
	readable = netpoll.Readable
	writable = netpoll.Writable
	hangup   = netpoll.Hangup
)

var hubKey = coro.NewKey()

// current returns the hub of the calling thread, or panics.
func current(call string) *Hub {
	if h := lookup(); h != nil {
		return h
	}
	panic("gevent: " + call + " called outside a hub: call it inside gevent.Run, on no goroutine started with go (there, use Hub.Post)")
}

// first is one of the hubs that there are, most often the only one: nil, or one that has not ended.
var first atomic.Pointer[Hub]

// lookup returns the hub of the calling thread, nil if there is none. To ask the first hub whether it is that is one
// inlined look at the thread; to search the threads takes two calls more.
func lookup() *Hub {
	if h := first.Load(); h != nil && h.thread.Nearby() {
		return h
	}
	return search()
}

func search() *Hub {
	th := coro.Current()
	if th == nil {
		return nil
	}
	h, _ := th.Get(hubKey).(*Hub)
	if h != nil && first.Load() == nil {
		first.CompareAndSwap(nil, h)
	}
	return h
}

// GetHub returns the hub of the calling thread, nil if the caller is not inside Run. Its Post is how other goroutines
// reach greenlets. Safe from any goroutine.
func GetHub() *Hub { return lookup() }

// Run calls main in a greenlet of a new hub and returns what it returns, once all other greenlets that are left have been
// killed, which runs their deferred functions, and all connections have been closed. It locks the calling goroutine to
// its thread and blocks it meanwhile.
//
// If all greenlets wait and nothing can wake them, they are killed and the error is a *DeadlockError. A panic of main
// is raised again in the caller, with the same value; so goes a runtime.Goexit, hence t.FailNow works inside.
func Run(main func() error) error { return RunConfig(Config{}, main) }

// RunConfig is Run with a configuration.
func RunConfig(c Config, main func() error) error {
	if main == nil {
		panic("gevent: Run of a nil function")
	}
	if lookup() != nil {
		panic("gevent: Run inside Run on the same thread; spawn a greenlet, or call it on another goroutine")
	}
	if sched.Current() != nil {
		panic("gevent: Run on a thread that has a scheduler already; close that first, or call Run on another goroutine")
	}
	if th := coro.Current(); th != nil && th.Current() != th.Main() {
		panic("gevent: Run inside a coroutine, such as a raw greenlet or a task; call it on the goroutine itself, or on another one")
	}
	h := &Hub{onError: c.OnError}
	h.man(c.OffloadMax)
	h.thread = coro.Enter()
	if h.onError == nil {
		h.onError = logError
	}
	poller, err := c.Poller, error(nil)
	if poller == nil {
		poller, err = h.openPoller()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("gevent: no poller: %w", err), h.thread.Leave())
	}
	h.sched = sched.New(sched.Config{
		Clock: c.Clock, Poller: poller, Hooks: c.Hooks, Sites: c.Sites, Seed: c.Seed, OnPanic: h.panicked,
		Roster: c.Watchdog >= 0,
	})
	h.thread.Set(hubKey, h)
	h.before.notify = greenlet.Notify(func() { h.sched.Post(func() { greenlet.Collect() }) })
	h.before.onPanic = greenlet.OnPanic(func(p *greenlet.PanicError) { h.onError(nil, p, p.Stack) })
	h.host = self()
	h.watch = c.watch(h)
	return h.run(main)
}

// run is the part of RunConfig that a panic or a Goexit of main can end.
func (h *Hub) run(main func() error) (err error) {
	defer func() {
		if e := h.close(); err == nil {
			err = e
		}
	}()
	g := new(Greenlet)
	g.fn = main
	g.hub = h
	failure := h.sched.RunTask(&g.task, "main", g)
	if failure != nil && failure != ErrExit { // that very value: then it may have been killed with an error of one's own
		return failure
	}
	return g.Err()
}

// close ends the hub. No greenlet is left.
func (h *Hub) close() error {
	errs := []error{h.sched.Close(), h.endRaw()}
	h.watch.stop()
	h.signals.end()
	h.closeAll()
	if h.poll != nil {
		errs = append(errs, h.poll.Close())
	}
	h.thread.Set(hubKey, nil)
	first.CompareAndSwap(h, nil)
	h.closed.Store(true)
	errs = append(errs, h.thread.Leave())
	return errors.Join(errs...)
}

// endRaw ends the raw greenlets that no task has ended: abandoned ones which have saved themselves from Collect. It
// leaves package greenlet as it was before.
func (h *Hub) endRaw() error {
	greenlet.Notify(h.before.notify)
	greenlet.OnPanic(h.before.onPanic)
	defer func() {
		if v := recover(); v != nil {
			h.onError(nil, &PanicError{Value: v, Stack: debug.Stack()}, debug.Stack())
		}
	}()
	return greenlet.Run(func() error { return nil })
}

// openPoller returns the poller for the scheduler; nil, which means one without events, on systems that have none: there
// all but the sockets works.
func (h *Hub) openPoller() (sched.Poller, error) {
	p, err := netpoll.Open()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Small batches: what an event touches is still in the cache when its greenlet runs. At 1,000 connections 64 measured
	// 0.90 of the CPU time that goroutines take for a message, 256 0.92.
	h.poll, h.events = p, make([]netpoll.Event, 64)
	return (*hubPoller)(h), nil
}

// hubPoller is the hub as the scheduler sees it.
type hubPoller Hub

func (p *hubPoller) Poll(timeout time.Duration) error {
	h := (*Hub)(p)
	n, err := h.poll.Wait(h.events, timeout)
	for i := range h.events[:n] {
		if w := h.events[i].Watcher; w != nil {
			switch o := w.Owner.(type) {
			case *fd:
				o.event(h.events[i].Ready)
			case *attempt:
				o.event(h.events[i].Ready)
			}
		}
	}
	return err
}

func (p *hubPoller) Wake() {
	// It can fail only once the poller is closed, when nobody sleeps there.
	_ = p.poll.Wake()
}

func (p *hubPoller) Waiting() int { return p.waiting }

// here reports whether the caller runs on the hub's thread.
func (h *Hub) here() bool { return h.thread.Here() }

// Post hands fn to the hub, which runs it in a task of its own: it may wait, like a greenlet, though Current is nil in it.
// It reports false, and fn will not run, if the hub has ended. It is how other goroutines talk to greenlets. Safe from any
// goroutine.
func (h *Hub) Post(fn func()) bool {
	if fn == nil {
		panic("gevent: Post of a nil function")
	}
	return h.sched.Post(func() {
		defer greenlet.Leave() // as in Greenlet.Run
		fn()
	})
}

// Hold tells the hub that somebody outside may still post, so that a state in which all greenlets wait is not taken for a
// deadlock, until release is called. Safe from any goroutine, like release.
func (h *Hub) Hold() (release func()) { return h.sched.Hold() }

// AddHooks has the hooks called at each event of the hub's scheduler from now on, until remove is called: what feeds an
// eventlog.Log, for one. Hub thread only.
func (h *Hub) AddHooks(hooks *sched.Hooks) (remove func()) { return h.sched.AddHooks(hooks) }

// Stats returns the figures of the hub's scheduler. Hub thread only.
func (h *Hub) Stats() sched.Stats { return h.sched.Stats() }

// Dump describes all greenlets that are not done: what each waits for, since when, and where it was spawned. Hub thread
// only.
func (h *Hub) Dump() []sched.TaskInfo { return h.sched.Dump() }

func (h *Hub) panicked(t *sched.Task, p *sched.PanicError) {
	var g *Greenlet
	if t != nil {
		g, _ = t.Body().(*Greenlet)
	}
	h.onError(g, p, p.Stack)
}

func logError(g *Greenlet, err error, stack []byte) {
	slog.LogAttrs(context.Background(), slog.LevelError, "greenlet ended by a panic",
		slog.String("greenlet", g.String()), slog.Any("error", err), slog.String("stack", string(stack)))
}
