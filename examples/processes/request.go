package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// A request is what the command line asks for.
type request struct {
	lang   string
	source bool
	which  []program // none: the list
}

var errUsage = errors.New("usage") // what is wrong has been printed

// parse reads the command line. Flags may stand before and after the names.
func parse(args []string, errs io.Writer) (r request, err error) {
	flags := flag.NewFlagSet("processes", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&r.lang, "lang", environment(), "the `language`: en or zh")
	flags.BoolVar(&r.source, "source", false, "print the source of the program, too")
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
		fmt.Fprintf(errs, "processes: no text in the language %q, only in %q\n", r.lang, languages)
		return r, errUsage
	}
	for _, word := range words {
		at := slices.IndexFunc(programs, func(p program) bool { return p.name == word })
		switch {
		case word == "all":
			r.which = append(r.which, programs...)
		case at < 0:
			fmt.Fprintf(errs, phrases[r.lang].unknown, word, known())
			return r, errUsage
		default:
			r.which = append(r.which, programs[at])
		}
	}
	return r, nil
}

func known() string {
	var all []string
	for _, p := range programs {
		all = append(all, p.name)
	}
	return strings.Join(append(all, "all"), ", ")
}

// environment returns the language that the environment asks for.
func environment() string {
	if strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LANG")), "zh") {
		return "zh"
	}
	return "en"
}
