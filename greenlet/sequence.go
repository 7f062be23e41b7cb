package greenlet

import "iter"

// Bridges between generators and the standard library's iterators. The other one is the pair of Next and Close,
// which are what iter.Pull returns; and iter.Pull(g.All()) works where its rule about threads is kept, see the package's text.

// All returns the values that are still to come, for a range loop. It closes the generator when the loop ends, early or not.
// Whether all went well, Err tells.
func (g *Generator[Out, In]) All() iter.Seq[Out] {
	return func(yield func(Out) bool) {
		defer g.Close() //nolint:errcheck // Err tells it
		for v, ok := g.Next(); ok && yield(v); v, ok = g.Next() {
		}
	}
}

// Results is All with an error beside each value, nil for all but the last: if the generator did not end well, the loop gets a
// zero value and the error of Err at its end.
func (g *Generator[Out, In]) Results() iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		defer g.Close() //nolint:errcheck // Err tells it
		v, ok := g.Next()
		for ; ok && yield(v, nil); v, ok = g.Next() {
		}
		if err := g.Err(); !ok && err != nil {
			yield(v, err)
		}
	}
}

// FromSeq makes a generator of the values of seq, which runs on a stack of its own from then on. When the generator is closed, or an
// error is thrown at it, the loop that seq feeds ends early, as by break.
func FromSeq[Out any](seq iter.Seq[Out]) *Generator[Out, struct{}] {
	if seq == nil {
		panic("greenlet: FromSeq needs a sequence, got nil")
	}
	return Generate(func(y *Yielder[Out, struct{}]) error {
		seq(y.offer)
		err := y.source.thrown
		y.source.thrown = nil
		return err
	})
}

// A Pair is a key with its value, or whatever else comes by twos.
type Pair[K, V any] struct {
	Key   K
	Value V
}

// FromSeq2 is FromSeq for a sequence of pairs.
func FromSeq2[K, V any](seq iter.Seq2[K, V]) *Generator[Pair[K, V], struct{}] {
	if seq == nil {
		panic("greenlet: FromSeq2 needs a sequence, got nil")
	}
	return FromSeq(func(yield func(Pair[K, V]) bool) {
		seq(func(k K, v V) bool { return yield(Pair[K, V]{k, v}) })
	})
}

// All2 is All for a generator of pairs, in a loop with two variables.
func All2[K, V, In any](g *Generator[Pair[K, V], In]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		g.All()(func(p Pair[K, V]) bool { return yield(p.Key, p.Value) })
	}
}
