package gevent

// A store keeps the items of a queue and decides which of them goes out next. What it gives out it does not refer to
// any more. If it panics, as a comparison of the user's may, it is as it was before the call.
type store[T any] interface {
	push(v T)
	next() T       // the one that pop would take
	pop() T        // there is one
	replace(v T) T // pop, then push
	clear()
}

// A ring is the store of a FIFO: a circle of slots that grows and shrinks with what is in it. The zero value is
// empty.
type ring[T any] struct {
	slots []T // as many as a power of two, or none
	head  int // the slot of the oldest item
	n     int
}

// A ring halves when three quarters of it are empty, but not to fewer than ringFloor slots: so a queue that fills and
// drains all the time allocates nothing, and a larger one less than once in a hundred items.
const (
	ringStart = 8
	ringFloor = 1024
)

func (r *ring[T]) at(i int) *T { return &r.slots[(r.head+i)&(len(r.slots)-1)] }

func (r *ring[T]) next() T { return *r.at(0) }

func (r *ring[T]) push(v T) {
	if r.n == len(r.slots) {
		r.resize(max(ringStart, 2*r.n))
	}
	*r.at(r.n) = v
	r.n++
}

func (r *ring[T]) pop() T {
	p := r.at(0)
	v := *p
	*p = *new(T) // nobody refers to v from here any more
	r.head = (r.head + 1) & (len(r.slots) - 1)
	r.n--
	r.shrink()
	return v
}

// popLast takes the item that was pushed last.
func (r *ring[T]) popLast() T {
	p := r.at(r.n - 1)
	v := *p
	*p = *new(T)
	r.n--
	r.shrink()
	return v
}

func (r *ring[T]) replace(v T) T {
	out := r.pop()
	r.push(v)
	return out
}

func (r *ring[T]) clear() { *r = ring[T]{} }

func (r *ring[T]) shrink() {
	if size := len(r.slots); r.n <= size/4 && size > ringFloor {
		r.resize(size / 2)
	}
}

func (r *ring[T]) resize(size int) {
	slots := make([]T, size)
	if r.n > 0 {
		tail := copy(slots, r.slots[r.head:min(r.head+r.n, len(r.slots))])
		copy(slots[tail:], r.slots[:r.n-tail])
	}
	r.slots, r.head = slots, 0
}

// A pile is a ring that gives out first what came last.
type pile[T any] struct{ ring[T] }

func (s *pile[T]) next() T { return *s.at(s.n - 1) }

func (s *pile[T]) pop() T { return s.popLast() }

func (s *pile[T]) replace(v T) T {
	p := s.at(s.n - 1)
	out := *p
	*p = v
	return out
}
