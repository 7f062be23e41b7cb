package gevent

// A heap is the store that gives out the smallest first, and equal ones in the order in which they came. Each call
// makes all its comparisons before it moves anything, so that one that panics changes nothing.
type heap[T any] struct {
	less  func(a, b T) bool
	items ring[ranked[T]] // a binary heap; its head never moves
	count uint64
}

type ranked[T any] struct {
	value T
	rank  uint64 // in order of arrival
}

func (h *heap[T]) before(a, b *ranked[T]) bool {
	if a.rank < b.rank {
		return !h.less(b.value, a.value)
	}
	return h.less(a.value, b.value)
}

func (h *heap[T]) arrived(v T) ranked[T] {
	h.count++
	return ranked[T]{v, h.count}
}

func (h *heap[T]) next() T { return h.items.at(0).value }

func (h *heap[T]) push(v T) {
	e := h.arrived(v)
	last := h.items.n
	place := last
	for place > 0 && h.before(&e, h.items.at((place-1)/2)) {
		place = (place - 1) / 2
	}
	h.items.push(e)
	for i := last; i > place; i = (i - 1) / 2 {
		*h.items.at(i) = *h.items.at((i - 1) / 2)
	}
	*h.items.at(place) = e
}

func (h *heap[T]) pop() T {
	last := h.items.n - 1
	if last == 0 {
		return h.items.popLast().value
	}
	e := *h.items.at(last)
	place := h.below(&e, last)
	h.items.popLast()
	return h.raise(e, place)
}

func (h *heap[T]) replace(v T) T {
	e := h.arrived(v)
	return h.raise(e, h.below(&e, h.items.n))
}

func (h *heap[T]) clear() { h.items.clear() }

// below returns the place that e takes among the first n items if the one at the root goes.
func (h *heap[T]) below(e *ranked[T], n int) int {
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			return i
		}
		if right := child + 1; right < n && h.before(h.items.at(right), h.items.at(child)) {
			child = right
		}
		if !h.before(h.items.at(child), e) {
			return i
		}
		i = child
	}
}

// raise puts e in that place, moves those above it one up, and returns the one from the root.
func (h *heap[T]) raise(e ranked[T], place int) T {
	for i := place; ; i = (i - 1) / 2 {
		p := h.items.at(i)
		e, *p = *p, e
		if i == 0 {
			return e.value
		}
	}
}
