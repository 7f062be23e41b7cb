package multiprocessing

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"greenloop/gevent"
)

// A Pool is a number of worker processes that call functions: see Func, whose Apply, Map, IMap and so on take one.
// Calls are handed out in the order in which they were asked for, and a worker that has nothing to do takes over what
// another one has not begun. A worker that dies is replaced, and only the call that it was in the middle of is lost.
//
// The workers are daemonic: they end with this process, and start no processes of their own, so that a call cannot use
// a pool itself. They ignore SIGINT, which Ctrl-C sends to them, too, and so do programs that they start with os/exec:
// what it means is for this process to say. A pool that nobody closes ends with its hub. All its methods, and the
// calls, are for the thread of the hub on which it was made.
type Pool struct {
	hub        *gevent.Hub
	size       int
	options    PoolOptions
	init       []byte // argument of the initializer
	queue      chunks
	paces      map[string]*pace // by the names of functions
	workers    []*worker        // that are alive, the oldest first
	seats      []*gevent.Greenlet
	hired      int // workers started so far
	failures   int // of workers that were started in vain since the last that was not
	jobs       int // calls that were begun and are not over
	closed     bool
	terminated bool
	broken     error // why there are no workers any more
	ending     gevent.Event
}

// PoolOptions are for NewPool. The zero value is good for most.
type PoolOptions struct {
	// Name is what the workers' names begin with; "PoolWorker" if it is empty.
	Name string
	// Initializer is called in each worker before anything else: setup.Call(arg) for a Func setup. If it fails in ten
	// workers one after the other, and none works, the pool is broken, see ErrPoolBroken.
	Initializer *Call
	// TasksPerChild is after how many calls a worker is replaced by a fresh one; 0 is never.
	TasksPerChild int
	// Nice is added to the nice value of the workers, so that this process, and others, go first; see nice(2).
	Nice int
	// Background has the workers run only where nobody else wants to: the hub is as prompt as without them, but on a
	// computer that is busy with other things they get next to nothing. On Linux that is SCHED_IDLE, see sched(7),
	// elsewhere the highest nice value.
	Background bool
}

var (
	// ErrTerminated is the error of calls that were not over when their pool was terminated.
	ErrTerminated = errors.New("mp: the pool was terminated")

	// ErrPoolOpen is returned by Join of a pool that would never end.
	ErrPoolOpen = errors.New("mp: the pool is open: Close or Terminate it before Join")

	// ErrPoolBroken is the error of all calls once no worker can be started. Its text says why, and errors.As finds it.
	ErrPoolBroken = errors.New("mp: the pool is broken, its workers cannot be started")

	// ErrWorkerDied is what errors.Is finds in a *WorkerDiedError.
	ErrWorkerDied = errors.New("mp: a worker of the pool died")

	// ErrResult is the error of a call whose result cannot be encoded.
	ErrResult = errors.New("mp: the result of the call cannot be sent")
)

func init() {
	for _, err := range []error{ErrTerminated, ErrPoolOpen, ErrPoolBroken, ErrWorkerDied, ErrResult} {
		RegisterError(err)
	}
}

// A WorkerDiedError is the error of the call that a worker was in the middle of when it ended. It is ErrWorkerDied.
type WorkerDiedError struct {
	PID      int
	ExitCode int // -N if signal N ended it
}

func (e *WorkerDiedError) Error() string {
	return fmt.Sprintf("mp: the worker of the pool died, process %d with exit code %d", e.PID, e.ExitCode)
}

// Is reports whether target is ErrWorkerDied.
func (e *WorkerDiedError) Is(target error) bool { return target == ErrWorkerDied }

// NewPool returns a pool of size workers, as many as there are CPUs if size is 0. They are started at once, but not
// waited for. The error is ErrDaemon in a daemonic process, such as a worker, ErrNoMain, that of an initializer whose
// argument cannot be encoded, errors.ErrUnsupported where there are no processes, or that of a negative number. Hub
// thread only.
func NewPool(size int, o PoolOptions) (*Pool, error) {
	hub := gevent.GetHub()
	switch {
	case hub == nil:
		panic("mp: NewPool called outside a hub: call it inside gevent.Run")
	case size < 0 || o.TasksPerChild < 0:
		return nil, errors.New("mp: NewPool with a negative number")
	case !supported:
		return nil, fmt.Errorf("mp: processes: %w", errors.ErrUnsupported)
	case !mainCalled.Load():
		return nil, ErrNoMain
	case self.daemon:
		return nil, ErrDaemon
	case size == 0:
		size = runtime.NumCPU()
	}
	if o.Name == "" {
		o.Name = "PoolWorker"
	}
	p := &Pool{hub: hub, size: size, options: o, paces: map[string]*pace{}}
	if o.Initializer != nil {
		arg, err := o.Initializer.encode()
		if err != nil {
			return nil, err
		}
		p.init = arg
	}
	for range size {
		p.seats = append(p.seats, gevent.SpawnNamed("worker of a pool", p.fillSeat))
	}
	return p, nil
}

