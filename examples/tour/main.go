// Tour shows in a few seconds what greenloop does: each step prints what happens and what to see in it.
package main

import (
	"fmt"
	"os"
)

func main() {
	for i, step := range []struct {
		title, lesson string
		run           func() error
	}{
		{"A generator: who makes a bun, who eats it",
			"The producer stops in the middle of its loop at each Yield, and goes on when the next bun is asked for.", buns},
		{"Greenlets: ping-pong by hand",
			"No scheduler: each says by name who runs next, and a value goes over with the switch.", pingPong},
		{"An echo server and 1,000 clients at once, on one OS thread",
			"Each line of the code below blocks, as it reads; what really waits is one greenlet, and the thread serves the others.", echo},
		{"A kill and a timeout",
			"A killed greenlet runs its deferred functions, and these may wait. A wait that takes too long comes back with an error.", killAndTimeout},
		{"A deadlock",
			"When all wait for what cannot come, the program does not hang: it says who waits for what, and where it was spawned.", deadlock},
	} {
		fmt.Printf("%d. %s\n   %s\n\n", i+1, step.title, step.lesson)
		if err := step.run(); err != nil {
			fmt.Fprintln(os.Stderr, "tour:", err)
			os.Exit(1)
		}
		fmt.Println()
	}
	fmt.Println("That was it. README.md has a first program to start from.")
}
