// Processes is a handful of first programs with several processes: what they share, what they send one another, and what
// becomes of those who wait when another one ends.
//
//	go run ./examples/processes                       the list
//	go run ./examples/processes tickets               one program: what to look at, what it prints, what to notice
//	go run ./examples/processes tickets -source       with its source
//	go run ./examples/processes all -lang zh          all of them, in Chinese
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	mp "greenloop/gevent/multiprocessing"
)

func main() {
	mp.Main() // the life of a child is in here: below, there is the parent alone
	r, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(2)
	case len(r.which) == 0:
		list(os.Stdout, r.lang)
	}
	for i, p := range r.which {
		if i > 0 {
			fmt.Println()
		}
		if err := show(os.Stdout, p, r); err != nil {
			fmt.Fprintf(os.Stderr, "processes: %s: %v\n", p.name, err)
			os.Exit(1)
		}
	}
}
