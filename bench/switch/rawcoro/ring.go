//go:build rawcoro

package rawcoro

// Ring is a circle of goroutines that hand the CPU round by one swap each.
// Member 0 is whoever calls Run, always the same goroutine.
type Ring struct {
	at      []*slot // where each member sits while suspended
	closing bool
	ended   []bool
}

// NewRing makes a ring of so many members, the caller being the first.
func NewRing(size int) *Ring {
	r := &Ring{at: make([]*slot, size), ended: make([]bool, size)}
	for i := 1; i < size; i++ {
		r.at[i] = newSlot(func(*slot) { r.member(i) })
	}
	return r
}

func (r *Ring) member(i int) {
	next := (i + 1) % len(r.at)
	for !r.closing {
		r.pass(i, next)
	}
	r.ended[i] = true
}

// pass switches from one member to another: one sits down where the other sat.
func (r *Ring) pass(from, to int) {
	s := r.at[to]
	r.at[from] = s
	swap(s)
}

// Run passes the CPU round so many times.
func (r *Ring) Run(rounds int) {
	for range rounds {
		r.pass(0, 1)
	}
}

// Close ends all members. Each, when it ends, wakes the one in the slot that it
// was made with; that chain comes back to the caller, who sits in one of those
// slots, after some of the members: so it is started until all have ended.
func (r *Ring) Close() {
	r.closing = true
	for i := 1; i < len(r.at); i++ {
		if !r.ended[i] {
			swap(r.at[i])
		}
	}
}
