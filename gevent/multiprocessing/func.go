package multiprocessing

import (
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"time"

	"greenloop/gevent"
)

// A Func is a function that the workers of a Pool can call. Make it with DefineFunc, in a variable at package level:
// then it is known, by its name, in the workers, too, which are the same program.
//
// Argument and result travel as values do that a Sender sends, without handles: []byte and string as they are, what has
// a fixed size as by package encoding/binary, all else by package gob. For several arguments take a struct, which is
// what Python's starmap is for. An argument is encoded when a worker takes it: do not change what it points to before
// the call is over.
//
// The function runs in a greenlet of the worker, so it may wait; a worker calls one function at a time. Its error comes
// as a *RemoteError, and so does a panic, with the stack; the worker lives on. If the result cannot be encoded the error
// is ErrResult. If the worker dies it is a *WorkerDiedError. Nothing that was begun is begun again.
type Func[A, R any] struct {
	name    string
	args    parts[A]
	results parts[R]
	spare   *sync.Pool // of *[]A, for the items of Map
	options MapOptions
}

// funcs are all that were defined. They are many threads' only because a package may be initialized on any.
var funcs = struct {
	sync.Mutex
	call map[string]*encodedFunc
}{call: map[string]*encodedFunc{}}

// DefineFunc makes fn a function for pools under a name. It panics after Main, and at a name that is taken.
//
//	var isPrime = mp.DefineFunc("is prime", func(n int) (bool, error) { … })
func DefineFunc[A, R any](name string, fn func(arg A) (R, error)) *Func[A, R] {
	if fn == nil {
		panic("mp: DefineFunc of a nil function")
	}
	f := &Func[A, R]{name: name, args: partsOf[A](), results: partsOf[R](), spare: new(sync.Pool)}
	funcs.Lock()
	defer funcs.Unlock()
	if funcs.call[name] != nil {
		panic(fmt.Sprintf("mp: DefineFunc of the name %q, which is taken", name))
	}
	mustBeEarly("DefineFunc", name)
	call := new(struct { // a worker makes one call at a time, so no memory is needed for each
		arg    A
		result R
	})
	funcs.call[name] = &encodedFunc{f.args.size, f.results.size, func(out, b []byte) (_ []byte, err error) {
		call.arg = *new(A)
		if err := f.args.decode(b, &call.arg, f.args.nothing()); err != nil {
			return nil, decodeFailed[A](err)
		}
		if call.result, err = fn(call.arg); err != nil {
			return nil, err
		}
		out, err = f.results.encode(out, &call.result, nil) // without a transfer handles are refused
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrResult, encodeFailed[R](err))
		}
		return out, nil
	}}
	return f
}

// An encodedFunc is a Func without its types.
type encodedFunc struct {
	argSize, resultSize int // 0 if they differ
	run                 func(out, arg []byte) ([]byte, error)
}

func funcNamed(name string) *encodedFunc {
	funcs.Lock()
	defer funcs.Unlock()
	return funcs.call[name]
}

// call decodes the argument, calls, and appends the result to out. A panic is an error.
func (f *encodedFunc) call(out, arg []byte) (result []byte, err error) {
	defer recovered(&err)
	return f.callOrPanic(out, arg)
}

func (f *encodedFunc) callOrPanic(out, arg []byte) (result []byte, err error) {
	if f == nil {
		return nil, errNoFunc
	}
	return f.run(out, arg)
}

// recovered, deferred, makes a panic an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &gevent.PanicError{Value: v, Stack: debug.Stack()}
	}
}

// MapOptions are for what calls a function many times. The zero value is good for most.
type MapOptions struct {
	// Chunk is how many items go to a worker at a time. 0 is a quarter of what each worker has to do for Map and
	// MapAsync, and 1 for IMap and IMapUnordered. Several chunks go in one message while they are done within about a
	// millisecond, so that 1 is no slower than other numbers. A worker that has nothing to do takes over what another
	// one has not begun.
	Chunk int
	// Ahead is how many items IMap and IMapUnordered take before their results are taken; 0 is enough to keep all
	// workers busy: four chunks for each, or more, up to 4096 items, if they are done quickly.
	Ahead int
	// Progress is told by Map and MapAsync how many items are done, each time some more are, and at the end. Map calls
	// it in the caller's greenlet, MapAsync in one of its own; it may wait.
	Progress func(done, total int)
}

