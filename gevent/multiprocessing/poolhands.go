package multiprocessing

import (
	"slices"
	"time"
)

// A handful is a chunk in the hands of a worker.
type handful struct {
	chunk
	slot   int
	number uint32
	next   int // the first call of it whose outcome has not come
}

// record takes in records. Those that have come already are passed over.
func (w *worker) record(b []byte) {
	for {
		r, rest, ok := parseRecord(b)
		if !ok {
			return
		}
		b = rest
		for _, h := range w.hands {
			if h != nil && h.number == r.number {
				w.worked, w.pool.failures = true, 0
				w.pace, w.paced = h.job.pace, w.paced+h.take(r)
				w.letGo(h)
			}
		}
	}
}

// learn takes note of how long the calls took whose outcomes have come.
func (w *worker) learn() {
	busy := w.journal.busy().Load()
	if w.paced > 0 {
		w.pace.learn(w.paced, time.Duration(busy-w.busy))
	}
	w.busy, w.paced = busy, 0
}

// take passes on what a record says of calls whose outcome has not come yet, and returns how many those are.
func (h *handful) take(r poolRecord) int {
	n := 1
	if r.kind == manyResults && h.job.size > 0 {
		n = len(r.body) / h.job.size
	}
	first := h.next
	known := first - r.index
	if known < 0 || known >= n {
		return 0
	}
	h.next = r.index + n
	switch r.kind {
	case manyResults:
		h.job.conclude(h.first+first, r.body[known*h.job.size:], n-known, nil)
	case oneResult:
		h.job.conclude(h.first+first, r.body, 1, nil)
	default:
		h.job.conclude(h.first+first, nil, 1, decodeError(r.body))
	}
	return n - known
}

// letGo empties a hand if all of its calls are over.
func (w *worker) letGo(h *handful) {
	if limit, _ := w.journal.look(h.slot); h.next >= limit {
		w.hands[h.slot] = nil
	}
}

// settleRest says of each call in the hands of a dead worker what became of it, and puts what was not begun back into
// the queue.
func (w *worker) settleRest() {
	w.record(w.journal.records())
	held := slices.DeleteFunc(slices.Clone(w.hands[:]), func(h *handful) bool { return h == nil })
	slices.SortFunc(held, func(a, b *handful) int { return int(b.number) - int(a.number) })
	for _, h := range held { // the last comes first, so that the first will be at the head of the queue
		limit, begun := w.journal.look(h.slot)
		limit = min(limit, h.n)
		begun = min(begun, limit)
		w.worked = w.worked || begun > 0
		h.job.conclude(h.first+h.next, nil, begun-h.next, w.died())
		w.pool.queue.putBack(chunk{h.job, h.first + begun, limit - begun})
	}
	w.hands = [inHands]*handful{}
	w.pool.kick()
}

// failAll ends all calls in the worker's hands with an error.
func (w *worker) failAll(err error) {
	for _, h := range w.hands {
		if h == nil {
			continue
		}
		limit, _ := w.journal.look(h.slot)
		chunk{h.job, h.first + h.next, limit - h.next}.fail(err)
	}
	w.hands = [inHands]*handful{}
}

// waiting reports whether outcomes may wait in the worker for those of other calls.
func (w *worker) waiting() bool {
	calls := 0
	for _, h := range w.hands {
		if h != nil {
			calls += h.n - h.next
		}
	}
	return calls > 1
}

// look takes in outcomes that the worker has not sent, and asks it to send the next one at once.
func (w *worker) look() {
	w.lookAt = time.Time{}
	records, ok := w.journal.peek(w.records)
	if w.records = records; ok {
		w.record(records)
	} else {
		w.lookAt = time.Now().Add(lookAfter)
	}
	w.journal.wanted().Store(1)
}

// withdraw takes what the worker has not begun of a job out of its hands.
func (w *worker) withdraw(j *job) {
	for _, h := range w.hands {
		if h != nil && h.job == j {
			w.journal.cut(h.slot, h.n)
			w.letGo(h)
		}
	}
}
