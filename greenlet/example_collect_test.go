package greenlet_test

import (
	"fmt"
	"runtime"

	"greenloop/greenlet"
)

// forget starts a greenlet that nobody can resume, since its handle is dropped.
func forget(cleanUp func()) {
	greenlet.New(func(...any) (any, error) {
		defer cleanUp()
		return greenlet.Current().Parent().Switch()
	}).Switch()
}

func ExampleCollect() {
	_ = greenlet.Run(func() error {
		forget(func() { fmt.Println("the lights go out") })
		ended := 0
		for ended == 0 {
			runtime.GC() // a program that lives long has no need to ask for it
			ended = greenlet.Collect()
		}
		fmt.Println("ended:", ended)
		return nil
	})
	// Output:
	// the lights go out
	// ended: 1
}

// A host that waits for something else is woken when there is something to collect.
func ExampleNotify() {
	_ = greenlet.Run(func() error {
		wake := make(chan bool, 1)
		greenlet.Notify(func() {
			select {
			case wake <- true:
			default:
			}
		})
		defer func() { greenlet.Notify(nil) }()
		forget(func() { fmt.Println("the lights go out") })
		for ended := 0; ended == 0; {
			runtime.GC()
			<-wake
			ended = greenlet.Collect()
		}
		return nil
	})
	// Output:
	// the lights go out
}

func ExampleOnPanic() {
	_ = greenlet.Run(func() error {
		told := false
		greenlet.OnPanic(func(p *greenlet.PanicError) {
			told = true
			fmt.Println("while an abandoned greenlet was ended:", p)
		})
		forget(func() { panic("spilt tea") })
		for !told {
			runtime.GC()
			greenlet.Collect()
		}
		return nil
	})
	// Output:
	// while an abandoned greenlet was ended: panic: spilt tea
}
