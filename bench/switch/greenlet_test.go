package switching

import (
	"testing"

	"greenloop/greenlet"
)

// greenletRing is a ring of greenlets that pass a value on; the goroutine's own is a member, too.
type greenletRing struct {
	first *greenlet.Greenlet
	token any
}

func newGreenletRing(size int) ring {
	r := &greenletRing{token: &greenletRing{}}
	next := greenlet.Current()
	for range size - 1 {
		to := next
		next = greenlet.New(func(args ...any) (any, error) {
			for v := args[0]; ; {
				v, _ = to.Switch(v)
			}
		})
	}
	r.first = next
	r.first.Switch(r.token) // all have started
	return r
}

func (r *greenletRing) Run(rounds int) {
	for range rounds {
		r.first.Switch(r.token)
	}
}

func (r *greenletRing) Close() { _ = greenlet.Leave() }

func BenchmarkGreenlet(b *testing.B) { benchmarkRings(b, newGreenletRing) }
