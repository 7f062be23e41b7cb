package multiprocessing

import (
	"math"
	"reflect"
)

// A ListProxy is a list in a manager, as its clients see it; ListOf makes it. Each call is one step. An index below zero
// counts from the end, as in Python. What is said of a DictProxy about errors and about values holds here, too.
type ListProxy[T any] struct {
	proxy
	values codec[T]
}

// ListOf makes a list in the manager, with items. Parks. Hub thread only.
func ListOf[T any](m *Manager, items ...T) (*ListProxy[T], error) {
	l := new(ListProxy[T])
	b, err := allToManager(nil, l.codec(), items)
	if err != nil {
		return nil, err
	}
	l.proxy, err = m.create(kindOfList, reflect.TypeFor[T]().String(), func(to []byte) []byte { return append(to, b...) })
	if err != nil {
		return nil, err
	}
	return l, nil
}

// codec is made when it is needed, since it does not travel.
func (l *ListProxy[T]) codec() *codec[T] {
	if l.values.encode == nil {
		l.values = codecOf[T]()
	}
	return &l.values
}

// Append adds items at the end. Parks. Hub thread only.
func (l *ListProxy[T]) Append(items ...T) error {
	all, err := allToManager(nil, l.codec(), items)
	if err != nil {
		return err
	}
	_, err = l.call(opListAppend, func(b []byte) []byte { return append(b, all...) })
	return err
}

// Get returns an item, or ErrIndex. Parks. Hub thread only.
func (l *ListProxy[T]) Get(i int) (T, error) { return l.one(opListGet, i) }

// Pop takes an item out and returns it, or ErrIndex; Pop(-1) takes the last one. A caller that is interrupted may have
// taken it all the same. Parks. Hub thread only.
func (l *ListProxy[T]) Pop(i int) (T, error) { return l.one(opListPop, i) }

func (l *ListProxy[T]) one(op managerOp, i int) (v T, err error) {
	b, err := l.call(op, func(b []byte) []byte { return appendInt(b, i) })
	if err != nil {
		return v, err
	}
	return fromManager(l.codec(), b)
}

// Set replaces an item, or returns ErrIndex. Parks. Hub thread only.
func (l *ListProxy[T]) Set(i int, v T) error { return l.put(opListSet, i, v) }

// Insert puts an item before the one with the index i; where that is outside, at the nearer end. Parks. Hub thread only.
func (l *ListProxy[T]) Insert(i int, v T) error { return l.put(opListInsert, i, v) }

func (l *ListProxy[T]) put(op managerOp, i int, v T) error {
	value, err := toManager(l.codec(), &v)
	if err != nil {
		return err
	}
	_, err = l.call(op, func(b []byte) []byte { return appendBytes(appendInt(b, i), value) })
	return err
}

// Len returns how many items there are. Parks. Hub thread only.
func (l *ListProxy[T]) Len() (int, error) { return l.count(opListLen, nil) }

// Clear takes all items out. Parks. Hub thread only.
func (l *ListProxy[T]) Clear() error {
	_, err := l.call(opListClear, nil)
	return err
}

// All returns a copy of the list. Parks. Hub thread only.
func (l *ListProxy[T]) All() ([]T, error) { return l.Slice(0, math.MaxInt) }

// Slice returns a copy of the items from one index up to and without another. What is outside counts as the end. Parks.
// Hub thread only.
func (l *ListProxy[T]) Slice(from, to int) ([]T, error) {
	b, err := l.call(opListSlice, func(b []byte) []byte { return appendInt(appendInt(b, from), to) })
	if err != nil {
		return nil, err
	}
	return allFromManager(&fieldReader{rest: b}, l.codec())
}
