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
		s := &stream[A, R]{job: j, fn: f, ordered: ordered, open: map[int]*item[A, R]{}}
		j.calls = s
		defer s.withdraw()
		s.room.Set()
		feeder := gevent.SpawnNamed("imap", func() error {
			defer s.changed.Set()
			return s.feed(items)
		})
		defer feeder.KillAsync() // nothing, once it has ended
		for {
			switch {
			case len(s.out) > 0 && s.out[0].ready:
				it := s.next()
				if !yield(it.value, it.err) {
					return
				}
				continue
			case len(s.open) == 0 && feeder.Ready():
				if err := feeder.Err(); err != nil {
					yield(*new(R), err)
				}
				return
			}
			s.changed.Clear()
			if err := s.changed.Wait(); err != nil {
				yield(*new(R), err)
				return
			}
		}
	}
}

// A stream is one loop over the results of an IMap.
type stream[A, R any] struct {
	*job
	fn      *Func[A, R]
	ordered bool
	open    map[int]*item[A, R] // taken from the input and not delivered, by position
	count   int                 // items taken
	out     []*item[A, R]       // to be delivered, in this order
	changed gevent.Event        // there may be something for the loop
	room    gevent.Event        // there may be room for one more
}

type item[A, R any] struct {
	position int
	arg      A
	value    R
	err      error
	ready    bool
}

// feed takes the items and puts them into the queue of the pool.
func (s *stream[A, R]) feed(items iter.Seq[A]) error {
	size := max(s.fn.options.Chunk, 1)
	ahead := s.fn.options.Ahead
	if ahead == 0 {
		ahead = 4 * s.pool.size * size
	}
	size = min(size, ahead)
	queued := 0
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
		it := &item[A, R]{position: s.count, arg: arg}
		s.open[s.count] = it
		s.count++
		if s.ordered {
			s.out = append(s.out, it)
		}
		if s.count-queued >= size {
			flush()
		}
		for len(s.open) >= ahead {
			s.room.Clear()
			if err := s.room.Wait(); err != nil || s.finished {
				return err
			}
		}
	}
	return nil
}

func (s *stream[A, R]) next() *item[A, R] {
	it := s.out[0]
	s.out[0] = nil
	s.out = s.out[1:]
	delete(s.open, it.position)
	s.room.Set()
	return it
}

func (s *stream[A, R]) encode(out []byte, first, n int) (_ []byte, done int, err error) {
	defer recovered(&err)
	for i := range n {
		if out, err = s.fn.args.add(out, &s.open[first+i].arg); err != nil {
			return out, done, err
		}
		done++
	}
	return out, done, nil
}

func (s *stream[A, R]) settle(first int, results []byte, n int, err error) {
	size := s.fn.results.size
	for i := range n {
		it, one := s.open[first+i], results
		if n > 1 && err == nil {
			one = results[i*size : (i+1)*size]
		}
		if it.err = err; err == nil {
			it.err = s.fn.results.get(one, &it.value)
		}
		it.ready = true
		if !s.ordered {
			s.out = append(s.out, it)
		}
	}
	s.changed.Set()
}
