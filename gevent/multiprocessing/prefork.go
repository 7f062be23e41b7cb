package multiprocessing

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"greenloop/gevent"
)

// Prefork says how a Master keeps its workers. The zero value of each field but Bind is a good default.
type Prefork struct {
	// Bind are the addresses to listen on: "HOST:PORT" for TCP, as for gevent.Listen, and "unix:PATH" for a Unix domain
	// socket. A file at PATH that is a socket on which nobody listens any more is replaced.
	Bind []string
	// Workers is how many processes there are; 0 is one for each processor that Go uses (GOMAXPROCS).
	Workers int
	// ReusePort gives each worker a socket of its own for each TCP address (SO_REUSEPORT), among which Linux and FreeBSD
	// spread the connections evenly; other systems may give all to one. Without it all workers accept from one queue:
	// who is free takes the next connection, so that none waits behind a worker that is busy, but those that are quick
	// to wake up get more than others. See Master for what is lost in each case.
	ReusePort bool

	// Grace is how long a worker that is to stop may take to finish what it has begun; then it is killed. 0 is 30
	// seconds, a negative one no time at all. Of it a second, or half of it if that is less, is for connections that wait
	// for their next request, see Master; a new one that has sent nothing yet has 5 seconds in package gevent/http.
	Grace time.Duration
	// StartTimeout is how long a worker may take to become ready; then it is killed. 0 is 30 seconds, a negative one no
	// limit.
	StartTimeout time.Duration
	// Timeout is how long a worker's hub may stand still, since something blocks its thread; then the worker is ended and
	// replaced: by SIGABRT, at which Go prints what all its goroutines do, and by SIGKILL 2 seconds later. 0 is 30
	// seconds, a negative one no limit. A handler that waits for long does not count, as the hub goes on meanwhile.
	Timeout time.Duration

	// Signals has the master obey the signals that gunicorn's does: SIGTERM and SIGINT stop it, a second one at once;
	// SIGQUIT stops it at once; SIGHUP replaces all workers, one after the other; SIGTTIN and SIGTTOU are for one worker
	// more and one less. They are collected from Listen on; what comes before Serve is obeyed then. Without it the
	// program's own code calls Stop, Quit, Reload and Resize.
	Signals bool
	// OnEvent is told what becomes of the workers, on the hub's thread; nil writes it to slog's default logger. It must
	// not park. A panic of it is written to that logger, too, and changes nothing else.
	OnEvent func(WorkerEvent)
}

const (
	usualPatience = 30 * time.Second
	abortPatience = 2 * time.Second // between SIGABRT and SIGKILL
)

var usualDrain = time.Second // how long a worker that is to stop keeps idle connections; tests have it longer

// withDefaults returns the options with what the zero and negative values stand for.
func (o Prefork) withDefaults(name string) Prefork {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Grace == 0 {
		o.Grace = usualPatience
	}
	for _, d := range []*time.Duration{&o.StartTimeout, &o.Timeout} {
		switch {
		case *d == 0:
			*d = usualPatience
		case *d < 0:
			*d = gevent.Never
		}
	}
	if o.OnEvent == nil {
		o.OnEvent = func(e WorkerEvent) { e.log(slog.Default(), name) }
	}
	return o
}

// A ServerTarget is what the workers of a pre-fork server run. Make it with DefineServer, in a variable at package level,
// as a Target.
type ServerTarget[C any] struct {
	target *Target[workerOrder]
	codec  codec[C]
}

// DefineServer makes fn what each worker of a server runs: it sets up what one process needs, calls Worker.Serve, and
// returns when the worker is to end. The configuration travels as the arguments of a Target do, but handles cannot be in
// it. It panics after Main, and at a name that is taken.
//
//	var web = mp.DefineServer("web", func(w *mp.Worker[Config]) error {
//		return w.Serve(&ghttp.Server{Handler: routes(w.Config)})
//	})
func DefineServer[C any](name string, fn func(w *Worker[C]) error) *ServerTarget[C] {
	if fn == nil {
		panic("mp: DefineServer of a nil function")
	}
	code := codecOf[C]()
	return &ServerTarget[C]{
		codec: code,
		target: Define(name, func(o workerOrder) error {
			w := &Worker[C]{Number: o.Number, master: o.Master, drain: o.Drain}
			with := &transfer{}
			if err := code.decode(o.Config, &w.Config, with); err != nil {
				return decodeFailed[C](err)
			}
			for _, l := range o.Listeners {
				w.Listeners = append(w.Listeners, l.Listener)
			}
			defer w.begin(o.Beat)()
			return fn(w)
		}),
	}
}

// Listen listens on the addresses, and returns the master, which serves with its Serve: until that ends, or the hub, the
// sockets are open and Prefork.Signals collected. The error is that of the system, such as EADDRINUSE, that of the
// encoding of config, errors.ErrUnsupported where there are no processes, one that says that Prefork.Bind is empty, or one
// thrown at the greenlet. Less than no workers panic. Parks. Hub thread only.
func (t *ServerTarget[C]) Listen(options Prefork, config C) (*Master, error) {
	switch {
	case !supported:
		return nil, fmt.Errorf("mp: processes: %w", errors.ErrUnsupported)
	case len(options.Bind) == 0:
		return nil, errNoBind
	case options.Workers < 0:
		panic("mp: Prefork.Workers is negative; 0 is one for each processor")
	}
	with := &transfer{}
	encoded, err := t.codec.encode(nil, &config, with)
	switch {
	case err != nil:
		return nil, encodeFailed[C](err)
	case len(with.handles) > 0:
		return nil, encodeFailed[C](errConfigHandles)
	}
	m := &Master{name: t.target.name, options: options.withDefaults(t.target.name)}
	m.process = func(o workerOrder) *Process {
		o.Config = encoded
		return t.target.Process(o)
	}
	bound := false
	defer func() { // also if we are killed
		if !bound {
			m.closeSockets()
			m.leaveSignals()
		}
	}()
	m.collectSignals() // before the first client may come, and whoever waits for that to send one
	if err := m.bind(); err != nil {
		return nil, err
	}
	bound = true
	return m, nil
}

// Serve listens on the addresses and serves, see Listen and Master.Serve. Parks. Hub thread only.
func (t *ServerTarget[C]) Serve(options Prefork, config C) error {
	m, err := t.Listen(options, config)
	if err != nil {
		return fmt.Errorf("mp: server %s: %w", t.target.name, err)
	}
	return m.Serve()
}
