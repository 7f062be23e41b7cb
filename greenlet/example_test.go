package greenlet_test

import (
	"errors"
	"fmt"

	"greenloop/greenlet"
)

// A value goes over; whoever switches back decides what comes back.
func Example() {
	err := greenlet.Run(func() error {
		var ping, pong *greenlet.Greenlet
		ping = greenlet.New(func(args ...any) (any, error) {
			answer, err := pong.Switch(args[0], "from ping")
			fmt.Println("ping got", answer)
			return "done", err
		})
		pong = greenlet.New(func(args ...any) (any, error) {
			fmt.Println("pong got", args)
			return ping.Switch("from pong")
		})
		result, err := ping.Switch("hello")
		fmt.Println("main got", result)
		return err
	})
	fmt.Println(err)
	// Output:
	// pong got [hello from ping]
	// ping got from pong
	// main got done
	// <nil>
}

func ExampleGreenlet() {
	_ = greenlet.Run(func() error {
		g := greenlet.New(func(...any) (any, error) {
			return greenlet.Current().Parent().Switch("half way")
		})
		fmt.Println(g)
		fmt.Println(g.Switch())
		fmt.Println(g)
		fmt.Println(g.Switch("the rest"))
		fmt.Println(g)
		return nil
	})
	// Output:
	// greenlet 2 (pending)
	// half way <nil>
	// greenlet 2 (suspended)
	// the rest <nil>
	// greenlet 2 (dead)
}

// The end of a greenlet goes to its parent, whoever resumed it last.
func ExampleGreenlet_SetParent() {
	_ = greenlet.Run(func() error {
		manager := greenlet.New(func(...any) (any, error) {
			report, _ := greenlet.Current().Parent().Switch()
			return fmt.Sprint("manager was told: ", report), nil
		})
		manager.Switch()
		worker := greenlet.New(func(...any) (any, error) { return "all done", nil })
		if err := worker.SetParent(manager); err != nil {
			return err
		}
		fmt.Println(worker.Switch())
		fmt.Println(manager.SetParent(worker))
		return nil
	})
	// Output:
	// manager was told: all done <nil>
	// greenlet: cyclic parent chain
}

func ExampleGreenlet_Throw() {
	_ = greenlet.Run(func() error {
		main := greenlet.Current()
		g := greenlet.New(func(...any) (any, error) {
			_, err := main.Switch()
			fmt.Println("g:", err)
			return nil, fmt.Errorf("gave up: %w", err)
		})
		g.Switch()
		_, err := g.Throw(errors.New("no more tea"))
		fmt.Println("main:", err)
		return nil
	})
	// Output:
	// g: no more tea
	// main: gave up: no more tea
}

func ExampleGreenlet_Kill() {
	_ = greenlet.Run(func() error {
		g := greenlet.New(func(...any) (any, error) {
			defer fmt.Println("the lights go out")
			return greenlet.Current().Parent().Switch()
		})
		g.Switch()
		fmt.Println(g.Kill())
		fmt.Println(g.Dead())
		return nil
	})
	// Output:
	// the lights go out
	// greenlet: exit <nil>
	// true
}

func ExamplePanicError() {
	_ = greenlet.Run(func() error {
		g := greenlet.New(func(...any) (any, error) { panic("spilt tea") })
		defer func() {
			fmt.Println("recovered:", recover())
			fmt.Println(g.Panicked(), len(g.Panicked().Stack) > 0)
		}()
		g.Switch()
		return nil
	})
	// Output:
	// recovered: spilt tea
	// panic: spilt tea true
}

// Without Run, the first call locks the goroutine to its thread, until Leave.
func ExampleLeave() {
	g := greenlet.New(func(...any) (any, error) {
		defer fmt.Println("ended by Leave")
		return greenlet.Current().Parent().Switch()
	})
	g.Switch()
	fmt.Println(greenlet.Leave())
	// Output:
	// ended by Leave
	// <nil>
}

type bun struct{ sesame bool }

type order struct{ sesame bool }

func ExampleGenerate() {
	buns := greenlet.Generate(func(y *greenlet.Yielder[bun, order]) error {
		defer fmt.Println("the oven is off")
		for wish := (order{}); ; {
			wish = y.Yield(bun(wish))
		}
	})
	fmt.Println(buns.Next())
	fmt.Println(buns.Send(order{sesame: true}))
	for b := range buns.All() {
		fmt.Println(b)
		break
	}
	// Output:
	// {false} true
	// {true} <nil>
	// {false}
	// the oven is off
}

type tree struct {
	left, right *tree
	leaf        int
}

// A Yielder may be used at any depth of calls: here, in a recursion.
func ExampleYielder() {
	var walk func(y *greenlet.Yielder[int, struct{}], t *tree)
	walk = func(y *greenlet.Yielder[int, struct{}], t *tree) {
		if t != nil {
			walk(y, t.left)
			y.Yield(t.leaf)
			walk(y, t.right)
		}
	}
	leaves := greenlet.Generate(func(y *greenlet.Yielder[int, struct{}]) error {
		walk(y, &tree{&tree{nil, nil, 1}, &tree{nil, nil, 3}, 2})
		return nil
	})
	for leaf := range leaves.All() {
		fmt.Println(leaf)
	}
	// Output:
	// 1
	// 2
	// 3
}

func ExampleGenerator_Send() {
	average := greenlet.Generate(func(y *greenlet.Yielder[float64, float64]) error {
		sum, n := 0.0, 0.0
		for n < 3 {
			v := y.Yield(sum / max(n, 1))
			sum, n = sum+v, n+1
		}
		return errors.New("three are enough")
	})
	fmt.Println(average.Send(1))
	average.Next()
	for _, v := range []float64{1, 2, 3} {
		fmt.Println(average.Send(v))
	}
	// Output:
	// 0 greenlet: Send to a generator that has not started; call Next first, its body must reach a Yield to receive something
	// 1 <nil>
	// 1.5 <nil>
	// 0 three are enough
}
