// Generator is a lesson in one thread: who makes a bun, who eats it, and who runs when.
//
// The eater is a coroutine that receives: it stops at its Yield until it is sent a bun. The baker is a plain function that
// drives it: Next wakes it up, Send hands over a bun, Close ends it.
//
// In a class: cover the output, and say after each line who runs next.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"

	"greenloop/greenlet"
)

// A Bun is what goes from the baker to the eater; what comes back is what the eater says of it.
type Bun struct {
	Number  int
	Filling string
}

// eater returns somebody who eats all buns that are sent. Nothing of it runs before the first Next.
func eater(say text) *greenlet.Generator[string, Bun] {
	return greenlet.Generate(func(y *greenlet.Yielder[string, Bun]) error {
		defer fmt.Print(say.leaves)
		fmt.Print(say.sits)
		for answer := say.hungry; ; {
			fmt.Printf(say.yields, answer)
			bun := y.Yield(answer) // stops here: the baker runs until it sends the next bun
			fmt.Printf(say.eats, bun.Number, bun.Filling)
			answer = fmt.Sprintf(say.verdict, bun.Number)
		}
	})
}

// bake makes a bun of each filling, and hands each over before it makes the next.
func bake(say text) error {
	e := eater(say)
	fmt.Print(say.opens)
	answer, _ := e.Next() // a generator that has not started waits in no Yield, so it can be sent nothing
	fmt.Printf(say.hears, answer)
	for i, filling := range say.fillings {
		bun := Bun{i + 1, filling}
		fmt.Printf(say.bakes, bun.Number, bun.Filling)
		answer, err := e.Send(bun) // stops here: the eater runs until its next Yield
		if err != nil {
			return err
		}
		fmt.Printf(say.hears, answer)
	}
	fmt.Print(say.closes)
	err := e.Close()
	fmt.Print(say.ends)
	return err
}

func main() {
	lang := flag.String("lang", "en", "the `language` of the lesson: en or zh")
	flag.Parse()
	say, ok := texts[*lang]
	if !ok {
		known := slices.Sorted(maps.Keys(texts))
		fmt.Fprintf(os.Stderr, "generator: no lesson in the language %q, only in %q\n", *lang, known)
		os.Exit(2)
	}
	fmt.Print(say.title)
	if err := bake(say); err != nil {
		fmt.Fprintln(os.Stderr, "generator:", err)
		os.Exit(1)
	}
}
