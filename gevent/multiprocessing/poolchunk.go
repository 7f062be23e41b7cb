package multiprocessing

import "slices"

// A job is one Apply, Map or IMap.
type job struct {
	pool *Pool
	fn   string
	size int // of a result, 0 if they differ
	pace *pace
	calls
	piece    int  // how many calls a worker gets at the least
	finished bool // nobody waits for what is left of it
}

// calls are those of a job, by position. They do not park.
type calls interface {
	// encode appends the arguments of n calls, or of fewer if the message gets long, and says how many it has done. The
	// error is that of the next one.
	encode(out []byte, first, n int) (b []byte, done int, err error)
	// settle is called once for each call, unless the job is finished: with n results, of which each has the same size if
	// there are more than one, or with the error of n calls.
	settle(first int, results []byte, n int, err error)
}

// begin returns a new job without calls.
func (p *Pool) begin(fn string, size int) (*job, error) {
	p.mustBeHere("a call with workers")
	switch {
	case p.broken != nil:
		return nil, p.broken
	case p.closed:
		return nil, ErrClosed
	}
	p.jobs++
	return &job{pool: p, fn: fn, size: size, pace: p.paceOf(fn)}, nil
}

// finish is the end of the job.
func (j *job) finish() {
	if !j.finished {
		j.finished = true
		j.pool.jobs--
		j.pool.wakeIfOver()
	}
}

// withdraw finishes the job before its end: what no worker has begun is not begun.
func (j *job) withdraw() {
	if j.finished {
		return
	}
	j.finish()
	j.pool.queue.forget(j)
	for _, w := range j.pool.workers {
		w.withdraw(j)
	}
}

func (j *job) conclude(first int, results []byte, n int, err error) {
	if !j.finished && n > 0 {
		j.settle(first, results, n, err)
	}
}

// portion returns how many of so many calls are given to a worker that others share them with: not more than its share,
// nor than it makes in a short time, but one piece at the least, and no part of one.
func (j *job) portion(share int) int {
	n := min(share, j.pace.calls)
	return max(n-n%j.piece, j.piece)
}

// A chunk is calls of a job that follow one another.
type chunk struct {
	job      *job
	first, n int
}

func (c chunk) fail(err error) { c.job.conclude(c.first, nil, c.n, err) }

// chunks is a queue.
type chunks struct {
	all    []chunk
	head   int
	wasted int // chunks of finished jobs, at most
}

func (q *chunks) len() int { return len(q.all) - q.head }

// add appends c, to what is there if that is what comes before it.
func (q *chunks) add(c chunk) {
	if q.len() > 0 {
		if last := &q.all[len(q.all)-1]; last.job == c.job && last.first+last.n == c.first {
			last.n += c.n
			return
		}
	}
	q.all = append(q.all, c)
}

// putBack makes c the next one.
func (q *chunks) putBack(c chunk) {
	if c.n == 0 {
		return
	}
	if q.head == 0 {
		q.all = slices.Insert(q.all, 0, c)
		return
	}
	q.head--
	q.all[q.head] = c
}

// next returns the next chunk, nil if there is none.
func (q *chunks) next() *chunk {
	for q.head < len(q.all) && q.all[q.head].job.finished {
		q.drop()
	}
	if q.len() == 0 {
		return nil
	}
	return &q.all[q.head]
}

// take returns the next chunk, or so many calls of it.
func (q *chunks) take(most int) (c chunk, ok bool) {
	next := q.next()
	if next == nil || most <= 0 {
		return chunk{}, false
	}
	c = *next
	if c.n > most {
		c.n = most
		next.first += most
		next.n -= most
		return c, true
	}
	q.drop()
	return c, true
}

func (q *chunks) drop() {
	q.all[q.head] = chunk{}
	q.head++
	if q.head == len(q.all) {
		q.all, q.head, q.wasted = q.all[:0], 0, 0
	}
	if q.head > 1024 && q.head > len(q.all)/2 {
		q.all = slices.Delete(q.all, 0, q.head)
		q.head = 0
	}
}

// forget notes that chunks of a finished job may be there. Once they may be half of all they are taken out.
func (q *chunks) forget(*job) {
	q.wasted++
	if q.wasted > q.len()/2 {
		q.all = slices.DeleteFunc(q.all[q.head:], func(c chunk) bool { return c.job.finished })
		q.head, q.wasted = 0, 0
	}
}
