package greenlet

import (
	"testing"
)

// Two Kills of one greenlet, which switches away in its deferred functions, wait at once, and the older one returns first:
// it has no claim on the end any more, when the other returns, too.
func TestKillThatHasReturnedDoesNotGetTheEnd(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		var a, b *Greenlet
		g := New(func(...any) (any, error) {
			defer main.Switch("g waits 3")
			defer func() { a.Switch("g waits 2") }()
			defer func() { b.Switch("g waits 1") }()
			return main.Switch()
		})
		a = New(func(...any) (any, error) {
			l.got("a")(g.Kill())
			b.Switch("from a")
			l.add("never")
			return nil, nil
		})
		b = New(func(...any) (any, error) {
			l.got("b")(g.Kill())
			return main.Switch("b is done")
		})
		g.Switch()
		l.got("main")(a.Switch())
		l.got("main")(g.Switch())
		l.got("main")(g.Switch())
		return nil
	})
	l.is("a got g waits 2 <nil>", "b got from a <nil>", "main got b is done <nil>", "main got g waits 3 <nil>",
		"main got greenlet: exit <nil>")
}

// The newer one returns first: the older one still waits for the end, and gets it.
func TestKillThatWaitsGetsTheEnd(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		var b *Greenlet
		g := New(func(...any) (any, error) {
			defer func() { b.Switch("g waits 2") }()
			defer func() { b.Switch() }()
			return main.Switch()
		})
		a := New(func(...any) (any, error) {
			l.got("a")(g.Kill())
			return nil, nil
		})
		b = New(func(...any) (any, error) {
			l.got("b")(g.Kill())
			return main.Switch("b is done")
		})
		g.Switch()
		l.got("main")(a.Switch())
		l.got("main")(g.Switch())
		return nil
	})
	l.is("b got g waits 2 <nil>", "main got b is done <nil>", "a got greenlet: exit <nil>", "main got <nil> <nil>")
}
