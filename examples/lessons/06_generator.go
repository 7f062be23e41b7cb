// A generator is a function that hands over values one by one: at each Yield it stops, and it goes on when the next value
// is asked for. So a producer and a consumer can both be written as loops, and nothing is made before somebody wants it.
package main

import "greenloop/greenlet"

type (
	source  = greenlet.Generator[int, any]
	yielder = greenlet.Yielder[int, any]
)

// prices produces without end; what it costs is only what is asked for.
func prices(s *stage) *source {
	return greenlet.Generate(func(y *yielder) error {
		defer s.say("producer: leaves (deferred)")
		for price := 10; ; price += 7 {
			s.say("producer: makes %d", price)
			y.Yield(price) // stops here, in the middle of the loop
		}
	})
}

// even is a consumer and a producer: it passes on what is even.
func even(s *stage, from *source) *source {
	return greenlet.Generate(func(y *yielder) error {
		defer s.say("    filter: leaves (deferred)")
		for n := range from.All() {
			if n%2 == 0 {
				s.say("    filter: passes %d on", n)
				y.Yield(n)
			} else {
				s.say("    filter: drops %d and asks for another", n)
			}
		}
		return from.Err()
	})
}

// A tree holds numbers in order. Its walk is recursive, and yields from any depth: a generator has a whole stack.
type tree struct {
	left  *tree
	n     int
	right *tree
}

func (t *tree) walk(y *yielder) {
	if t == nil {
		return
	}
	t.left.walk(y)
	y.Yield(t.n)
	t.right.walk(y)
}

func producerConsumer(s *stage) error {
	return s.run(func() error {
		numbers := even(s, prices(s))
		s.say("        consumer: has a pipeline; nothing of it has run yet")
		for n := range numbers.All() {
			s.say("        consumer: gets %d", n)
			if n > 20 {
				s.say("        consumer: has enough, and leaves its loop")
				break
			}
		}
		if err := numbers.Err(); err != nil {
			return err
		}
		root := &tree{&tree{nil, 1, nil}, 2, &tree{&tree{nil, 3, nil}, 4, nil}}
		walk := greenlet.Generate(func(y *yielder) error { root.walk(y); return nil })
		for n := range walk.All() {
			s.say("tree: %d", n)
		}
		return walk.Err()
	})
}
