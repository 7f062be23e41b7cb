package multiprocessing

import (
	"iter"

	"greenloop/gevent"
)

// IMap has the workers call the function for each of items, and gives the results in the order of the items, each as
// soon as it is there; one that failed comes with its error at its place, and the later ones after it. It begins with
// the loop. Items are taken as the loop goes on, see MapOptions.Ahead, by a greenlet of its own, which may wait; if that
// panics, its *gevent.PanicError comes last. When the loop is left, also by a kill, what was not begun is not begun any
// more. An error thrown at the caller while it waits comes last, and so do ErrClosed, ErrTerminated and ErrPoolBroken.
// The body may wait, too. Parks. Hub thread only.
func (f *Func[A, R]) IMap(p *Pool, items iter.Seq[A]) iter.Seq2[R, error] {
	return f.stream(p, true, items)
}

// IMapUnordered is IMap that gives the results in the order in which they come. Parks. Hub thread only.
func (f *Func[A, R]) IMapUnordered(p *Pool, items iter.Seq[A]) iter.Seq2[R, error] {
	return f.stream(p, false, items)
}

func (f *Func[A, R]) stream(p *Pool, ordered bool, items iter.Seq[A]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		j, err := p.begin(f.name, f.results.size)
		if err != nil {
			yield(*new(R), err)
			return
		}
		s := &stream[A, R]{job: j, fn: f, ordered: ordered, items: shelf[A, R]{boards: map[int]*board[A, R]{}}}
		j.calls, j.piece = s, max(f.options.Chunk, 1)
		defer s.withdraw()
		s.room.Set()
		feeder := gevent.SpawnNamed("imap", func() error {
			defer s.changed.Set()
			return s.feed(items)
		})
		defer feeder.KillAsync() // nothing, once it has ended
		for {
			if at, ok := s.next(); ok {
				if !yield(s.deliver(at)) {
					return
				}
				continue
			}
			if s.items.open == 0 && feeder.Ready() {
				if err := feeder.Err(); err != nil {
					yield(*new(R), err)
				}
				return
			}
			if err := p.refuses(); err != nil { // what is not there yet will not come, whatever the input does
				yield(*new(R), err)
				return
			}
			s.changed.Clear()
			if _, err := gevent.WaitCount(1, &s.changed, &p.ending); err != nil {
				yield(*new(R), err)
				return
			}
		}
	}
}

// A stream is one loop over the results of an IMap.
type stream[A, R any] struct {
	*job
	fn        *Func[A, R]
	ordered   bool
	items     shelf[A, R]
	count     int          // items taken
	delivered int          // if ordered
	ready     []int        // positions to be delivered, in this order, if not
	changed   gevent.Event // there may be something for the loop
	room      gevent.Event // there may be room for more
}

// ahead returns how many items may be open, and to how few they come down before more are taken: to switch between the
// two greenlets for each item costs more than a quick call.
func (s *stream[A, R]) ahead() (most, low int) {
	if n := s.fn.options.Ahead; n > 0 {
		return n, n - 1
	}
	most = max(4*s.pool.size*s.piece, min(4*s.pool.size*s.pace.calls, maxAhead))
	return most, most / 2
}

const maxAhead = 4096

// feed takes the items and puts them into the queue of the pool.
func (s *stream[A, R]) feed(items iter.Seq[A]) error {
	most, _ := s.ahead()
	size, queued := min(s.piece, most), 0
	flush := func() {
		if n := s.count - queued; n > 0 {
			s.pool.queue.add(chunk{s.job, queued, n})
			queued = s.count
			s.pool.kick()
		}
	}
	defer func() { // also after a panic: what was valid is done
		if err := s.pool.refuses(); err != nil {
			for ; queued < s.count; queued++ {
				s.settle(queued, nil, 1, err)
			}
		}
		flush()
	}()
	for arg := range items {
		if err := s.pool.refuses(); err != nil || s.finished {
			return err
		}
		s.items.put(s.count, arg)
		s.count++
		if s.count-queued >= size {
			flush()
		}
		for most, _ := s.ahead(); s.items.open >= most; {
			s.room.Clear()
			if err := s.room.Wait(); err != nil || s.finished {
				return err
			}
		}
	}
	return nil
}

// next returns the position of the item that is to be delivered next, if it is there.
func (s *stream[A, R]) next() (position int, ok bool) {
	switch {
	case s.ordered:
		return s.delivered, s.delivered < s.count && s.items.at(s.delivered).ready
	case len(s.ready) == 0:
		return 0, false
	}
	return s.ready[0], true
}

func (s *stream[A, R]) deliver(position int) (R, error) {
	if s.ordered {
		s.delivered++
	} else {
		s.ready = s.ready[1:]
	}
	value, err := s.items.take(position)
	if _, low := s.ahead(); s.items.open <= low {
		s.room.Set()
	}
	return value, err
}

func (s *stream[A, R]) encode(out []byte, first, n int) (b []byte, done int, err error) {
	defer recovered(&err)
	for b = out; done < n && len(b)-len(out) < maxOrder; done++ {
		if b, err = s.fn.args.add(b, &s.items.at(first+done).arg); err != nil {
			break
		}
	}
	return b, done, err
}

func (s *stream[A, R]) settle(first int, results []byte, n int, err error) {
	size := s.fn.results.size
	for i := range n {
		it, one := s.items.at(first+i), results
		if n > 1 && err == nil {
			one = results[i*size : (i+1)*size]
		}
		if it.err = err; err == nil {
			it.err = s.fn.results.get(one, &it.value)
		}
		it.ready = true
		if !s.ordered {
			s.ready = append(s.ready, first+i)
		}
	}
	s.changed.Set()
}
