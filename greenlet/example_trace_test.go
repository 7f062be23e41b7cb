package greenlet_test

import (
	"fmt"

	"greenloop/greenlet"
)

func ExampleSetTrace() {
	_ = greenlet.Run(func() error {
		previous := greenlet.SetTrace(func(e greenlet.Event, from, to *greenlet.Greenlet) {
			fmt.Println(e, from, "->", to)
		})
		g := greenlet.New(func(...any) (any, error) {
			fmt.Println("hello")
			return nil, nil
		})
		_, err := g.Switch()
		greenlet.SetTrace(previous)
		return err
	})
	// Output:
	// switch main greenlet 1 (suspended) -> greenlet 2 (current)
	// hello
	// switch greenlet 2 (dead) -> main greenlet 1 (current)
}

// A Tracer that counts, and passes on what it is told to the one that there was before it.
func ExampleTracer() {
	count := func() (stop func() int) {
		n := 0
		var before greenlet.Tracer
		before = greenlet.SetTrace(func(e greenlet.Event, from, to *greenlet.Greenlet) {
			n++
			if before != nil {
				before(e, from, to)
			}
		})
		return func() int {
			greenlet.SetTrace(before)
			return n
		}
	}
	_ = greenlet.Run(func() error {
		outer := count()
		inner := count()
		greenlet.Current().Switch()
		fmt.Println("inner:", inner())
		greenlet.Current().Switch()
		fmt.Println("outer:", outer(), "none left:", greenlet.GetTrace() == nil)
		return nil
	})
	// Output:
	// inner: 1
	// outer: 2 none left: true
}

// What comes with an error, a kill or a panic is a throw; the end of a greenlet is traced, too.
func ExampleEvent() {
	_ = greenlet.Run(func() error {
		main := greenlet.Current()
		g := greenlet.New(func(...any) (any, error) {
			_, err := main.Switch()
			return nil, err
		})
		greenlet.SetTrace(func(e greenlet.Event, _, to *greenlet.Greenlet) {
			if to == main {
				fmt.Println("to main:", e)
				return
			}
			fmt.Println("to g:", e, e == greenlet.EventThrow)
		})
		if _, err := g.Switch(); err != nil {
			return err
		}
		_, err := g.Throw(fmt.Errorf("no more tea"))
		fmt.Println(err)
		return nil
	})
	// Output:
	// to g: switch false
	// to main: switch
	// to g: throw true
	// to main: throw
	// no more tea
}
