package main

import (
	"fmt"

	"greenloop/greenlet"
)

func buns() error {
	baker := greenlet.Generate(func(y *greenlet.Yielder[string, string]) error {
		topping := "plain"
		for n := 1; n <= 3; n++ {
			fmt.Printf("     producer: bakes bun %d, %s\n", n, topping)
			topping = y.Yield(fmt.Sprintf("bun %d (%s)", n, topping))
		}
		return nil
	})
	defer baker.Close()
	for bun, ok := baker.Next(); ok; {
		fmt.Println("     consumer: eats", bun)
		var err error
		bun, err = baker.Send("with sesame")
		ok = err == nil
	}
	return baker.Err()
}

func pingPong() error {
	return greenlet.Run(func() error {
		var ping, pong *greenlet.Greenlet
		ping = greenlet.New(func(args ...any) (any, error) {
			for ball := 1; ball <= 3; ball++ {
				fmt.Println("     ping", ball)
				if _, err := pong.Switch(ball); err != nil {
					return nil, err
				}
			}
			return "game over", nil
		})
		pong = greenlet.New(func(args ...any) (any, error) {
			for ball := args[0]; ; {
				fmt.Println("     pong", ball)
				var err error
				if ball, err = ping.Switch(); err != nil {
					return nil, err
				}
			}
		})
		result, err := ping.Switch()
		fmt.Println("     main gets:", result)
		return err
	})
}
