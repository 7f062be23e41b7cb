package multiprocessing

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"greenloop/gevent"
)

// An exchange is what all queues are: items as values.
type exchange[T any] struct {
	shared
	kind  kind // once it was made or has come
	codec codec[T]
	value T // while it is encoded or decoded: there, no memory is needed for it
	spent int
}

func newExchange[T any](kind kind, max int) (exchange[T], error) {
	code := codecOf[T]() // first, for it may panic
	g, err := newRing(kind, max)
	return exchange[T]{shared: shared(g), kind: kind, codec: code}, err
}

// receive opens the queue that has come.
func (x *exchange[T]) receive(b []byte, kind kind) error {
	if err := x.arrive(b, kind, ringReserve); err != nil {
		return err
	}
	x.kind = kind
	g := ring{x.r}
	if g.state().limit > g.reserved() {
		return fmt.Errorf("mp: no address space of %d bytes for a queue", g.state().limit)
	}
	x.codec = codecUnless[T](g.state().ownCodec.Load())
	return nil
}

func (x *exchange[T]) use() *region { return x.shared.use(cmp.Or(x.kind, queueKind)) }

func (x *exchange[T]) setCodec(enc func(v T) ([]byte, error), dec func(b []byte) (T, error)) {
	if enc == nil || dec == nil {
		panic("mp: WithCodec of a nil function")
	}
	ring{x.use()}.state().ownCodec.Store(true)
	x.codec.handles = false
	x.codec.encode = func(b []byte, v *T, _ *transfer) ([]byte, error) {
		more, err := enc(*v)
		return append(b, more...), err
	}
	x.codec.decode = func(b []byte, v *T, _ *transfer) (err error) {
		*v, err = dec(bytes.Clone(b))
		return err
	}
}

// budget is how many calls in a row return without letting others run.
const budget = 128

// begin returns the ring, before anything that may wait: so a kill that comes here finds nothing done.
func (x *exchange[T]) begin(d time.Duration) (ring, error) {
	r, err := x.open()
	if err != nil {
		return ring{}, err
	}
	if x.codec.encode == nil {
		return ring{}, errNoCodec
	}
	if x.spent++; x.spent >= budget && d > 0 {
		x.spent = 0
		gevent.Yield()
		if r, err = x.open(); err != nil {
			return ring{}, err
		}
	}
	return ring{r}, nil
}

func (x *exchange[T]) put(v T, d time.Duration) error {
	g, err := x.begin(d)
	if err != nil {
		return err
	}
	x.value = v
	if b, ok := rawOf(&x.value); ok && !g.state().ownCodec.Load() {
		x.value = *new(T)
		return g.put(b, d)
	}
	buffer := buffers.Get().(*[]byte)
	defer giveBuffer(buffer)
	var t *transfer
	if x.codec.handles {
		t = new(transfer)
	}
	b, err := x.codec.encode((*buffer)[:0], &x.value, t)
	x.value = *new(T)
	if err == nil && t != nil && t.handles != nil {
		err = errAlone
	}
	if err != nil {
		return encodeFailed[T](err)
	}
	*buffer = b
	return g.put(b, d)
}

// get calls give with each item that it has got, at most max.
func (x *exchange[T]) get(max int, d time.Duration, give func(v T)) error {
	g, err := x.begin(d)
	if err != nil {
		return err
	}
	buffer := buffers.Get().(*[]byte)
	defer giveBuffer(buffer)
	if max > 1 {
		*buffer = slices.Grow((*buffer)[:0], maxWithin)
	}
	t := taking{ring: g, max: max, joins: g.r.kind == joinableQueueKind, b: *buffer}
	if err := t.take(d); err != nil {
		return err
	}
	*buffer = t.b
	if t.excess {
		g.shrinkLater()
	}
	untold := t.items // of which nobody has been told
	if t.joins {
		defer func() { // a decoder has panicked: nobody else will say that they are done
			for ; untold > 0; untold-- {
				_ = g.done()
			}
		}()
	}
	var errs []error
	for b := t.b; len(b) > 0; {
		size := *(*uint64)(unsafe.Pointer(&b[0]))
		if err := x.decode(b[word:][:size]); err != nil {
			errs = append(errs, decodeFailed[T](err))
			if t.joins {
				untold--
				_ = g.done()
			}
		} else {
			give(x.value)
		}
		x.value = *new(T)
		b = b[roomOf(int(size)):]
	}
	untold = 0
	if errs == nil {
		return nil
	}
	return errors.Join(errs...)
}

func (x *exchange[T]) decode(b []byte) error {
	var t *transfer
	if x.codec.handles {
		t = new(transfer)
	}
	x.value = *new(T) // a decoder that has panicked has left something
	return x.codec.decode(b, &x.value, t)
}

// Get takes the next item, and waits for one if there is none. Which of several processes gets it is not said; within a
// process it is the greenlet that has waited longest. An item that cannot be decoded is lost, and the error says why;
// those behind it are not. Else the error is ErrClosed, or one that was thrown at the greenlet, which has taken nothing
// then. Parks. Hub thread only.
func (x *exchange[T]) Get() (T, error) { return x.GetTimeout(gevent.Never) }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits for
// nothing. Parks. Hub thread only.
func (x *exchange[T]) GetTimeout(d time.Duration) (v T, err error) {
	err = x.get(1, d, func(item T) { v = item })
	return v, err
}

// TryGet is Get that does not wait: it returns ErrEmpty if it would have to. Does not park. Hub thread only.
func (x *exchange[T]) TryGet() (T, error) {
	v, err := x.GetTimeout(0)
	if err == gevent.ErrTimeout {
		err = gevent.ErrEmpty
	}
	return v, err
}

// GetMany takes all items that there are, but at most max and about 16 KiB, in their order; it waits for one if there is
// none. That costs less than as many calls of Get. Items that cannot be decoded are lost: the error says why, beside the
// others. Parks. Hub thread only.
func (x *exchange[T]) GetMany(max int) ([]T, error) {
	if max <= 0 {
		panic("mp: GetMany of no item")
	}
	var items []T
	err := x.get(max, gevent.Never, func(item T) { items = append(items, item) })
	return items, err
}

// Len returns how many items there are now: other processes may put and get at any time. It panics if the queue was
// closed. Hub thread only.
func (x *exchange[T]) Len() int { return int(ring{x.use()}.look().items) }

// Empty reports whether there is no item now. It panics if the queue was closed. Hub thread only.
func (x *exchange[T]) Empty() bool { return x.Len() == 0 }
