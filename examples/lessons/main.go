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
	"flag"
	"os"

	"greenloop/examples/internal/teach"
)

// A request is what the command line asks for.
type request struct {
	teach.Request
	trace bool
	html  bool
	dir   string // of the pages, which are not opened then
}

func main() {
	var r request
	flags := flag.NewFlagSet("lessons", flag.ExitOnError)
	flags.StringVar(&r.Lang, "lang", teach.Language(), "the `language` of the lessons: en or zh")
	flags.BoolVar(&r.Source, "source", false, "print the program of the lesson, too")
	flags.BoolVar(&r.trace, "trace", false, "print the timeline of the lesson's hub: who ran, who waited, who woke whom")
	flags.BoolVar(&r.html, "html", false, "open a page that steps through the same, forward and back")
	flags.StringVar(&r.dir, "dir", "", "write the pages of -html into this `directory`, and do not open them")
	course.Main(flags, &r.Request, func(n int) error { return show(os.Stdout, n, r) })
}
