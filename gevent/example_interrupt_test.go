//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
)

func ExampleWithSignals() {
	_ = gevent.Run(func() error {
		err := gevent.WithSignals(func() error {
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGTERM) // somebody wants the program to end
			return gevent.Sleep(time.Hour)                      // serves
		}, os.Interrupt, syscall.SIGTERM)
		if errors.Is(err, gevent.ErrInterrupted) {
			fmt.Println("finishes what there is to do")
			return gevent.Sleep(time.Millisecond)
		}
		return err
	})
	// Output: finishes what there is to do
}

func ExampleInterruptError() {
	err := error(&gevent.InterruptError{Signal: os.Interrupt})
	fmt.Println(err, errors.Is(err, gevent.ErrInterrupted))
	// Output: gevent: interrupted by signal: interrupt true
}
