package greenlet

// A Yielder is the inner end of a Generator: its body receives one, and yields through it.
type Yielder[Out, In any] struct {
	source source
	out    Out
	in     In
	body   func(y *Yielder[Out, In]) error // until it starts
}

// run implements outer.
func (y *Yielder[Out, In]) run() error {
	body := y.body
	y.body = nil
	return body(y)
}

// drop implements outer.
func (y *Yielder[Out, In]) drop() { y.body = nil }

// Yield hands v to the consumer and suspends the body until the next value is asked for. It returns what was sent for v, the
// zero In after Next. It may be called at any depth of calls below the body, also inside another generator that the
// body consumes: then both are suspended.
//
// It does not return if the generator is closed meanwhile, or if an error is thrown at it, which YieldErr returns: deferred functions
// run, as in runtime.Goexit. Called by one of those while the generator is closed, it ends that function in the same way, and
// Close returns ErrIgnored; so it does while the consumer is killed, or closed itself. It panics outside the body.
func (y *Yielder[Out, In]) Yield(v Out) In {
	s := &y.source
	l := s.local
	if s.state != executing || s.shut || !l.th.Here() || l.th.Current() != &s.own {
		return y.yieldAtLeisure(v)
	}
	// source.pause by hand, see Next.
	y.out = v
	to := s.consumer
	s.at, s.consumer, s.state = &s.own, nil, yielded
	if next, yield := to.Depart(); yield != nil {
		yield(struct{}{})
	} else {
		next()
	}
	s.own.Arrive()
	if s.closing || s.thrown != nil {
		s.unwind()
	}
	return y.receive()
}

// yieldAtLeisure is Yield for all cases.
func (y *Yielder[Out, In]) yieldAtLeisure(v Out) In {
	if !y.offer(v) {
		y.source.unwind()
	}
	return y.receive()
}

// YieldErr is Yield that returns an error thrown at it, instead of ending the body.
func (y *Yielder[Out, In]) YieldErr(v Out) (In, error) {
	s := &y.source
	if !y.offer(v) {
		if s.closing {
			s.unwind()
		}
		err := s.thrown
		s.thrown = nil
		var none In
		return none, err
	}
	return y.receive(), nil
}

// offer yields v, and reports false if the generator is to end, or an error was thrown, which is left in the source.
func (y *Yielder[Out, In]) offer(v Out) bool {
	s := &y.source
	s.mustExecute()
	s.refuse()
	y.out = v
	s.pause()
	return !s.closing && s.thrown == nil
}

// From yields all that g yields, as if it were a part of the body: what is sent and thrown goes to g, and g is closed
// when the body is, or ends before. It returns how g ended, as its Err tells; a Computation has its Result then. It is Python's
// "yield from". Where the other part is not a generator already, a plain function that is given y does the same at less cost.
func (y *Yielder[Out, In]) From(g *Generator[Out, In]) error {
	defer g.Close() //nolint:errcheck // Err tells it
	v, ok := g.Next()
	for ok {
		in, err := y.YieldErr(v)
		if err != nil {
			v, err = g.Throw(err)
		} else {
			v, err = g.Send(in)
		}
		if err != nil && err != ErrStop { //nolint:errorlint // that very value; all else is how g ended, or came straight back
			return err
		}
		ok = err == nil
	}
	return g.Err()
}

// receive returns what was sent.
func (y *Yielder[Out, In]) receive() In {
	in := y.in
	var none In
	y.in = none
	return in
}

// take returns the value that was yielded, the zero one if there is none, and whether there is.
func (y *Yielder[Out, In]) take() (Out, bool) {
	v := y.out
	var none Out
	y.out = none
	return v, y.source.state == yielded
}

// outcome returns the value that was yielded, or how the generator ended.
func (y *Yielder[Out, In]) outcome() (Out, error) {
	v, ok := y.take()
	switch {
	case ok:
		return v, nil
	case y.source.err != nil:
		return v, y.source.err
	default:
		return v, ErrStop
	}
}
