package multiprocessing

import (
	"runtime"
	"time"
)

// stealAfter is how long a worker has nothing to do before it takes over calls that another one has not begun: short
// calls are over by then.
const stealAfter = time.Millisecond

// next returns what the worker is to do next. It gets more than one chunk only while no other worker has none. Workers
// that have none share all there is; the others share half of it, so that they come to an end at the same time.
func (p *Pool) next(w *worker) (c chunk, ok bool) {
	held, idle := w.held(), p.idle()
	if !w.ready || w.retired || held == inHands || held > 0 && idle > 0 {
		return chunk{}, false
	}
	next := p.queue.next()
	if next == nil {
		return chunk{}, false
	}
	among := 2 * p.size
	if held == 0 {
		among = max(min(idle, runtime.NumCPU()-p.busy()), 1) // to wake more costs more than they save
	}
	return p.queue.take(min(next.job.portion((next.n+among-1)/among), w.room()))
}

// idle returns how many workers have nothing to do.
func (p *Pool) idle() (n int) {
	for _, w := range p.workers {
		if w.idle() {
			n++
		}
	}
	return n
}

// busy returns how many workers have something to do.
func (p *Pool) busy() (n int) {
	for _, w := range p.workers {
		if w.held() > 0 {
			n++
		}
	}
	return n
}

// crowded reports whether the workers, with this process, have use for all CPUs: then nobody should wait on one.
func (p *Pool) crowded() bool {
	if p.size < runtime.NumCPU() || p.size == 1 {
		return false
	}
	return p.busy() >= runtime.NumCPU() || p.queue.len() > 0
}

// kick wakes those who send chunks to workers that may have one. Without chunks in the queue that is those who have
// nothing to do: they may steal.
func (p *Pool) kick() {
	idle := p.idle() > 0
	for _, w := range p.workers {
		if w.idle() || !idle && p.queue.len() > 0 && w.held() < inHands {
			w.more.Set()
		}
	}
}

// richest returns the chunk with the most calls that were not begun, nil if there are none.
func (p *Pool) richest() (best *loot) {
	for _, w := range p.workers {
		for _, h := range w.hands {
			if h == nil || h.job.finished {
				continue
			}
			if limit, begun := w.journal.look(h.slot); limit > begun && (best == nil || limit-begun > best.n) {
				best = &loot{w, h, limit - begun}
			}
		}
	}
	return best
}

// A loot is calls that are in the hands of a worker but not begun.
type loot struct {
	of *worker
	*handful
	n int
}

// steal puts half of what the richest worker has not begun back into the queue, for w, which has nothing to do.
func (p *Pool) steal(w *worker) {
	if !w.idle() || p.queue.len() > 0 {
		return
	}
	best := p.richest()
	if best == nil {
		return
	}
	n := best.of.journal.cut(best.slot, (best.n+1)/2)
	limit, _ := best.of.journal.look(best.slot)
	p.queue.putBack(chunk{best.job, best.first + limit, n})
	best.of.letGo(best.handful)
}
