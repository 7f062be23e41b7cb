package multiprocessing

import (
	"log/slog"
	"maps"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"greenloop/gevent"
)

// A Master is a pre-fork server: it owns the listening sockets and keeps worker processes alive, each with a hub of its
// own, which accept from them and serve. ServerTarget.Listen makes it. It belongs to the hub that has made it, and all
// its methods are for that hub's thread.
//
// A worker that ends though nobody has told it to is replaced at once. If its successors die, too, within a second of
// being ready, the next ones are started later and later: after 50 ms, and so on up to 10 seconds. If one ends before any
// has ever become ready, Serve gives up.
//
// Workers run the program file as it is when they are started: where it was replaced by a new version, a Reload brings
// that into service, and so does the death of a worker. The new version must understand the old one's configuration. If
// the file is gone no worker can be started; those that are there go on.
//
// What a client has that is connected to a worker which dies is lost, and no more: connections that nobody has accepted
// wait in the master's sockets, and a Reload loses none, with ReusePort neither, where each place of a worker keeps its
// socket. There connections wait until the dead or busy worker of their place has a successor, or time; a worker less
// (Resize) resets those that waited in its socket, and Stop all that were not accepted.
//
// In a Reload and a stop, a worker that serves HTTP with package gevent/http keeps connections without a request for a
// second, see Prefork.Grace, and answers the request that comes with "Connection: close". So busy clients lose nothing, and
// Reload takes up to that second longer for each worker. A client that has been silent for the whole second may send a
// request at the very moment at which its connection is closed: that one fails, or does again what it may do twice, as HTTP
// clients do with a GET.
//
// When the master ends, its workers do, whatever they are doing, SIGKILL included.
type Master struct {
	name       string
	options    Prefork
	process    func(workerOrder) *Process
	listeners  []net.Listener // of the first worker, or of all
	files      []os.FileInfo  // of those that are Unix sockets
	workplaces []*workplace
	staff      []*staffer   // workers that have not ended, the oldest first
	helpers    gevent.Group // all greenlets but the staffers' lives
	reloading  gevent.Lock
	signals    *gevent.Signals // nil if it obeys none
	hup        gevent.Event    // there was a SIGHUP
	served     bool
	everReady  bool         // some worker has been
	stopping   gevent.Event // no worker is started any more
	quitting   bool
	failure    error // why it has given up
}

// Serve keeps the workers alive until Stop or Quit, and returns nil then, once all have ended. If no worker can become
// ready it gives up, and its error says why; else the error is one thrown at the greenlet, which ends the workers at once.
// However it ends, no process, socket or socket file is left. It serves once: a second call returns ErrStopped. Parks.
// Hub thread only.
func (m *Master) Serve() error {
	if m.served {
		return ErrStopped
	}
	m.served = true
	defer m.end()
	if m.signals != nil {
		m.helpers.Spawn(m.obey)
		m.helpers.Spawn(m.reloadOnHup)
	}
	if !m.stopping.IsSet() {
		if err := m.Resize(m.options.Workers); err != nil {
			return err
		}
	}
	if err := m.stopping.Wait(); err != nil {
		return err
	}
	m.closeSockets()
	for _, st := range slices.Clone(m.staff) {
		st.dismiss()
	}
	if err := m.joinStaff(); err != nil {
		return err
	}
	return m.failure
}

// end is the end of Serve, however that comes.
func (m *Master) end() {
	m.Quit()
	m.closeSockets()
	_ = gevent.Shield(func() error { // a scope that is over must not keep us from waiting for them
		for m.joinStaff() != nil {
		}
		m.leaveSignals() // now there is nothing left that one could leave behind
		return m.helpers.Join()
	})
}

func (m *Master) joinStaff() error {
	for len(m.staff) > 0 {
		st := m.staff[0]
		if err := st.life.Join(); err != nil {
			return err
		}
		st.leave() // a life that was killed before it began has not done so
	}
	return nil
}

func (m *Master) closeSockets() {
	for i, l := range m.listeners {
		spareFile(l, m.files[i])
	}
	closeListeners(m.listeners)
	for _, s := range m.workplaces {
		closeListeners(s.own)
	}
}

// Stop ends the server in good order: the workers stop accepting, finish what they have, and are killed when
// Prefork.Grace is over. Serve returns then. Does not park. Hub thread only.
func (m *Master) Stop() { m.stopping.Set() }

// Quit ends the server at once: the workers are killed. It may follow a Stop. Does not park. Hub thread only.
func (m *Master) Quit() {
	m.quitting = true
	m.Stop()
	for _, st := range m.staff {
		st.discard()
	}
}

func (m *Master) stopOrQuit() {
	if m.stopping.IsSet() {
		m.Quit()
		return
	}
	m.Stop()
}

