package multiprocessing

import "greenloop/gevent"

// A batch is the calls of one function whose arguments are all known.
type batch[A, R any] struct {
	*job
	fn      *Func[A, R]
	args    *mapItems[A]
	values  []R
	err     error // the first by position
	failed  int   // its position
	left    int   // calls whose outcome is not known
	changed gevent.Event
	over    gevent.Event
	then    func() // called at the end; it does not park
}

// newBatch puts the calls into the queue of the pool.
func newBatch[A, R any](p *Pool, f *Func[A, R], args *mapItems[A]) (*batch[A, R], error) {
	j, err := p.begin(f.name, f.results.size)
	if err != nil {
		return nil, err
	}
	b := &batch[A, R]{job: j, fn: f, args: args, values: make([]R, args.count), left: args.count}
	j.calls = b
	if args.count == 0 {
		b.complete()
		return b, nil
	}
	size := f.options.Chunk
	if size == 0 {
		size = (args.count + 4*p.size - 1) / (4 * p.size)
	}
	j.piece = size
	p.queue.add(chunk{j, 0, args.count})
	p.kick()
	return b, nil
}

func (b *batch[A, R]) encode(out []byte, first, n int) (_ []byte, done int, err error) {
	return b.fn.args.addAll(out, b.args.from(first, n))
}

func (b *batch[A, R]) settle(first int, results []byte, n int, err error) {
	switch values := b.values[first : first+n]; {
	case err != nil:
	case n == 1:
		err = b.fn.results.get(results, &values[0])
	default:
		err = b.fn.results.getAll(results, values)
	}
	if err != nil && (b.err == nil || first < b.failed) {
		b.err, b.failed = err, first
	}
	b.left -= n
	b.changed.Set()
	if b.left == 0 {
		b.complete()
	}
}

func (b *batch[A, R]) complete() {
	b.finish()
	b.over.Set()
	if b.then != nil {
		b.then()
	}
}

// wait waits for the end, and tells of the progress.
func (b *batch[A, R]) wait() error {
	progress := b.fn.options.Progress
	for told := 0; progress != nil && told < b.args.count; {
		if err := b.changed.Wait(); err != nil {
			return err
		}
		b.changed.Clear()
		if now := b.args.count - b.left; now > told {
			told = now
			progress(told, b.args.count)
		}
	}
	return b.over.Wait()
}
