package multiprocessing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"greenloop/gevent"
)

// A worker is a process of a pool as its parent sees it. Two greenlets serve it: one sends it chunks, the other takes in
// what they have led to. A few chunks are in its hands at a time, so that it need not wait for the next one.
type worker struct {
	pool    *Pool
	process *Process
	conn    *Connection
	journal *journal
	hands   [inHands]*handful
	ready   bool      // it is initialized, and its end was not seen
	retired bool      // it gets no more
	worked  bool      // it has begun a call
	since   time.Time // when it was initialized
	number  uint32
	given   int          // calls
	more    gevent.Event // there may be something to send
	message []byte       // kept for the next one
	records []byte       // like that
	lookAt  time.Time    // when to look for outcomes that were not sent, zero for not at all
	pace    *pace        // of the last call whose outcome has come
	paced   int          // calls since the last learn
	busy    uint64       // of the journal, at the last learn
}

// briefly is how long a worker lives at the most that dies as soon as it is started.
const briefly = time.Second

// inHands is how many chunks a worker may have, the one that it works at included.
const inHands = 4

// hire starts a worker.
func (p *Pool) hire() (*worker, error) {
	w := &worker{pool: p}
	ours, theirs, err := NewConnections()
	if err != nil {
		return nil, err
	}
	w.conn = ours
	hired := false
	defer func() { // also if we are killed
		if !hired {
			_ = ours.Close()
			_ = theirs.Close() // ErrMoved, if the process was started
			w.journal.close()
		}
	}()
	file, j, err := newJournal()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	w.journal = j
	work := poolWork{Conn: theirs, Journal: File{file}, Nice: p.options.Nice, Background: p.options.Background, InitArg: p.init}
	if p.options.Initializer != nil {
		work.Init = p.options.Initializer.name
	}
	p.hired++
	w.process = poolWorker.Process(work)
	w.process.SetName(fmt.Sprintf("%s-%d", p.options.Name, p.hired))
	w.process.SetDaemon(true)
	if err := w.process.Start(); err != nil {
		return nil, err
	}
	p.workers = append(p.workers, w)
	hired = true
	return w, nil
}

// serve gives the worker work until it ends. The error is that of a worker that was started in vain.
func (w *worker) serve() (err error) {
	p := w.pool
	defer w.bury() // also if we are killed
	if p.terminated {
		w.terminate()
	}
	sender := gevent.SpawnNamed("work for a pool", w.feed)
	defer func() { _ = sender.Kill() }()
	var failed error
	buffer := make([]byte, maxKept)
	for {
		w.conn.sleeps = p.crowded()
		m, err := w.conn.take(buffer)
		if err != nil {
			break // it has ended, or will
		}
		if e := w.takeIn(m.bytes); e != nil {
			failed = e
		}
		w.conn.done(m)
	}
	w.ready = false // but it stays one of the pool's: whoever ends calls, or steals them, must find those in its hands
	_ = sender.Kill()
	if err := w.process.JoinTimeout(grace); err != nil {
		_ = w.process.Kill()
		if err := w.process.Join(); err != nil {
			return err
		}
	}
	w.settleRest()
	switch {
	case failed != nil:
		return failed
	case !w.retired && !w.worked && (w.since.IsZero() || time.Since(w.since) < briefly):
		return w.died()
	}
	return nil
}

func (w *worker) died() error {
	code, _ := w.process.ExitCode()
	return &WorkerDiedError{w.process.PID(), code}
}

func (w *worker) bury() {
	p := w.pool
	p.workers = slices.DeleteFunc(p.workers, func(o *worker) bool { return o == w })
	_ = w.conn.Close()
	w.journal.close()
}

// terminate ends the process, by force if that does not help.
func (w *worker) terminate() {
	_ = w.process.Terminate()
	gevent.SpawnNamed("end of a worker", func() error {
		if err := w.process.JoinTimeout(grace); errors.Is(err, gevent.ErrTimeout) {
			return w.process.Kill()
		}
		return nil
	})
}

// feed is the greenlet that sends chunks.
func (w *worker) feed() error {
	for {
		if w.ready && !w.retired && (w.pool.over() || w.room() <= 0) {
			w.retired = true
			return w.conn.SendBytes(nil)
		}
		if w.load() {
			if err := w.conn.SendBytes(w.message); err != nil {
				return err
			}
			if cap(w.message) > maxKept {
				w.message = nil
			}
			continue
		}
		w.more.Clear()
		patience := time.Duration(gevent.Never)
		switch {
		case w.idle() && w.pool.richest() != nil:
			patience = stealAfter
		case !w.lookAt.IsZero() && w.waiting():
			patience = time.Until(w.lookAt)
		}
		switch err := w.more.WaitTimeout(patience); {
		case err != gevent.ErrTimeout: // there may be something to send
		case w.idle():
			w.pool.steal(w)
		default:
			w.look()
		}
	}
}

// lookAfter is how long outcomes may wait for others, so that they come in one message.
const lookAfter = time.Millisecond

// room is how many calls the worker may still be given.
func (w *worker) room() int {
	if n := w.pool.options.TasksPerChild; n > 0 {
		return min(n-w.given, maxChunk)
	}
	return maxChunk
}

func (w *worker) held() (n int) {
	for _, h := range w.hands {
		if h != nil {
			n++
		}
	}
	return n
}

func (w *worker) idle() bool { return w.ready && !w.retired && w.held() == 0 }

// load makes a message of what the worker is to do next, if there is something.
func (w *worker) load() bool {
	w.message = w.message[:0]
	for len(w.message) < maxCopied {
		c, ok := w.pool.next(w)
		if !ok {
			break
		}
		w.add(c)
	}
	if len(w.message) == 0 {
		return false
	}
	if w.lookAt.IsZero() {
		w.lookAt = time.Now().Add(lookAfter)
	}
	w.pool.kick()
	return true
}

// add puts a chunk into the worker's hands, and an order into the message. A call whose argument cannot be encoded is
// over, and what comes after it goes back into the queue, as does what would make the message too long.
func (w *worker) add(c chunk) {
	w.number++
	h := &handful{slot: slices.Index(w.hands[:], nil), number: w.number & numberMask}
	start := len(w.message)
	b, n, err := c.job.encode(startOrder(w.message, h.number, h.slot, w.pool.crowded(), c.job.fn), c.first, c.n)
	if err != nil {
		w.pool.queue.putBack(chunk{c.job, c.first + n + 1, c.n - n - 1})
		c.job.conclude(c.first+n, nil, 1, err)
	} else {
		w.pool.queue.putBack(chunk{c.job, c.first + n, c.n - n})
	}
	c.n = n
	if c.n == 0 || c.job.finished {
		return
	}
	finishOrder(b[start:])
	w.message = b
	h.chunk = c
	w.given += c.n
	w.hands[h.slot] = h
	w.journal.offer(h.slot, h.number, c.n)
}

// takeIn takes in a message of the worker. The error is that of its initializer.
func (w *worker) takeIn(b []byte) error {
	switch {
	case len(b) == 1 && b[0] == saysReady:
		w.ready, w.since = true, time.Now()
		w.more.Set()
	case len(b) > 0 && b[0] == saysFailed:
		return decodeError(b[1:])
	default:
		w.record(b)
		w.learn()
		w.lookAt = time.Now().Add(lookAfter)
		w.more.Set()
	}
	return nil
}
