package greenlet_test

import (
	"errors"
	"fmt"

	"greenloop/greenlet"
)

// A body that returns a value beside those that it yields.
func ExampleCompute() {
	sum := greenlet.Compute(func(y *greenlet.Yielder[string, int]) (int, error) {
		a := y.Yield("the first, please")
		b := y.Yield("the second, please")
		return a + b, nil
	})
	question, _ := sum.Next()
	fmt.Println(question)
	question, _ = sum.Send(40)
	fmt.Println(question)
	_, err := sum.Result()
	fmt.Println(err)
	_, err = sum.Send(2)
	fmt.Println(err)
	fmt.Println(sum.Result())
	// Output:
	// the first, please
	// the second, please
	// greenlet: the generator has not ended, so there is no result yet; run it to its end first
	// greenlet: the generator has ended
	// 42 <nil>
}

// A Computation is a Generator with a Result, so that it can be looped over, and asked afterwards.
func ExampleComputation() {
	countdown := greenlet.Compute(func(y *greenlet.Yielder[int, struct{}]) (string, error) {
		for n := 3; n > 0; n-- {
			y.Yield(n)
		}
		return "lift-off", nil
	})
	for n := range countdown.All() {
		fmt.Println(n)
	}
	fmt.Println(countdown.Result())
	// Output:
	// 3
	// 2
	// 1
	// lift-off <nil>
}

// A body that yields with YieldErr may go on after an error; a Yield ends it, with its deferred functions run.
func ExampleGenerator_Throw() {
	errTea := errors.New("no more tea")
	waiter := greenlet.Generate(func(y *greenlet.Yielder[string, struct{}]) error {
		defer fmt.Println("the waiter goes home")
		if _, err := y.YieldErr("tea"); err != nil {
			y.Yield("coffee then, as there is " + err.Error())
		}
		y.Yield("the bill")
		return nil
	})
	fmt.Println(waiter.Next())
	fmt.Println(waiter.Throw(errTea))
	fmt.Println(waiter.Throw(errTea))
	fmt.Println(waiter.Err())
	// Output:
	// tea true
	// coffee then, as there is no more tea <nil>
	// the waiter goes home
	//  no more tea
	// no more tea
}

func ExampleYielder_YieldErr() {
	counter := greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
		for n := 0; ; {
			step, err := y.YieldErr(n)
			if err != nil {
				n = 0 // an error asks it to begin anew
				continue
			}
			n += step
		}
	})
	defer counter.Close()
	counter.Next()
	fmt.Println(counter.Send(5))
	fmt.Println(counter.Send(5))
	fmt.Println(counter.Throw(errors.New("reset")))
	fmt.Println(counter.Send(1))
	// Output:
	// 5 <nil>
	// 10 <nil>
	// 0 <nil>
	// 1 <nil>
}

// What is sent goes to the part that runs, and its result comes back to the whole.
func ExampleYielder_From() {
	ask := func(what string) *greenlet.Computation[string, string, string] {
		return greenlet.Compute(func(y *greenlet.Yielder[string, string]) (string, error) {
			for {
				if answer := y.Yield("your " + what + "?"); answer != "" {
					return answer, nil
				}
			}
		})
	}
	form := greenlet.Compute(func(y *greenlet.Yielder[string, string]) (string, error) {
		name, town := ask("name"), ask("town")
		if err := errors.Join(y.From(name.Generator), y.From(town.Generator)); err != nil {
			return "", err
		}
		who, _ := name.Result()
		where, _ := town.Result()
		return who + " from " + where, nil
	})
	question, _ := form.Next()
	for _, answer := range []string{"Ann", "", "Oslo"} {
		fmt.Printf("%s %q\n", question, answer)
		question, _ = form.Send(answer)
	}
	fmt.Println(form.Result())
	// Output:
	// your name? "Ann"
	// your town? ""
	// your town? "Oslo"
	// Ann from Oslo <nil>
}