// fail ends a server that cannot work.
func (m *Master) fail(err error) {
	if !m.stopping.IsSet() {
		m.failure = err
		m.Stop()
	}
}

// Reload replaces the workers, one after the other: when a new one is ready, the old one finishes what it has, and when
// that has ended it is the next one's turn. If a new worker does not become ready Reload stops there, and its error says
// why; the old ones that are left go on. It ends early with ErrStopped, or with an error thrown at the greenlet. Parks.
// Hub thread only.
func (m *Master) Reload() error {
	if err := m.reloading.Acquire(); err != nil {
		return err
	}
	defer m.reloading.Release()
	if m.stopping.IsSet() {
		return ErrStopped
	}
	for _, s := range slices.Clone(m.workplaces) {
		if err := s.replace(); err != nil && (err != ErrStopped || m.stopping.IsSet()) { // else a Resize was faster
			return err
		}
	}
	return nil
}

// Resize sets how many workers there are. New ones are started, the last ones finish what they have; it waits for
// neither. The error is ErrStopped, or that of the system if there is no socket for a new one: then there are as many as
// could be had. Less than one worker panics. Does not park. Hub thread only.
func (m *Master) Resize(workers int) error {
	switch {
	case workers < 1:
		panic("mp: Resize to less than one worker; Stop ends the server")
	case m.stopping.IsSet():
		return ErrStopped
	}
	m.options.Workers = workers
	for m.served && len(m.workplaces) < workers {
		s := &workplace{master: m, number: len(m.workplaces)}
		var err error
		if s.listeners, s.own, err = m.listenersFor(s.number); err != nil {
			m.options.Workers = len(m.workplaces)
			return err
		}
		m.workplaces = append(m.workplaces, s)
		m.helpers.Spawn(s.keep)
	}
	for m.served && len(m.workplaces) > workers {
		s := m.workplaces[len(m.workplaces)-1]
		m.workplaces = m.workplaces[:len(m.workplaces)-1]
		s.closing.Set()
		closeListeners(s.own)
		if s.current != nil {
			s.current.dismiss()
		}
	}
	return nil
}

// resizeBy is what a signal does.
func (m *Master) resizeBy(n int) {
	if workers := m.options.Workers + n; workers >= 1 && !m.stopping.IsSet() {
		if err := m.Resize(workers); err != nil {
			m.report(WorkerEvent{Kind: WorkerFailed, Number: workers - 1, Err: err})
		}
	}
}

// collectSignals keeps signals for obey, if that is wanted.
func (m *Master) collectSignals() {
	if m.options.Signals {
		m.signals = gevent.Notify(slices.Collect(maps.Keys(masterSignals))...)
	}
}

func (m *Master) leaveSignals() {
	if m.signals != nil {
		m.signals.Stop()
	}
}

// obey has signals do what they stand for.
func (m *Master) obey() error {
	for sig, err := range m.signals.All() {
		if err != nil {
			return err
		}
		masterSignals[sig](m)
	}
	return nil
}

func (m *Master) reloadOnHup() error {
	for !m.stopping.IsSet() {
		if _, err := gevent.WaitCount(1, &m.hup, &m.stopping); err != nil {
			return err
		}
		m.hup.Clear()
		if err := m.Reload(); err != nil && err != ErrStopped {
			m.report(WorkerEvent{Kind: ReloadFailed, Err: err})
		}
	}
	return nil
}

// report tells of an event. A panic of OnEvent must not end the greenlet that sees to a worker.
func (m *Master) report(e WorkerEvent) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("mp: panic in Prefork.OnEvent", slog.String("server", m.name), slog.String("event", string(e.Kind)),
				slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
		}
	}()
	m.options.OnEvent(e)
}

// Addrs returns the addresses that are listened on, in the order of Prefork.Bind, with the ports that were chosen if 0
// was asked for. Hub thread only.
func (m *Master) Addrs() (all []net.Addr) {
	for _, l := range m.listeners {
		all = append(all, l.Addr())
	}
	return all
}

// A WorkerStats is what there is to say of one worker process.
type WorkerStats struct {
	Number   int       // of its place, from 0 on
	PID      int       // of its process
	Since    time.Time // when it was started
	Ready    bool      // it serves, or has served
	Stopping bool      // it finishes what it has
}

// Stats returns the worker processes that there are, the oldest first. Hub thread only.
func (m *Master) Stats() (all []WorkerStats) {
	for _, st := range m.staff {
		if !st.since.IsZero() {
			all = append(all, WorkerStats{st.workplace.number, st.process.PID(), st.since, st.ready.IsSet(), st.told})
		}
	}
	return all
}
