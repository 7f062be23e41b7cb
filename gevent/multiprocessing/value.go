package multiprocessing

// A Value is one value in memory that processes share: a number, a bool, or an array or a struct of such. It has a lock,
// which its methods acquire, so that no change is lost and none is seen half done. It travels in the arguments of a
// process and in values that a Sender sends, and is shared then.
//
// If a process ends while it holds the lock, even by SIGKILL, the value may be half changed. The next Load, Store or
// Update does nothing and returns ErrHolderDied, once. Who can mend the value goes on from there, or calls
// Lock().Acquire and uses Raw.
type Value[T any] struct{ guarded[T] }

// NewValue returns a Value that is v. The error says that T has pointers, strings, slices or the like in it; or it is
// that of the system, such as EMFILE, or errors.ErrUnsupported. Hub thread only.
func NewValue[T any](v T) (*Value[T], error) {
	g, err := newGuarded[T](valueKind, 1)
	if err != nil {
		return nil, err
	}
	elementsOf[T](g.lock.r)[0] = v
	return &Value[T]{g}, nil
}

// GobDecode opens the Value that has come, for package gob.
func (v *Value[T]) GobDecode(b []byte) error { return v.arrive(b, valueKind) }

// Load returns the value. The error is ErrClosed, ErrHolderDied, or was thrown at the greenlet. Parks. Hub thread only.
func (v *Value[T]) Load() (value T, err error) {
	err = v.update(func(all []T) { value = all[0] })
	return value, err
}

// Store sets the value. The error is ErrClosed, ErrHolderDied, or was thrown at the greenlet; then nothing was set.
// Parks. Hub thread only.
func (v *Value[T]) Store(value T) error {
	return v.update(func(all []T) { all[0] = value })
}

// Update calls fn with a pointer to the value itself, which is good until fn returns. Meanwhile it holds the lock: fn
// may park, but other methods of the same Value would wait for ever in it. The error is ErrClosed, ErrHolderDied, or was
// thrown at the greenlet; then fn was not called. Parks. Hub thread only.
//
//	err := hits.Update(func(n *int) { *n++ })
func (v *Value[T]) Update(fn func(value *T)) error {
	return v.update(func(all []T) { fn(&all[0]) })
}

// Raw returns a pointer to the value itself, for whoever holds the lock, or uses package sync/atomic. It is good until
// Close: to use it after that ends the program. From now on only Close gives the memory back, not the garbage collector.
// It panics after Close. Hub thread only.
func (v *Value[T]) Raw() *T { return &v.raw(valueKind)[0] }
