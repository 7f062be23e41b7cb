package gevent

// A Waitable is what Wait and IWait accept, and what a link is made to: something that becomes ready.
type Waitable interface {
	// Ready reports whether a wait for it would end at once. Hub thread only.
	Ready() bool

	observe(o *observer) // o.notify is called once, when it becomes ready; at the next chance if it is
	ignore(o *observer)  // not any more
}

// An observer is told once that something has become ready. It is in one list at the most.
type observer struct {
	notify     func() // in the loop or in whoever made it ready: it must not wait
	list       *observers
	next, prev *observer
}

// observers are those of one thing, in the order in which they came. The zero value is empty.
type observers struct{ first, last *observer }

func (l *observers) empty() bool { return l.first == nil }

func (l *observers) add(o *observer) {
	if o.list != nil {
		panic("gevent: an observer of two things; please file a bug")
	}
	o.list, o.prev = l, l.last
	if l.last != nil {
		l.last.next = o
	} else {
		l.first = o
	}
	l.last = o
}

// remove takes o out, if it is in l.
func (l *observers) remove(o *observer) {
	if o.list != l {
		return
	}
	if o.prev != nil {
		o.prev.next = o.next
	} else {
		l.first = o.next
	}
	if o.next != nil {
		o.next.prev = o.prev
	} else {
		l.last = o.prev
	}
	o.list, o.next, o.prev = nil, nil, nil
}

// tell notifies all that are there now, in order, and forgets them. One of them may remove others, which are then not told.
func (l *observers) tell() {
	if l.first == nil {
		return
	}
	var end observer // what is added meanwhile goes behind it
	l.add(&end)
	for {
		o := l.first
		l.remove(o)
		if o == &end {
			return
		}
		o.notify()
	}
}
