package greenlet_test

import (
	"fmt"

	"greenloop/greenlet"
)

var user = greenlet.NewVar("user", "nobody")

func ExampleVar() {
	_ = greenlet.Run(func() error {
		main := greenlet.Current()
		user.Set("Ann")
		g := greenlet.New(func(...any) (any, error) {
			fmt.Println("g begins with", user.Get())
			user.Set("Bob")
			return main.Switch()
		})
		g.Switch()
		fmt.Println("main still has", user.Get())
		return nil
	})
	// Output:
	// g begins with nobody
	// main still has Ann
}

func ExampleVar_With() {
	_ = greenlet.Run(func() error {
		user.With("Ann", func() {
			fmt.Println("inside:", user.Get())
		})
		_, set := user.Lookup()
		fmt.Println("outside:", user.Get(), set)
		return nil
	})
	// Output:
	// inside: Ann
	// outside: nobody false
}

// A greenlet is given a copy of what its maker has, or shares it.
func ExampleVars() {
	_ = greenlet.Run(func() error {
		mine := greenlet.Current().Vars()
		user.Set("Ann")
		rename := func(...any) (any, error) {
			user.Set(user.Get() + "'s child")
			return user.Get(), nil
		}
		copied, sharing := greenlet.New(rename), greenlet.New(rename)
		copied.SetVars(mine.Copy())
		sharing.SetVars(mine)
		fmt.Println(copied.Switch())
		fmt.Println("main:", user.Get())
		fmt.Println(sharing.Switch())
		fmt.Println("main:", user.Get())
		return nil
	})
	// Output:
	// Ann's child <nil>
	// main: Ann
	// Ann's child <nil>
	// main: Ann's child
}
