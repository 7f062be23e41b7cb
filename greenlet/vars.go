package greenlet

import "maps"

// A Var is a variable that has a value in each greenlet: Python's ContextVar. What it is in a greenlet is told by the
// greenlet's Vars: a new one has none of its own, so that all variables have their initial value; it can be given a copy of another one's
// Vars, or share them. Make it with NewVar, once, in a package-level variable.
//
// A generator has no Vars: it sees those of the greenlet that asks it. The methods are for a thread that has greenlets; at the
// first use elsewhere the main one is made, as New does.
type Var[T any] struct {
	name    string
	initial T
}

// NewVar makes a variable; its name is for reports. Safe from any goroutine.
func NewVar[T any](name string, initial T) *Var[T] { return &Var[T]{name, initial} }

// Name returns the name given to NewVar. Safe from any goroutine.
func (v *Var[T]) Name() string { return v.name }

// Get returns the value in the current greenlet, the initial one if none was set there.
func (v *Var[T]) Get() T {
	value, _ := v.Lookup()
	return value
}

// Lookup is Get, and reports whether the value was set.
func (v *Var[T]) Lookup() (value T, set bool) {
	if c := enter().here().vars; c != nil {
		if value, set := c.values[v]; set {
			value, _ := value.(T) // a T that is a nil interface is stored as nil
			return value, true
		}
	}
	return v.initial, false
}

// Set sets the value in the current greenlet, and in those that share its Vars.
func (v *Var[T]) Set(value T) { enter().here().context().set(v, value) }

// Unset takes back Set: the value is the initial one again.
func (v *Var[T]) Unset() {
	if c := enter().here().vars; c != nil {
		c.own()
		delete(c.values, v)
	}
}

// With calls fn with the value set, and makes it what it was before when fn has ended, in whatever way. The Vars are those
// that the greenlet has at the call, also if it is given others meanwhile; nothing depends on the order in
// which several greenlets come back from With.
func (v *Var[T]) With(value T, fn func()) {
	c := enter().here().context()
	before, had := c.values[v]
	c.set(v, value)
	defer func() {
		if had {
			c.set(v, before)
			return
		}
		c.own()
		delete(c.values, v)
	}()
	fn()
}

// Vars are the values of all variables in one greenlet, or in several that share them: Python's Context. The zero value
// has none set. They are for one thread; Copy is for others.
type Vars struct {
	values map[any]any // by *Var
	lent   bool        // a copy has the same map, which is not to be written any more
}

// Copy returns Vars with the same values, which are independent from then on. It costs next to nothing: the values are
// copied when one of the two is changed.
func (c *Vars) Copy() *Vars {
	if len(c.values) == 0 {
		return new(Vars)
	}
	c.lent = true
	return &Vars{c.values, true}
}

// Len returns how many variables are set.
func (c *Vars) Len() int { return len(c.values) }

func (c *Vars) set(v, value any) {
	c.own()
	if c.values == nil {
		c.values = map[any]any{}
	}
	c.values[v] = value
}

// own makes sure that the map is c's alone.
func (c *Vars) own() {
	if c.lent {
		c.values, c.lent = maps.Clone(c.values), false
	}
}

// Vars returns the Vars of g, which it and all that were given the same have in common.
func (g *Greenlet) Vars() *Vars {
	g.local("Vars")
	return g.flow.context()
}

// SetVars gives g other Vars: new(Vars) to be isolated, as each new greenlet is, a Copy of those of another greenlet to begin
// with its values, or the very Vars of another one to share them. It may be called at any time; nil stands for new(Vars).
func (g *Greenlet) SetVars(c *Vars) {
	g.local("SetVars").hasVars = true
	g.flow.vars = c
}

func (f *flow) context() *Vars {
	if f.vars == nil {
		f.tree.local.hasVars = true
		f.vars = new(Vars)
	}
	return f.vars
}

// CopyVars returns a copy of the current greenlet's Vars, nil if none is set there: for schedulers whose tasks begin with the
// values of the one that spawns them. It costs a look-up of the thread where no Vars are in use. May be called on any goroutine.
func CopyVars() *Vars {
	l := lookup()
	if l == nil || !l.hasVars {
		return nil
	}
	c := l.here().vars
	if c == nil || c.Len() == 0 {
		return nil
	}
	return c.Copy()
}
