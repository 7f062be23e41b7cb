package multiprocessing

import (
	"context"
	"net"
	"os"
	"time"

	"greenloop/gevent"
)

// A Worker is a worker of a Master, as it sees itself. It is a daemonic process, so it may have no children, and it ends
// with its master, in whatever way that ends. SIGINT and SIGHUP, which a terminal sends to all processes of a group, are
// for the master alone; at SIGTERM it asks the master to have it replaced. Its methods are for the hub's thread.
type Worker[C any] struct {
	Config    C
	Listeners []net.Listener // one for each address of Prefork.Bind, in that order
	Number    int            // of its place, from 0 on; the one that replaces it has the same

	master *Conn[note, note]
	drain  time.Duration // for WorkerServer's Drain
	ready  bool
	stop   gevent.Event
}

// A note is all that master and worker tell each other.
type note uint8

const (
	noteStop  note = iota + 1 // to the worker: finish
	noteReady                 // from the worker
	noteBeat                  // from the worker: its hub goes on
	noteLeave                 // from the worker: somebody has told it to end
)

// A workerOrder is what a worker is started with.
type workerOrder struct {
	Config    []byte
	Listeners []lentListener
	Master    *Conn[note, note]
	Number    int
	Beat      time.Duration // tell so often that the hub goes on; 0: never
	Drain     time.Duration // keep idle connections for so long when the worker is to stop
}

// begin has the worker obey its master.
func (w *Worker[C]) begin(beat time.Duration) (end func()) {
	gevent.SpawnNamed("master's notes", func() error {
		for n, err := range w.master.All() {
			if err != nil {
				return err
			}
			if n == noteStop {
				w.stop.Set()
			}
		}
		return nil
	})
	if beat > 0 {
		gevent.SpawnNamed("heartbeat", func() error { return w.pulse(beat) })
	}
	ignored := gevent.Notify(ignoredByWorkers...)
	cancel := gevent.OnSignal(func(os.Signal) { _ = w.master.Send(noteLeave) }, leaveSignal) // else the master is gone
	return func() {
		cancel()
		ignored.Stop()
	}
}

// pulse tells the master that this hub goes on. Before the worker is ready that is of no interest.
func (w *Worker[C]) pulse(beat time.Duration) error {
	for {
		if err := gevent.Sleep(beat); err != nil {
			return err
		}
		if w.ready {
			if err := w.master.Send(noteBeat); err != nil {
				return err
			}
		}
	}
}

// Ready tells the master that this worker accepts connections, or is about to: the one that it replaces is stopped then.
// Serve calls it. It may be called twice. Parks. Hub thread only.
func (w *Worker[C]) Ready() error {
	if w.ready {
		return nil
	}
	w.ready = true
	return w.master.Send(noteReady)
}

// Wait waits until the worker is to stop: it should accept nothing more, finish what it has within Prefork.Grace, and
// return from its function. The error is one thrown at the greenlet. Parks. Hub thread only.
func (w *Worker[C]) Wait() error { return w.stop.Wait() }

// A WorkerServer is what a Worker serves with: a *Server of package gevent/http, a *gevent.StreamServer, or whatever
// else has Serve, which parks (that of net/http's Server would stop the hub), and one of
//
//	Drain(context.Context, time.Duration) error // is Shutdown that keeps idle connections for that long, see Master
//	Shutdown(context.Context) error             // ends Serve, and returns when all that was begun is finished
//	StopAccepting()                             // ends Serve when all that was begun is finished
//
// of which Serve takes the first that there is.
type WorkerServer interface{ Serve(l net.Listener) error }

// Serve serves on the worker's listeners until the worker is to stop, and returns nil when all that was begun is
// finished. One server serves on all of them, which a *gevent.StreamServer cannot if there are several; or else there is
// one for each. It calls Ready when all have begun. If one of them fails, Serve returns its error at once. Parks. Hub
// thread only.
func (w *Worker[C]) Serve(servers ...WorkerServer) error {
	if len(servers) != 1 && len(servers) != len(w.Listeners) {
		panic("mp: Worker.Serve needs one server for all listeners, or one for each")
	}
	var stops []func() error
	for _, s := range servers {
		stops = append(stops, stopOf(s, w.drain))
	}
	var serving []*gevent.Greenlet
	first := []gevent.Waitable{&w.stop}
	for i, l := range w.Listeners {
		s := servers[min(i, len(servers)-1)]
		g := gevent.SpawnNamed("server", func() error { return s.Serve(l) })
		serving, first = append(serving, g), append(first, g)
	}
	gevent.Yield() // so that a server which fails at once has done so
	if !isAnyReady(first[1:]) {
		if err := w.Ready(); err != nil {
			return err
		}
	}
	if _, err := gevent.WaitCount(1, first...); err != nil {
		return err
	}
	if !w.stop.IsSet() {
		return endOf(serving)
	}
	var stopping []*gevent.Greenlet
	for _, stop := range stops {
		stopping = append(stopping, gevent.SpawnNamed("shutdown", stop))
	}
	err := gevent.JoinAll(stopping...)
	for _, g := range serving {
		if e := g.Join(); e != nil { // what Serve returns says no more than that it was stopped
			return e
		}
	}
	return err
}

// stopOf returns what stops a server, which may keep idle connections for that long.
func stopOf(s WorkerServer, drain time.Duration) func() error {
	switch s := s.(type) {
	case interface {
		Drain(ctx context.Context, idle time.Duration) error
	}:
		return func() error { return s.Drain(context.Background(), drain) }
	case interface {
		Shutdown(ctx context.Context) error
	}:
		return func() error { return s.Shutdown(context.Background()) } // the master sees to the time
	case interface{ StopAccepting() }:
		return func() error { s.StopAccepting(); return nil }
	}
	panic("mp: Worker.Serve of a server that has none of Drain, Shutdown and StopAccepting")
}

func isAnyReady(objs []gevent.Waitable) bool {
	for _, obj := range objs {
		if obj.Ready() {
			return true
		}
	}
	return false
}

// endOf returns with what the first server has ended that has.
func endOf(serving []*gevent.Greenlet) error {
	for _, g := range serving {
		if g.Ready() {
			if err := g.Get(); err != nil {
				return err
			}
		}
	}
	return errServerEnded
}
