package multiprocessing

import "sync"

// mapItems are the arguments of a Map, in parts: memory that grows as one would be copied again and again, which holds up
// the hub.
type mapItems[A any] struct {
	parts [][]A // all of partSize but the last
	count int
	first *[]A // the memory of the first part, for the next Map
}

const partSize = 1 << 16

func oneItem[A any](arg A) *mapItems[A] { return &mapItems[A]{parts: [][]A{{arg}}, count: 1} }

// newItems returns none, with memory that was kept.
func newItems[A any](spare *sync.Pool) *mapItems[A] {
	first, _ := spare.Get().(*[]A)
	if first == nil {
		first = new([]A)
	}
	return &mapItems[A]{parts: [][]A{(*first)[:0]}, first: first}
}

func (m *mapItems[A]) add(arg A) {
	last := &m.parts[len(m.parts)-1]
	if len(*last) == partSize {
		m.parts = append(m.parts, make([]A, 0, partSize))
		last = &m.parts[len(m.parts)-1]
	}
	*last = append(*last, arg)
	m.count++
}

// from returns n items that follow one another, or fewer.
func (m *mapItems[A]) from(first, n int) []A {
	part := m.parts[first/partSize]
	at := first % partSize
	return part[at:min(at+n, len(part))]
}

// keep gives the memory back once nobody needs the items.
func (m *mapItems[A]) keep(spare *sync.Pool) {
	*m.first = m.parts[0]
	clear(*m.first)
	spare.Put(m.first)
}
