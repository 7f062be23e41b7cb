// Greenlet is a lesson in one thread: two functions that switch to one another by name, each on a stack of its own.
//
// Three things to see. A switch goes where it says, and whoever makes it stops there. What it returns is what somebody
// sends later, and has nothing to do with what it sent itself. When a greenlet ends, its parent goes on: the one that
// made it, here main, whoever resumed it last.
//
// The example switch-trace makes the same switches, and shows each.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"

	"greenloop/greenlet"
)

func lesson(say text) error {
	var a, b *greenlet.Greenlet
	main := greenlet.Current()

	a = greenlet.New(func(args ...any) (any, error) {
		n := args[0].(int)
		fmt.Printf(say.aStarts, n)
		got, err := b.Switch(n + 1) // the first switch to b: calls its function
		if err != nil {
			return nil, err
		}
		fmt.Printf(say.aGets, got)
		return say.aDone, nil // goes to main, although b was the last to resume a
	})

	b = greenlet.New(func(args ...any) (any, error) {
		n := args[0].(int)
		fmt.Printf(say.bStarts, n)
		got, err := a.Switch(n+1, 42) // a goes on in its Switch, which returns the two
		if err != nil {
			return nil, err
		}
		fmt.Printf(say.bGets, got) // from main: what b has sent to a is a's
		got, err = main.Switch(say.thanks)
		fmt.Printf(say.bThrown, got, err)
		return nil, fmt.Errorf(say.bDone, err)
	})

	fmt.Printf(say.mainStarts, 1)
	got, err := a.Switch(1)
	if err != nil {
		return err
	}
	fmt.Printf(say.mainGets, got)
	fmt.Printf(say.states, a, b)

	fmt.Printf(say.mainSends, say.tea)
	if got, err = b.Switch(say.tea); err != nil {
		return err
	}
	fmt.Printf(say.mainGets, got)

	fmt.Printf(say.mainThrows, say.closing)
	_, err = b.Throw(errors.New(say.closing))
	fmt.Printf(say.mainError, err)
	fmt.Printf(say.states, a, b)

	fmt.Print(say.mainDead)
	got, err = a.Switch(say.tea) // a is dead: its parent stands in for it, and that is who asks
	fmt.Printf(say.mainGets, got)
	return err
}

func main() {
	lang := flag.String("lang", "en", "the `language` of the lesson: en or zh")
	flag.Parse()
	say, ok := texts[*lang]
	if !ok {
		known := slices.Sorted(maps.Keys(texts))
		fmt.Fprintf(os.Stderr, "greenlet: no lesson in the language %q, only in %q\n", *lang, known)
		os.Exit(2)
	}
	fmt.Print(say.title)
	if err := greenlet.Run(func() error { return lesson(say) }); err != nil {
		fmt.Fprintln(os.Stderr, "greenlet:", err)
		os.Exit(1)
	}
}
