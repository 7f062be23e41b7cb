package multiprocessing

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A staffer is one worker process, as the master sees it.
type staffer struct {
	workplace *workplace
	process   *Process
	conn      *Conn[note, note]
	life      *gevent.Greenlet // ends when the process has ended and all is told
	trial     bool             // it is to replace one that is alive: if it fails nothing is lost
	since     time.Time        // when it was started
	ready     gevent.Event     // it has said so
	served    time.Time        // since then
	told      bool             // to end, or killed since nobody needs it: it is not missed
	leaving   bool             // it has asked to be replaced
	failure   error            // why it has not become ready
	sentAway  bool             // a signal has ended it that it would have handled a moment later
}

// live is the life of a worker process.
func (st *staffer) live() error {
	m := st.workplace.master
	defer st.leave()
	if st.told || st.workplace.over() { // nobody needs it any more
		return nil
	}
	if err := st.start(); err != nil {
		st.failure = err
		m.report(WorkerEvent{Kind: WorkerFailed, Number: st.workplace.number, Delay: st.lost(), Err: err})
		return nil
	}
	st.since = time.Now()
	st.report(WorkerStarted)
	if st.told || m.quitting {
		st.kill()
	}
	st.listen()
	if st.process.JoinTimeout(m.options.Timeout) == gevent.ErrTimeout { // it is not one of us any more, but does not end
		st.blocked()
	}
	if err := st.process.Join(); err != nil {
		return err
	}
	code, _ := st.process.ExitCode()
	e := WorkerEvent{Kind: WorkerExited, Number: st.workplace.number, PID: st.process.PID(), ExitCode: code}
	if st.failure == nil {
		st.failure = fmt.Errorf("process %d ended with exit code %d", e.PID, code)
	}
	if !st.told {
		st.sentAway = !st.ready.IsSet() && endsWorkers(-code)
		e.Kind, e.Delay = WorkerDied, st.lost()
	}
	m.report(e)
	return nil
}

func (st *staffer) start() error {
	s := st.workplace
	o := workerOrder{Number: s.number, Drain: min(usualDrain, max(s.master.options.Grace/2, 0))}
	if d := s.master.options.Timeout; d != gevent.Never {
		o.Beat = max(d/beatsPerTimeout, 1)
	}
	for _, l := range s.listeners {
		o.Listeners = append(o.Listeners, lentListener{l})
	}
	ours, theirs, err := Duplex[note, note]()
	if err != nil {
		return err
	}
	st.conn, o.Master = ours, theirs
	defer func() { _ = theirs.Close() }() // it fails if it was moved
	st.process = s.master.process(o)
	st.process.SetDaemon(true)
	st.process.SetName(fmt.Sprintf("%s-%d", s.master.name, s.number))
	return st.process.Start()
}

// beatsPerTimeout is how many signs of life a worker gives in the time after which it is taken to be blocked.
const beatsPerTimeout = 4

// listen takes the worker's notes until there are none any more.
func (st *staffer) listen() {
	limit := st.workplace.master.options.StartTimeout
	for {
		from := time.Now()
		n, err := st.conn.RecvTimeout(limit)
		switch {
		case err == gevent.ErrTimeout && time.Since(from) > limit+limit/beatsPerTimeout:
			// We have not run ourselves (a debugger, SIGSTOP), and perhaps the worker has not either.
		case err == gevent.ErrTimeout && !st.ready.IsSet(): // that very value: else it is a scope's
			st.failure = errNotReady
			st.report(WorkerLate)
			st.kill()
			return
		case err == gevent.ErrTimeout:
			st.blocked()
			return
		case err != nil:
			return
		case n == noteReady:
			limit = st.workplace.master.options.Timeout
			st.workplace.master.everReady = true
			st.served = time.Now()
			st.ready.Set()
			st.report(WorkerReady)
		case n == noteLeave && !st.ready.IsSet():
			st.discard()
		case n == noteLeave && !st.told && !st.leaving:
			st.leaving = true
			st.workplace.master.helpers.Spawn(func() error {
				err := st.workplace.replace()
				st.leaving = false // if it has failed it may ask again
				return err
			})
		}
	}
}

// blocked ends a worker whose hub stands still.
func (st *staffer) blocked() {
	st.report(WorkerBlocked)
	_ = st.process.signal(abort)
	if st.process.JoinTimeout(abortPatience) != nil {
		st.kill()
	}
}

// dismiss has the worker finish. One that was not ready has nothing to finish.
func (st *staffer) dismiss() {
	switch {
	case st.told || st.life.Ready():
	case !st.ready.IsSet():
		st.discard()
	default:
		st.told = true
		st.report(WorkerStopping)
		st.workplace.master.helpers.Spawn(st.usher)
	}
}

// usher sees to it that the worker has ended in time.
func (st *staffer) usher() error {
	_ = st.conn.Send(noteStop) // it may be gone
	err := st.life.JoinTimeout(st.workplace.master.options.Grace)
	if err == gevent.ErrTimeout {
		st.report(WorkerOverdue)
		st.kill()
	}
	return nil
}

// discard ends the worker at once.
func (st *staffer) discard() {
	st.told = true
	st.kill()
}

// kill kills the process, if it was started.
func (st *staffer) kill() {
	if st.process != nil {
		_ = st.process.Kill()
	}
}

// lost is told that this worker has ended though nobody wanted that, and returns how long its successor has to wait.
func (st *staffer) lost() time.Duration {
	m := st.workplace.master
	if st.trial && !st.ready.IsSet() || m.stopping.IsSet() {
		return 0
	}
	if !m.everReady && !st.sentAway {
		m.fail(fmt.Errorf("mp: server %s: worker %d has not become ready: %w", m.name, st.workplace.number, st.failure))
		return 0
	}
	return st.workplace.fails(st.ready.IsSet() && time.Since(st.served) >= youth)
}

// endsWorkers reports whether a signal of that number, 0 for none, is one that workers handle. If the whole group gets
// it, those that have just been started cannot do that yet.
func endsWorkers(sig int) bool {
	is := func(handled os.Signal) bool { return handled == syscall.Signal(sig) }
	return is(leaveSignal) || slices.ContainsFunc(ignoredByWorkers, is)
}

// leave is the end of live, also if the hub ends.
func (st *staffer) leave() {
	m := st.workplace.master
	st.kill()
	if st.conn != nil {
		_ = st.conn.Close()
	}
	m.staff = slices.DeleteFunc(m.staff, func(other *staffer) bool { return other == st })
}

func (st *staffer) report(kind WorkerEventKind) {
	st.workplace.master.report(WorkerEvent{Kind: kind, Number: st.workplace.number, PID: st.process.PID()})
}
