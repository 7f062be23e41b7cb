package gevent

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"greenloop/sched"
)

// Map calls fn for each of items in a member of w, waits for all, and returns the results in the order of the items.
// The error is the first in that order, which keeps no other from going on; each failed one has the result that came
// with its error. Items are taken as places in w come free; iterating them may wait. A member of w that finds no place
// does the work itself, so that it cannot wait for its own place. If the caller's wait is ended, by an error thrown at
// it, which is returned, by a kill, or by a panic of the iteration, those who still work are killed. Parks. Hub thread
// only.
//
// What has items in a slice passes slices.Values of it.
func Map[A, R any](w Workers, items iter.Seq[A], fn func(A) (R, error)) ([]R, error) {
	self := Current()
	var all []*Result[R]
	defer func() {
		for _, r := range all {
			if r.hub != nil {
				r.KillAsync() // nothing, if it has ended
			}
		}
	}()
	for item := range items {
		r, body := prepare("Map", func() (R, error) { return fn(item) })
		switch member := self != nil && w.Contains(self); {
		case !member:
			if err := w.start("Map", &r.Greenlet, body); err != nil {
				return nil, err
			}
		case !w.startNow("Map", &r.Greenlet, body):
			r.err = body()
		}
		all = append(all, r)
	}
	return collect(all)
}

// collect waits for all and returns their values and the first error. A result whose work was done in place is no greenlet.
func collect[R any](all []*Result[R]) (values []R, first error) {
	for _, r := range all {
		err := r.err
		if r.hub != nil {
			if err := r.Join(); err != nil {
				return nil, err
			}
			err = r.Err()
		}
		if first == nil {
			first = err
		}
		values = append(values, r.value)
	}
	return values, first
}

// IMap calls fn for each of items in a member of w, and gives the results in the order of the items, each as soon as it
// is there; one that failed comes with its error at its place, and the later ones after it. It begins with the loop,
// and works ahead of it without limit; see IMapMax for one. Items are taken as places in w come free, by a greenlet of
// its own, which may wait; if that panics, its *PanicError comes last. Leaving the loop, also by a kill, kills those
// who still work, without waiting for them. An error thrown at the caller while it waits comes last. The body may wait,
// too. Parks. Hub thread only.
//
// In a member of a full pool it would wait for a place that the member has itself; there, use Map.
func IMap[A, R any](w Workers, items iter.Seq[A], fn func(A) (R, error)) iter.Seq2[R, error] {
	return IMapMax(w, 0, items, fn)
}

// IMapMax is IMap that works ahead of the loop by no more than limit items, of which no more are taken meanwhile; 0 is
// no limit. Parks. Hub thread only.
func IMapMax[A, R any](w Workers, limit int, items iter.Seq[A], fn func(A) (R, error)) iter.Seq2[R, error] {
	return mapping(w, limit, true, items, fn)
}

// IMapUnordered is IMap that gives the results in the order in which they come. Parks. Hub thread only.
func IMapUnordered[A, R any](w Workers, items iter.Seq[A], fn func(A) (R, error)) iter.Seq2[R, error] {
	return IMapUnorderedMax(w, 0, items, fn)
}

// IMapUnorderedMax is IMapMax that gives the results in the order in which they come. Parks. Hub thread only.
func IMapUnorderedMax[A, R any](w Workers, limit int, items iter.Seq[A], fn func(A) (R, error)) iter.Seq2[R, error] {
	return mapping(w, limit, false, items, fn)
}

func mapping[A, R any](w Workers, limit int, ordered bool, items iter.Seq[A], fn func(A) (R, error)) iter.Seq2[R, error] {
	if limit < 0 {
		panic("gevent: a negative limit; 0 means none")
	}
	return func(yield func(R, error) bool) {
		h := current("IMap")
		m := &mapped[R]{hub: h, limit: limit, ordered: ordered, working: map[*Result[R]]bool{}}
		defer m.end()
		m.feeder = SpawnNamed("imap", func() error {
			for item := range items {
				if err := m.begin(w, func() (R, error) { return fn(item) }); err != nil {
					return err
				}
			}
			return nil
		})
		m.feeder.observe(&observer{notify: m.wake})
		r, err := m.next()
		for ; r != nil; r, err = m.next() {
			if !yield(r.value, r.Err()) {
				return
			}
		}
		if err != nil {
			var none R
			yield(none, err)
		}
	}
}

// A mapped is one loop over the results of an IMap.
type mapped[R any] struct {
	hub      *Hub
	feeder   *Greenlet // takes the items
	limit    int
	ordered  bool
	working  map[*Result[R]]bool // begun and not delivered
	out      []*Result[R]        // to be delivered, in this order
	consumer sched.WaitQueue     // the loop
	room     sched.WaitQueue     // the feeder, while limit are begun and not delivered
	over     bool                // the loop was left
}

// begin starts one function and waits until there is room for the next.
func (m *mapped[R]) begin(w Workers, fn func() (R, error)) error {
	r, body := prepare("IMap", fn)
	if err := w.start("IMap", &r.Greenlet, body); err != nil {
		return err
	}
	if m.over { // we were killed when the place was ours already
		r.KillAsync()
		return ErrExit
	}
	m.working[r] = true
	if m.ordered {
		m.out = append(m.out, r)
	}
	r.observe(&observer{notify: func() {
		if !m.ordered {
			m.out = append(m.out, r)
		}
		m.wake()
	}})
	for m.limit > 0 && len(m.working) >= m.limit {
		if err := m.room.Wait(m.hub.sched, sched.Why("results of an imap to be taken")); err != nil {
			return err
		}
	}
	return nil
}

func (m *mapped[R]) deliverable() bool { return len(m.out) > 0 && m.out[0].Ready() }
func (m *mapped[R]) drained() bool     { return len(m.working) == 0 && m.feeder.Ready() }

// wake wakes the loop if there is something for it.
func (m *mapped[R]) wake() {
	if m.deliverable() || m.drained() {
		m.consumer.WakeAll()
	}
}

// next returns the next result, nil after the last, with the error of what fed us or of the wait.
func (m *mapped[R]) next() (*Result[R], error) {
	for !m.deliverable() {
		if m.drained() {
			return nil, m.feeder.Err()
		}
		if err := m.consumer.Wait(m.hub.sched, m); err != nil {
			return nil, err
		}
	}
	r := m.out[0]
	m.out[0] = nil
	m.out = m.out[1:]
	delete(m.working, r)
	m.room.WakeAll()
	return r, nil
}

// end ends whoever still works.
func (m *mapped[R]) end() {
	m.over = true
	m.feeder.KillAsync()
	for _, r := range m.workers() {
		r.KillAsync()
	}
}

// workers returns those who were begun and not delivered, in the order of their begin.
func (m *mapped[R]) workers() []*Result[R] {
	return slices.SortedFunc(maps.Keys(m.working), func(a, b *Result[R]) int { return cmp.Compare(a.ID(), b.ID()) })
}

// String says what the loop waits for.
func (m *mapped[R]) String() string { return "next result of an imap" }

// Holders returns those who work for the loop.
func (m *mapped[R]) Holders() []*sched.Task {
	tasks := []*sched.Task{&m.feeder.task}
	for _, r := range m.workers() {
		tasks = append(tasks, &r.task)
	}
	return tasks
}
