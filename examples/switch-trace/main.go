// Switch-trace is the program of the example greenlet, told by a Tracer: each transfer of control is a line with an arrow,
// in the column of the greenlet that goes on. What that one says itself stands below.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"greenloop/greenlet"
)

// A timeline has a column for each greenlet that it knows.
type timeline struct {
	say     text
	columns []*greenlet.Greenlet
}

var names = []string{"main", "a", "b"} // of the columns

// add prints a line in the column of the current greenlet.
func (t *timeline) add(format string, args ...any) {
	indent := 16 * slices.Index(t.columns, greenlet.Current())
	fmt.Printf(strings.Repeat(" ", indent)+format+"\n", args...)
}

// trace is the Tracer. It runs in to, which is the current greenlet by then; its Switch returns, or it starts, afterwards.
func (t *timeline) trace(e greenlet.Event, from, to *greenlet.Greenlet) {
	ended := ""
	if from.Dead() {
		ended = t.say.ended
	}
	t.add("<- %s: %v%s", names[slices.Index(t.columns, from)], e, ended)
}

func lesson(say text) error {
	var a, b *greenlet.Greenlet
	main := greenlet.Current()
	t := &timeline{say: say}

	a = greenlet.New(func(args ...any) (any, error) {
		t.add(say.starts, args[0])
		got, err := b.Switch(args[0].(int) + 1)
		if err != nil {
			return nil, err
		}
		t.add(say.got, got)
		return say.done, nil
	})

	b = greenlet.New(func(args ...any) (any, error) {
		t.add(say.starts, args[0])
		got, err := a.Switch(args[0].(int)+1, 42)
		if err != nil {
			return nil, err
		}
		t.add(say.got, got)
		_, err = main.Switch(say.thanks)
		t.add(say.failed, err)
		return nil, fmt.Errorf(say.gone, err)
	})

	t.columns = []*greenlet.Greenlet{main, a, b}
	fmt.Printf("%-16s%-16s%s\n", names[0], names[1], names[2])
	greenlet.SetTrace(t.trace)
	for _, step := range []func() (any, error){
		func() (any, error) { return a.Switch(1) },
		func() (any, error) { return b.Switch(say.tea) },
		func() (any, error) { return b.Throw(errors.New(say.closing)) },
		func() (any, error) { return a.Switch(say.tea) }, // a is dead: its parent takes its place
	} {
		if got, err := step(); err != nil {
			t.add(say.failed, err)
		} else {
			t.add(say.got, got)
		}
	}
	return nil
}

func main() {
	lang := flag.String("lang", "en", "the `language` of the lesson: en or zh")
	flag.Parse()
	say, ok := texts[*lang]
	if !ok {
		known := slices.Sorted(maps.Keys(texts))
		fmt.Fprintf(os.Stderr, "switch-trace: no lesson in the language %q, only in %q\n", *lang, known)
		os.Exit(2)
	}
	fmt.Print(say.title)
	if err := greenlet.Run(func() error { return lesson(say) }); err != nil {
		fmt.Fprintln(os.Stderr, "switch-trace:", err)
		os.Exit(1)
	}
}
