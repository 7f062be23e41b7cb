package teach

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A Request is what the command line asks for, beside the parts.
type Request struct {
	Lang   string // one of Languages
	Source bool   // the source of each part, too
}

// Language returns the language that the environment asks for.
func Language() string {
	if strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LANG")), "zh") {
		return "zh"
	}
	return "en"
}

// Main prints the list, or has show print each part that the command line names. The flags fill r, and exit on an error.
// So does Main: with 2 if it does not understand the command line, with 1 if a part fails.
func (c *Course) Main(flags *flag.FlagSet, r *Request, show func(n int) error) {
	which, err := c.which(operands(flags, os.Args[1:]), r.Lang)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.Name, err)
		os.Exit(2)
	case len(which) == 0:
		c.List(os.Stdout, r.Lang)
	}
	for i, n := range which {
		if i > 0 {
			fmt.Println()
		}
		if err := show(n); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s: %v\n", c.Name, c.Parts[n].Name, err)
			os.Exit(1)
		}
	}
}

// operands parses args, in which flags may stand before and after the words, and returns the words.
func operands(flags *flag.FlagSet, args []string) (words []string) {
	for {
		_ = flags.Parse(args) // exits on an error
		if flags.NArg() == 0 {
			return words
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

// which returns the places of the parts that the words name.
func (c *Course) which(words []string, lang string) (places []int, err error) {
	if !slices.Contains(Languages, lang) {
		return nil, fmt.Errorf("no %s in the language %q, only in %q", c.Noun, lang, Languages)
	}
	for _, word := range words {
		if word == "all" {
			for n := range c.Parts {
				places = append(places, n)
			}
			continue
		}
		n, err := c.Find(word, lang)
		if err != nil {
			return nil, err
		}
		places = append(places, n)
	}
	return places, nil
}