// Size returns the number of workers. Hub thread only.
func (p *Pool) Size() int { return p.size }

// Workers returns the processes that are ready for work or at work, the oldest first. Hub thread only.
func (p *Pool) Workers() []*Process {
	var all []*Process
	for _, w := range p.workers {
		if w.ready {
			all = append(all, w.process)
		}
	}
	return all
}

// Close lets the pool take no more calls: they return ErrClosed. The workers end when all that was asked for is done. A
// second Close does nothing. Does not park. Hub thread only.
func (p *Pool) Close() {
	p.mustBeHere("Close")
	p.closed = true
	p.wakeIfOver()
}

// Terminate ends the pool at once: all calls that are not over end with ErrTerminated, and the workers are terminated,
// by SIGTERM and two seconds later by SIGKILL. Does not park; Join waits for their end. A second one does nothing. Hub
// thread only.
func (p *Pool) Terminate() {
	p.mustBeHere("Terminate")
	if p.terminated {
		return
	}
	p.closed, p.terminated = true, true
	p.failAll(ErrTerminated)
	for _, w := range p.workers {
		w.terminate()
	}
	p.wakeIfOver()
}

// Join waits until the workers have ended. Its error is ErrPoolOpen before Close or Terminate, or one thrown at the
// greenlet. Parks. Hub thread only.
func (p *Pool) Join() error {
	p.mustBeHere("Join")
	if !p.closed {
		return ErrPoolOpen
	}
	for _, seat := range p.seats {
		if _, err := gevent.Wait(seat); err != nil {
			return err
		}
	}
	return nil
}

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (p *Pool) JoinTimeout(d time.Duration) error { return within(d, p.Join) }

func (p *Pool) mustBeHere(call string) {
	if gevent.GetHub() != p.hub {
		panic("mp: " + call + " of a Pool that belongs to another hub, or outside a hub")
	}
}

// refuses returns why nothing can be put into the queue any more, also of calls that were begun before Close.
func (p *Pool) refuses() error {
	if p.terminated {
		return ErrTerminated
	}
	return p.broken
}

// over reports whether workers are not needed any more.
func (p *Pool) over() bool { return p.refuses() != nil || p.closed && p.jobs == 0 }

func (p *Pool) wakeIfOver() {
	if !p.over() {
		return
	}
	p.ending.Set()
	for _, w := range p.workers {
		w.more.Set()
	}
}

// failAll ends all that is not over with an error.
func (p *Pool) failAll(err error) {
	for {
		c, ok := p.queue.take(1 << 20)
		if !ok {
			break
		}
		c.fail(err)
	}
	for _, w := range p.workers {
		w.failAll(err)
	}
}

// maxFailures is how many workers in a row may be started in vain.
const maxFailures = 10

// startFailed takes note that a worker was started in vain. When that was too often, and none works, the pool is broken.
func (p *Pool) startFailed(why error) {
	p.failures++
	if p.failures < maxFailures || slices.ContainsFunc(p.workers, func(w *worker) bool { return w.ready }) {
		return
	}
	if p.refuses() == nil {
		p.broken = fmt.Errorf("%w: %w", ErrPoolBroken, why)
		p.failAll(p.broken)
		p.wakeIfOver()
	}
}

// fillSeat sees to it that there is one worker of the pool's as long as there may be work.
func (p *Pool) fillSeat() error {
	for pause := time.Millisecond; !p.over(); {
		w, err := p.hire()
		if err == nil {
			err = w.serve()
		}
		if err == nil || p.over() {
			pause = time.Millisecond
			continue
		}
		p.startFailed(err)
		_ = p.ending.WaitTimeout(pause)
		pause = min(2*pause, time.Second)
	}
	return nil
}
