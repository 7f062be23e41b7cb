package gevent

// GoIn is Go for a new member of w; if w is a pool that is full, it waits. Its error is one thrown at the caller; then
// nothing was spawned. Parks. Hub thread only.
func GoIn[T any](w Workers, fn func() (T, error)) (*Result[T], error) {
	r, body := prepare("GoIn", fn)
	if err := w.start("GoIn", &r.Greenlet, body); err != nil {
		return nil, err
	}
	return r, nil
}

// prepare returns a result that is not started, and what its greenlet is to call.
func prepare[T any](call string, fn func() (T, error)) (*Result[T], func() error) {
	if fn == nil {
		panic("gevent: " + call + " of a nil function")
	}
	r := new(Result[T])
	return r, func() (err error) {
		r.value, err = fn()
		return err
	}
}

// Apply calls fn in a new member of w, waits for it and returns what it returns; a panic comes back as a *PanicError.
// In a member of w it just calls fn, so that no member waits for its own place. If the caller's wait is
// ended, by an error thrown at it, which is returned, or by a kill, the new member is killed: nobody else knows it.
// Parks. Hub thread only.
func Apply[T any](w Workers, fn func() (T, error)) (T, error) {
	if self := Current(); self != nil && w.Contains(self) {
		return fn()
	}
	r, err := GoIn(w, fn)
	if err != nil {
		var none T
		return none, err
	}
	defer r.KillAsync() // nothing, once it has ended
	return r.Get()
}

// ApplyAsync is Apply in a greenlet of its own, outside w, so that it never waits. Then it calls callback with the
// value, or errback with the error, of a kill, too; both may be nil, and may wait. The greenlet is returned, with what
// fn returns; to kill it kills fn. Hub thread only.
func ApplyAsync[T any](w Workers, fn func() (T, error), callback func(T), errback func(error)) *Result[T] {
	if fn == nil {
		panic("gevent: ApplyAsync of a nil function")
	}
	return Go(func() (T, error) {
		value, err := Apply(w, fn)
		switch {
		case err == nil && callback != nil:
			callback(value)
		case err != nil && errback != nil:
			errback(err)
		}
		return value, err
	})
}
