package gevent

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"greenloop/sched"
)

// members are the greenlets of a Group, a Pool or a Nursery. One that has ended is none any more.
type members struct {
	home
	set     map[*Greenlet]*member
	oldest  *member // of those in set, which are a list in the order in which they came
	newest  *member
	came    uint64 // how many, ever
	emptied uint64 // how often the last one left
	change  sched.WaitQueue
	killing int           // calls of Kill that go on: who comes meanwhile is killed, too
	killErr error         // with this
	left    func(*member) // told of each that leaves; nil for a Group
	getting []*[]error    // where the errors of those who leave are wanted
}

// A member is one stay of a greenlet.
type member struct {
	g            *Greenlet
	older, newer *member
	observer     observer
	killed       bool
	asks         bool // for a place in the pool of which it is a member
}

// enter makes g a member until it ends.
func (p *members) enter(g *Greenlet) {
	if p.set == nil {
		p.set = make(map[*Greenlet]*member)
	}
	p.came++
	m := &member{g: g, older: p.newest}
	if p.newest == nil {
		p.oldest = m
	} else {
		p.newest.newer = m
	}
	p.newest = m
	m.observer.notify = func() { p.leave(m) }
	p.set[g] = m
	g.observe(&m.observer)
	if p.killing > 0 {
		m.kill(p.killErr)
	}
}

func (p *members) leave(m *member) {
	delete(p.set, m.g)
	p.unlink(m)
	if m.g.Ready() {
		if err := m.g.failed(); err != nil {
			for _, errs := range p.getting {
				*errs = append(*errs, err)
			}
		}
	}
	if p.left != nil {
		p.left(m)
	}
	if len(p.set) == 0 {
		p.emptied++
	}
	if len(p.set) == 0 || p.killing > 0 { // a Kill by a member waits for the others only
		p.change.WakeAll()
	}
}

func (p *members) unlink(m *member) {
	if m.older == nil {
		p.oldest = m.newer
	} else {
		m.older.newer = m.newer
	}
	if m.newer == nil {
		p.newest = m.older
	} else {
		m.newer.older = m.older
	}
	m.older, m.newer = nil, nil
}

// kill hits each member once, however often its group is killed.
func (m *member) kill(err error) {
	if !m.killed {
		m.killed = true
		m.g.KillWithAsync(err)
	}
}

func (p *members) discard(g *Greenlet) {
	if m := p.set[g]; m != nil {
		g.ignore(&m.observer)
		p.leave(m)
	}
}

// Len returns how many members there are. Hub thread only.
func (p *members) Len() int { return len(p.set) }

// Contains reports whether g is a member. Hub thread only.
func (p *members) Contains(g *Greenlet) bool { return p.set[g] != nil }

// All returns the present members in the order in which they came. The body of the loop may wait; who has left
// meanwhile is passed over. Hub thread only.
func (p *members) All() iter.Seq[*Greenlet] {
	return func(yield func(*Greenlet) bool) {
		for _, m := range p.sorted() {
			if p.set[m.g] == m && !yield(m.g) {
				return
			}
		}
	}
}

// sorted returns the members in the order in which they came.
func (p *members) sorted() []*member {
	all := make([]*member, 0, len(p.set))
	for m := p.oldest; m != nil; m = m.newer {
		all = append(all, m)
	}
	return all
}

// Join waits until there is no member, however they end, at least for a moment. Its error is that of the wait, thrown
// at the caller. Those who wait are woken in the order of their calls. A member that joins waits for itself. Parks. Hub
// thread only.
func (p *members) Join() error { return p.join(p.at("Join"), sched.Never) }

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets all
// run that is ready. Parks. Hub thread only.
func (p *members) JoinTimeout(d time.Duration) error {
	h := p.at("JoinTimeout")
	return p.join(h, p.patience(h, d))
}

// patience returns the deadline of a call that is to take d at the most, after the one chance that a d of zero leaves.
func (p *members) patience(h *Hub, d time.Duration) time.Duration {
	if d <= 0 && len(p.set) > 0 {
		h.sched.Yield()
	}
	return h.sched.After(d)
}

func (p *members) join(h *Hub, deadline time.Duration) error {
	for emptied := p.emptied; len(p.set) > 0 && p.emptied == emptied; {
		if err := p.change.WaitUntil(h.sched, (*membersEnd)(p), deadline); err != nil {
			return err
		}
	}
	return nil
}

// Get is Join that returns the errors of those members that have ended meanwhile, joined in that order; being killed is
// none. If the wait itself is ended by an error thrown at the caller, that is returned. Parks. Hub thread only.
func (p *members) Get() error { return p.get(p.Join) }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (p *members) GetTimeout(d time.Duration) error {
	return p.get(func() error { return p.JoinTimeout(d) })
}

func (p *members) get(join func() error) error {
	var errs []error
	p.getting = append(p.getting, &errs)
	defer func() {
		p.getting = slices.DeleteFunc(p.getting, func(e *[]error) bool { return e == &errs })
	}()
	if err := join(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// Kill kills all members, also those that come while it waits, and waits until none is left. Each is killed once,
// however often Kill is called. If the caller is a member, it comes last, and Kill does not return. The error is that
// of the wait, as with Join. Parks. Hub thread only.
func (p *members) Kill() error { return p.kill(p.at("Kill"), nil, sched.Never) }

// KillWith is Kill with an error of one's own, see Greenlet.KillWith. Parks. Hub thread only.
func (p *members) KillWith(err error) error { return p.kill(p.at("KillWith"), err, sched.Never) }

// KillTimeout is Kill that waits no longer than d, and returns ErrTimeout if some members go on longer. Parks. Hub
// thread only.
func (p *members) KillTimeout(d time.Duration) error {
	h := p.at("KillTimeout")
	p.killOthers(nil)
	return p.kill(h, nil, p.patience(h, d))
}

// KillAsync kills the present members and does not wait; it kills the caller last, if that is one. Hub thread only.
func (p *members) KillAsync() {
	p.at("KillAsync")
	self := p.killOthers(nil)
	if self != nil {
		self.kill(nil)
	}
}

func (p *members) kill(h *Hub, err error, deadline time.Duration) error {
	self := p.killOthers(err)
	rest := 0
	if self != nil {
		rest = 1
	}
	p.killing, p.killErr = p.killing+1, err
	defer func() { p.killing-- }()
	for len(p.set) > rest {
		if err := p.change.WaitUntil(h.sched, (*membersEnd)(p), deadline); err != nil {
			return err
		}
	}
	if self != nil {
		self.g.KillWithAsync(err)
	}
	return nil
}

// killOthers kills all members but the caller, whose membership it returns.
func (p *members) killOthers(err error) (self *member) {
	current := Current()
	for _, m := range p.sorted() {
		if m.g == current {
			self = m
		} else {
			m.kill(err)
		}
	}
	return self
}

// membersEnd is what those wait for who wait for the end of all members.
type membersEnd members

func (r *membersEnd) String() string {
	if len(r.set) == 1 {
		return "end of 1 member"
	}
	return fmt.Sprintf("end of %d members", len(r.set))
}

// Holders returns the members, the oldest if there are many.
func (r *membersEnd) Holders() []*sched.Task { return (*members)(r).tasks() }

// maxHolders is how many members are told as holders, which are asked for once for each task that waits for them: with
// all of them, a report of thousands that wait for thousands would hold up the hub for seconds.
const maxHolders = 16

func (p *members) tasks() (tasks []*sched.Task) {
	for m := p.oldest; m != nil && len(tasks) < maxHolders; m = m.newer {
		tasks = append(tasks, &m.g.task)
	}
	return tasks
}
