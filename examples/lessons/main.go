// Lessons is a course in small steps: what switches in a cooperative program, when, and why a lock may still be needed.
//
//	go run ./examples/lessons                 the list
//	go run ./examples/lessons 7               one lesson: what to look at, what its program prints, what to notice
//	go run ./examples/lessons 7 -source       with the program
//	go run ./examples/lessons 7 -trace        with the timeline of what the scheduler did
//	go run ./examples/lessons 7 -html         and as a page that steps through it, forward and back
//	go run ./examples/lessons all -lang zh    all of them, in Chinese
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	r, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(2)
	case len(r.which) == 0:
		list(os.Stdout, r.lang)
	}
	for i, n := range r.which {
		if i > 0 {
			fmt.Println()
		}
		if err := teach(os.Stdout, n, r); err != nil {
			fmt.Fprintf(os.Stderr, "lessons: %d: %v\n", n+1, err)
			os.Exit(1)
		}
	}
}
