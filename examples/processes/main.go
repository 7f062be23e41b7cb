// Processes is a handful of first programs with several processes: what they share, what they send one another, and what
// becomes of those who wait when another one ends.
//
//	go run ./examples/processes                       the list
//	go run ./examples/processes tickets               one program: what to look at, what it prints, what to notice
//	go run ./examples/processes tickets -source       with its source
//	go run ./examples/processes all -lang zh          all of them, in Chinese
package main

import (
	"flag"
	"os"

	"greenloop/examples/internal/teach"
	mp "greenloop/gevent/multiprocessing"
)

func main() {
	mp.Main() // the life of a child is in here: below, there is the parent alone
	var r teach.Request
	flags := flag.NewFlagSet("processes", flag.ExitOnError)
	flags.StringVar(&r.Lang, "lang", teach.Language(), "the `language`: en or zh")
	flags.BoolVar(&r.Source, "source", false, "print the source of the program, too")
	course.Main(flags, &r, func(n int) error {
		return course.Show(os.Stdout, n, r, func(words teach.Words) error { return programs[n].run(stage{{os.Stdout, words}}) })
	})
}
