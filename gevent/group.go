package gevent

// A Group is a set of greenlets that one can wait for, and end, together. A member leaves when it ends. The zero value
// is an empty group; it must not be copied. What one greenlet of the group does concerns no other; for that, see
// Nursery.
type Group struct{ members }

// Workers are what can run functions in greenlets of its own: a *Group, without a limit; a *Pool, so many at a time; a
// *Nursery, where the failure of one ends all.
type Workers interface {
	Len() int
	Contains(g *Greenlet) bool

	// start starts g as a member, once there is a place. The error is that of the wait.
	start(call string, g *Greenlet, fn func() error) error
	// startNow is start if there is a place, and reports false if not.
	startNow(call string, g *Greenlet, fn func() error) bool
}

// Spawn is the function Spawn for a new member. Hub thread only.
func (p *Group) Spawn(fn func() error) *Greenlet {
	g := new(Greenlet)
	p.startNow("Group.Spawn", g, fn)
	return g
}

// Add makes gs members. One that has ended, or is a member already, is passed over. A greenlet may be in several
// groups. Hub thread only.
func (p *Group) Add(gs ...*Greenlet) {
	p.at("Group.Add")
	for _, g := range gs {
		g.mustBeOurs("Add")
		if !g.Ready() && !p.Contains(g) {
			p.enter(g)
		}
	}
}

// Discard takes g out without ending it. It does nothing if g is no member. Hub thread only.
func (p *Group) Discard(g *Greenlet) {
	p.at("Group.Discard")
	p.discard(g)
}

// Full reports that there is a place: a group has no limit, unlike a Pool.
func (p *Group) Full() bool { return false }

// WaitAvailable does not wait: a group has no limit, unlike a Pool.
func (p *Group) WaitAvailable() error { return nil }

func (p *Group) start(call string, g *Greenlet, fn func() error) error {
	p.startNow(call, g, fn)
	return nil
}

func (p *Group) startNow(call string, g *Greenlet, fn func() error) bool {
	g.start(p.at(call), "", fn)
	p.enter(g)
	return true
}
