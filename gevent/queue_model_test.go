package gevent

import (
	"cmp"
	"slices"
	"time"
)

// modelBox is a queue or channel as it should be.
type modelBox struct {
	kind    string
	max     int // -1: a channel
	items   []int
	getters []*modelWait
	putters []*modelWait
	shut    bool
}

// A modelWait is a greenlet that waits for one of some cases. Its outcome is what its call has to return.
type modelWait struct {
	cases []modelCase
	peeks bool
	until time.Duration // 0: no deadline

	over  bool
	which int
	value int
	err   error
}

type modelCase struct {
	box   *modelBox
	put   bool
	value int
}

func (w *modelWait) end(which, value int, err error) {
	w.over, w.which, w.value, w.err = true, which, value, err
	for _, c := range w.cases {
		c.box.getters = without(c.box.getters, w)
		c.box.putters = without(c.box.putters, w)
	}
}

func without(ws []*modelWait, w *modelWait) []*modelWait {
	return slices.DeleteFunc(slices.Clone(ws), func(o *modelWait) bool { return o == w })
}

// which returns the first case of w that is about b in that way.
func (w *modelWait) caseOf(b *modelBox, put bool) int {
	return slices.IndexFunc(w.cases, func(c modelCase) bool { return c.box == b && c.put == put })
}

func (b *modelBox) insert(v int) {
	b.items = append(b.items, v)
	if b.kind == "PriorityQueue" {
		slices.SortStableFunc(b.items, byPriority)
	}
}

// byPriority makes different items equal, so that their order shows.
func byPriority(a, b int) int { return cmp.Compare(a%4, b%4) }

func (b *modelBox) front() int {
	if b.kind == "LifoQueue" {
		return len(b.items) - 1
	}
	return 0
}

func (b *modelBox) put(v int) error {
	if b.shut {
		return ErrShutdown
	}
	for len(b.getters) > 0 {
		g := b.getters[0]
		g.end(g.caseOf(b, false), v, nil)
		if !g.peeks {
			return nil
		}
	}
	if b.max != 0 && len(b.items) >= b.max {
		return ErrFull
	}
	b.insert(v)
	return nil
}

func (b *modelBox) get() (int, error) {
	if len(b.items) == 0 && len(b.putters) == 0 {
		if b.shut {
			return 0, ErrShutdown
		}
		return 0, ErrEmpty
	}
	v, i := 0, b.front()
	if len(b.items) > 0 {
		v = b.items[i]
		b.items = slices.Delete(b.items, i, i+1)
	}
	if len(b.putters) > 0 {
		p := b.putters[0]
		which := p.caseOf(b, true)
		if p.end(which, 0, nil); b.max < 0 {
			return p.cases[which].value, nil
		}
		b.insert(p.cases[which].value)
	}
	return v, nil
}

func (b *modelBox) peek() (int, error) {
	switch {
	case len(b.items) > 0:
		return b.items[b.front()], nil
	case b.shut:
		return 0, ErrShutdown
	}
	return 0, ErrEmpty
}

// begin does one of the cases, or lets w wait.
func (w *modelWait) begin() {
	for i, c := range w.cases {
		var v int
		var err error
		switch {
		case w.peeks:
			v, err = c.box.peek()
		case c.put:
			err = c.box.put(c.value)
		default:
			v, err = c.box.get()
		}
		if err != ErrEmpty && err != ErrFull {
			w.end(i, v, err)
			return
		}
	}
	for _, c := range w.cases {
		if c.put {
			c.box.putters = append(c.box.putters, w)
		} else {
			c.box.getters = append(c.box.getters, w)
		}
	}
}

func (b *modelBox) shutdown(immediate bool) {
	if immediate {
		b.items = nil
	}
	b.shut = true
	for _, w := range slices.Concat(b.getters, b.putters) {
		if !w.over {
			w.end(slices.IndexFunc(w.cases, func(c modelCase) bool { return c.box == b }), 0, ErrShutdown)
		}
	}
}
