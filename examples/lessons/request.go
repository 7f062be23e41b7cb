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
	trace  bool
	html   bool
	dir    string // of the pages, which are not opened then
	which  []int  // places in lessons; none: the list
}

var errUsage = errors.New("usage") // what is wrong has been printed

// parse reads the command line. Flags may stand before and after the numbers.
func parse(args []string, errs io.Writer) (r request, err error) {
	flags := flag.NewFlagSet("lessons", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&r.lang, "lang", environment(), "the `language` of the lessons: en or zh")
	flags.BoolVar(&r.source, "source", false, "print the program of the lesson, too")
	flags.BoolVar(&r.trace, "trace", false, "print the timeline of the lesson's hub: who ran, who waited, who woke whom")
	flags.BoolVar(&r.html, "html", false, "open a page that steps through the same, forward and back")
	flags.StringVar(&r.dir, "dir", "", "write the pages of -html into this `directory`, and do not open them")
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
