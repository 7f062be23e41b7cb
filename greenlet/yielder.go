package greenlet

// A Yielder is the inner end of a Generator: its body receives one, and yields through it.
type Yielder[Out, In any] struct {
	source source
	out    Out
	in     In
}

// Yield hands v to the consumer and suspends the body until the next value is asked for. It returns what was sent for v, the
// zero In after Next. It may be called at any depth of calls below the body, also inside another generator that the
// body consumes: then both are suspended.
//
// It does not return if the generator is closed meanwhile: deferred functions run, as in runtime.Goexit. Called by one of those,
// it ends that function in the same way, and Close returns ErrIgnored. It panics outside the body.
func (y *Yielder[Out, In]) Yield(v Out) In {
	y.source.mustExecute()
	y.out = v
	y.source.pause()
	in := y.in
	var none In
	y.in = none
	return in
}

// take returns the value that was yielded, the zero one if there is none.
func (y *Yielder[Out, In]) take() Out {
	v := y.out
	var none Out
	y.out = none
	return v
}
