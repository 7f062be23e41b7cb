package multiprocessing

import (
	"fmt"
	"runtime"
	"slices"
)

// An Array is a sequence of a fixed number of elements in memory that processes share, as a Value is one. Its methods
// acquire its lock, and the same holds for them. The memory is mapped, not copied: a large Array costs no time when it is
// made or sent, only where it is used.
type Array[T any] struct{ guarded[T] }

// NewArray returns an Array of n elements, all zero. The error says that n is negative or too large, or that T has
// pointers, strings, slices or the like in it; or it is that of the system, such as EMFILE, or errors.ErrUnsupported. Hub
// thread only.
func NewArray[T any](n int) (*Array[T], error) {
	if n < 0 {
		return nil, fmt.Errorf("mp: NewArray of %d elements", n)
	}
	g, err := newGuarded[T](arrayKind, n)
	if err != nil {
		return nil, err
	}
	return &Array[T]{g}, nil
}

// NewArrayOf is NewArray of as many elements as the slice has, which are copied. Hub thread only.
func NewArrayOf[T any](elements []T) (*Array[T], error) {
	a, err := NewArray[T](len(elements))
	if err == nil {
		copy(elementsOf[T](a.lock.r), elements)
	}
	return a, err
}

// GobDecode opens the Array that has come, for package gob.
func (a *Array[T]) GobDecode(b []byte) error { return a.arrive(b, arrayKind) }

// Len returns the number of elements. It panics after Close. Hub thread only.
func (a *Array[T]) Len() int {
	r := a.lock.use(arrayKind)
	defer runtime.KeepAlive(r)
	return len(elementsOf[T](r))
}

// Get returns element i. An index out of range panics as that of a slice does. The error is ErrClosed, ErrHolderDied, or
// was thrown at the greenlet. Parks. Hub thread only.
func (a *Array[T]) Get(i int) (value T, err error) {
	err = a.update(func(all []T) { value = all[i] })
	return value, err
}

// Set sets element i. An index out of range panics as that of a slice does. The error is that of Get; then nothing was
// set. Parks. Hub thread only.
func (a *Array[T]) Set(i int, value T) error {
	return a.update(func(all []T) { all[i] = value })
}

// Slice returns a copy of the elements from i up to, but not including, j. Indexes out of range panic as those of a slice
// do. The error is that of Get. Parks. Hub thread only.
func (a *Array[T]) Slice(i, j int) (elements []T, err error) {
	err = a.update(func(all []T) { elements = slices.Clone(all[i:j]) })
	return elements, err
}

// SetSlice sets as many elements as the slice has, from i on. If there are not as many it panics, as an index of a slice
// that is out of range. The error is that of Get; then nothing was set. Parks. Hub thread only.
func (a *Array[T]) SetSlice(i int, elements []T) error {
	return a.update(func(all []T) { copy(all[i:i+len(elements)], elements) })
}

// Update calls fn with the elements themselves, in a slice that is good until fn returns. Meanwhile it holds the lock: fn
// may park, but other methods of the same Array, except Len, would wait for ever in it. The error is that of Get; then fn
// was not called. Parks. Hub thread only.
//
//	err := prices.Update(slices.Sort)
func (a *Array[T]) Update(fn func(all []T)) error { return a.update(fn) }

// Raw returns the elements themselves, for whoever holds the lock, or uses package sync/atomic. The slice is good until
// Close: to use it after that ends the program. From now on only Close gives the memory back, not the garbage collector.
// It panics after Close. Hub thread only.
func (a *Array[T]) Raw() []T { return a.raw(arrayKind) }
