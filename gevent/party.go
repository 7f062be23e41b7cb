package gevent

import "greenloop/sched"

// A party is one greenlet's wait at one exchange: what it offers, or what it was handed. A greenlet in a Select has
// several, of which one at the most is served, since all have the ticket of the same wait.
type party[T any] struct {
	value  T
	ticket sched.Ticket
	peeks  bool // is only shown what comes
	served bool // value was handed over: nothing can end the wait in another way any more

	line       *parties[T] // nil if it is in none
	next, prev *party[T]
}

// Parties are where they wait, first come, first served. The zero value is empty.
type parties[T any] struct{ first, last *party[T] }

// enter puts p at the end of l, for the next wait of the current greenlet. If p is there already it keeps its place.
func (p *party[T]) enter(l *parties[T], wait sched.Ticket) {
	p.ticket = wait
	if p.line != nil {
		return
	}
	p.line, p.prev = l, l.last
	if l.last != nil {
		l.last.next = p
	} else {
		l.first = p
	}
	l.last = p
}

// leave takes p out of its line, if it is in one.
func (p *party[T]) leave() {
	l := p.line
	if l == nil {
		return
	}
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		l.first = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		l.last = p.prev
	}
	p.line, p.next, p.prev = nil, nil, nil
}

// serve ends the wait of p, which is under way.
func (p *party[T]) serve() {
	p.leave()
	p.served = true
	p.ticket.Ready()
}

// head returns the party that has waited longest. Those in front of it whose wait has ended, by a kill, an error or
// another case of their Select, leave: they just had no turn yet in which to do it themselves.
func (l *parties[T]) head() *party[T] {
	for p := l.first; p != nil; p = l.first {
		if p.ticket.Waits() {
			return p
		}
		p.leave()
	}
	return nil
}

// waiting returns how many wait.
func (l *parties[T]) waiting() int {
	n := 0
	for p := l.first; p != nil; p = p.next {
		if p.ticket.Waits() {
			n++
		}
	}
	return n
}

// dismiss ends all waits, unserved.
func (l *parties[T]) dismiss() {
	for p := l.head(); p != nil; p = l.head() {
		p.leave()
		p.ticket.Ready()
	}
}