// With returns the function with other options; f stays as it is. A negative number panics.
//
//	isPrime.With(mp.MapOptions{Chunk: 1000}).Map(pool, numbers)
func (f *Func[A, R]) With(o MapOptions) *Func[A, R] {
	if o.Chunk < 0 || o.Ahead < 0 {
		panic("mp: MapOptions with a negative number")
	}
	own := *f
	own.options = o
	return &own
}

// A Call is a function with its argument, see PoolOptions.Initializer.
type Call struct {
	name   string
	encode func() ([]byte, error)
}

// Call returns the call of the function with an argument, which is not made now.
func (f *Func[A, R]) Call(arg A) *Call {
	return &Call{f.name, func() ([]byte, error) {
		b, err := f.args.encode(nil, &arg, nil)
		if err != nil {
			return nil, encodeFailed[A](err)
		}
		return b, nil
	}}
}

// Apply has a worker call the function and returns its result. It ends early with an error thrown at the greenlet; what
// was not begun then is not begun any more. Other errors: ErrClosed, ErrTerminated, ErrPoolBroken, see Pool, and those
// of the call, see Func. Parks. Hub thread only.
func (f *Func[A, R]) Apply(p *Pool, arg A) (result R, err error) {
	b, err := newBatch(p, f, oneItem(arg))
	if err != nil {
		return result, err
	}
	defer b.withdraw() // nothing, once it is done
	if err := b.over.Wait(); err != nil {
		return result, err
	}
	return b.values[0], b.err
}

// ApplyTimeout is Apply that waits no longer than d, and returns ErrTimeout then: what was begun goes on in the worker,
// and its result is dropped. Parks. Hub thread only.
func (f *Func[A, R]) ApplyTimeout(p *Pool, d time.Duration, arg A) (result R, err error) {
	err = within(d, func() (err error) {
		result, err = f.Apply(p, arg)
		return err
	})
	return result, err
}

// ApplyAsync is Apply that does not wait. Then callback is called with the result, or errback with the error, before the
// Result is ready; both may be nil. They run in a greenlet of their own, so they may wait; a panic there is reported as
// that of any greenlet. Hub thread only.
func (f *Func[A, R]) ApplyAsync(p *Pool, arg A, callback func(R), errback func(error)) *Result[R] {
	r := newResult[R]()
	b, err := newBatch(p, f, oneItem(arg))
	if err != nil {
		r.end(*new(R), err, callback, errback)
		return r
	}
	b.then = func() { r.end(b.values[0], b.err, callback, errback) }
	return r
}

// Map has the workers call the function for each of items, waits for all, and returns the results in the order of the
// items. If calls fail, the error is the first in that order; it keeps no other from being made, and the results are
// returned with it, zero values in place of the missing ones. It ends early with an error thrown at the greenlet, which
// alone is returned; what was not begun then is not begun any more. See Apply for other errors. Parks. Hub thread only.
//
// What has items in a slice passes slices.Values of it.
func (f *Func[A, R]) Map(p *Pool, items iter.Seq[A]) ([]R, error) {
	args := newItems[A](f.spare)
	defer args.keep(f.spare)
	for arg := range items {
		if args.add(arg); args.count%collected == 0 {
			gevent.Yield()
		}
	}
	b, err := newBatch(p, f, args)
	if err != nil {
		return nil, err
	}
	defer b.withdraw() // nothing, once it is done
	if err := b.wait(); err != nil {
		return nil, err
	}
	return b.values, b.err
}

// collected is after how many items Map lets others run.
const collected = 1 << 12

// MapAsync is Map that does not wait, except where iterating items does. See ApplyAsync for the callbacks. Hub thread
// only.
func (f *Func[A, R]) MapAsync(p *Pool, items iter.Seq[A], callback func([]R), errback func(error)) *Result[[]R] {
	r := newResult[[]R]()
	args := newItems[A](f.spare)
	for arg := range items {
		args.add(arg)
	}
	b, err := newBatch(p, f, args)
	if err != nil {
		r.end(nil, err, callback, errback)
		return r
	}
	if f.options.Progress == nil {
		b.then = func() { r.end(b.values, b.err, callback, errback) }
		if b.left == 0 {
			b.then()
		}
		return r
	}
	gevent.SpawnNamed("progress of a map", func() error {
		defer func() { // also after a panic of Progress
			if b.left > 0 {
				b.then = func() { r.end(b.values, b.err, callback, errback) }
				return
			}
			r.end(b.values, b.err, callback, errback)
		}()
		return b.wait()
	})
	return r
}
