package greenlet_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"greenloop/greenlet"
)

func ExampleFromSeq() {
	words := greenlet.FromSeq(slices.Values([]string{"one", "two", "three"}))
	first, _ := words.Next()
	fmt.Println("first:", first)
	for word := range words.All() {
		fmt.Println("then:", word)
	}
	// Output:
	// first: one
	// then: two
	// then: three
}

func ExampleFromSeq2() {
	prices := greenlet.FromSeq2(maps.All(map[string]int{"bun": 3}))
	fmt.Println(prices.Next())
	fmt.Println(prices.Next())
	// Output:
	// {bun 3} true
	// { 0} false
}

func ExampleAll2() {
	numbered := greenlet.FromSeq2(slices.All([]string{"pork", "leek"}))
	for i, filling := range greenlet.All2(numbered) {
		fmt.Println(i, filling)
	}
	// Output:
	// 0 pork
	// 1 leek
}

func ExamplePair() {
	squares := greenlet.Generate(func(y *greenlet.Yielder[greenlet.Pair[int, int], struct{}]) error {
		for n := range 3 {
			y.Yield(greenlet.Pair[int, int]{Key: n, Value: n * n})
		}
		return nil
	})
	for n, square := range greenlet.All2(squares) {
		fmt.Println(n, square)
	}
	// Output:
	// 0 0
	// 1 1
	// 2 4
}

// The error with which the body ends comes last, so that a loop need not ask for it afterwards.
func ExampleGenerator_Results() {
	lines := greenlet.Generate(func(y *greenlet.Yielder[string, struct{}]) error {
		y.Yield("line 1")
		y.Yield("line 2")
		return errors.New("the connection is gone")
	})
	for line, err := range lines.Results() {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		fmt.Println(line)
	}
	// Output:
	// line 1
	// line 2
	// error: the connection is gone
}
