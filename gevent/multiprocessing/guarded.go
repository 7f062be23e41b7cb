package multiprocessing

import (
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"strings"
	"unsafe"
)

// guarded are elements in shared memory, with a lock of their own in the same region: what a Value is, and an Array.
type guarded[T any] struct{ lock Lock }

// A guardedState is what stands before the elements.
type guardedState struct {
	_  lockState
	of uint64 // what the elements are, see sumOf
	n  int64  // how many
}

// guardedSize is where the elements begin: in a cache line of their own.
const guardedSize = (int(unsafe.Sizeof(guardedState{})) + 63) &^ 63

func newGuarded[T any](kind kind, n int) (g guarded[T], err error) {
	if err := mustBeFixed[T](); err != nil {
		return g, err
	}
	if size := sizeOf[T](); size > 0 && n > (math.MaxInt-headerSize-guardedSize)/size {
		return g, fmt.Errorf("mp: shared memory for %d elements of %d bytes: %w", n, size, errFull)
	}
	r, err := newRegion(kind, guardedSize+n*sizeOf[T](), 0)
	if err != nil {
		return g, err
	}
	state := at[guardedState](r, 0)
	state.of, state.n = sumOf[T](), int64(n)
	g.lock.r = r
	return g, nil
}

// arrive opens what has come. Its elements must be of the same type here.
func (g *guarded[T]) arrive(b []byte, kind kind) error {
	if err := g.lock.arrive(b, kind, 0); err != nil {
		return err
	}
	if at[guardedState](g.lock.r, 0).of != sumOf[T]() {
		return errWrongKind
	}
	return nil
}

// elementsOf returns the elements themselves.
func elementsOf[T any](r *region) []T {
	first := unsafe.Add(unsafe.Pointer(unsafe.SliceData(r.memory)), headerSize+guardedSize)
	return unsafe.Slice((*T)(first), at[guardedState](r, 0).n)
}

// update calls fn with the elements while it holds the lock.
func (g *guarded[T]) update(fn func(all []T)) error {
	r, err := g.lock.open()
	if err != nil {
		return err
	}
	r.pin()
	defer r.unpin()
	lock := Lock{shared{r}}
	return lock.With(func() error {
		fn(elementsOf[T](r))
		return nil
	})
}

// raw returns the elements for use by whoever has the lock. Whether somebody still uses them only Close can tell then,
// not the garbage collector.
func (g *guarded[T]) raw(kind kind) []T {
	r := g.lock.use(kind)
	r.cleanup.Stop()
	return elementsOf[T](r)
}

// Lock returns the lock of the memory. Whoever holds it may use what Raw returns; all other methods acquire it
// themselves, and would wait for ever. It is a part of the whole: closing it closes that. It may be sent to another
// process without what it protects. Safe from any goroutine.
func (g *guarded[T]) Lock() *Lock { return &g.lock }

// Close gives back what this process holds of it: memory and descriptors. Other processes keep theirs. It returns
// ErrClosed if that was done already, and ErrLocked while a greenlet waits for the lock. An Update that is under way
// keeps the memory until its function has returned. What is not closed the garbage collector gives back, unless Raw was
// called. Hub thread only.
func (g *guarded[T]) Close() error { return g.lock.Close() }

// GobEncode makes it a part of the transfer that is under way, for package gob. It is not moved but shared: it can be
// used here still.
func (g *guarded[T]) GobEncode() ([]byte, error) { return g.lock.GobEncode() }

// mustBeFixed returns an error that says what in T does not belong into shared memory.
func mustBeFixed[T any]() error {
	typ := reflect.TypeFor[T]()
	part, bad := pointerIn(typ, "")
	if bad == nil {
		return nil
	}
	if part != "" {
		part = "in it, " + strings.TrimPrefix(part, ".") + " is "
	}
	return fmt.Errorf("mp: no %s in shared memory: %s%s points to memory of one process: "+
		"use numbers, bools, and arrays and structs of them", typ, part, bad)
}

// pointerIn returns the first part of a type that points to something, and its type; nil if there is none.
func pointerIn(typ reflect.Type, path string) (part string, bad reflect.Type) {
	switch kind := typ.Kind(); {
	case kind >= reflect.Bool && kind <= reflect.Complex128:
		return "", nil
	case kind == reflect.Array:
		return pointerIn(typ.Elem(), path+"[]")
	case kind == reflect.Struct:
		for f := range typ.Fields() {
			if part, bad := pointerIn(f.Type, path+"."+f.Name); bad != nil {
				return part, bad
			}
		}
		return "", nil
	}
	return path, typ
}

// sumOf tells types from each other: the same program has the same on both sides.
func sumOf[T any]() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, reflect.TypeFor[T](), sizeOf[T]())
	return h.Sum64()
}
