// Lessons is a course in small steps: what switches in a cooperative program, when, and why a lock may still be needed.
//
//	go run ./examples/lessons                 the list
//	go run ./examples/lessons 7               one lesson: what to look at, what its program prints, what to notice
//	go run ./examples/lessons 7 -source       with the program
//	go run ./examples/lessons all -lang zh    all of them, in Chinese
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A request is what the command line asks for.
type request struct {
	lang   string
	source bool
	which  []int // places in lessons; none: the list
}

var errUsage = errors.New("usage") // what is wrong has been printed

// parse reads the command line. Flags may stand before and after the numbers.
func parse(args []string, errs io.Writer) (r request, err error) {
	flags := flag.NewFlagSet("lessons", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&r.lang, "lang", environment(), "the `language` of the lessons: en or zh")
	flags.BoolVar(&r.source, "source", false, "print the program of the lesson, too")
	var words []string
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return r, err
		} else if err != nil {
			return r, errUsage
		}
		if flags.NArg() == 0 {
			break
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
	if !slices.Contains(languages, r.lang) {
		fmt.Fprintf(errs, "lessons: no lesson in the language %q, only in %q\n", r.lang, languages)
		return r, errUsage
	}
	for _, word := range words {
		n, err := strconv.Atoi(word)
		switch {
		case word == "all":
			for i := range lessons {
				r.which = append(r.which, i)
			}
		case err != nil || n < 1 || n > len(lessons):
			fmt.Fprintf(errs, phrases[r.lang].unknown, word, len(lessons))
			return r, errUsage
		default:
			r.which = append(r.which, n-1)
		}
	}
	return r, nil
}

// environment returns the language that the environment asks for.
func environment() string {
	if strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LANG")), "zh") {
		return "zh"
	}
	return "en"
}

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
		if err := teach(os.Stdout, n, r.lang, r.source); err != nil {
			fmt.Fprintf(os.Stderr, "lessons: %d: %v\n", n+1, err)
			os.Exit(1)
		}
	}
}
