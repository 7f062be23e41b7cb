package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

func ExampleWithTimeout() {
	_ = gevent.Run(func() error {
		err := gevent.WithTimeout(time.Millisecond, func() error {
			_ = gevent.Sleep(time.Hour)      // ends with the timeout, which is ignored here:
			return gevent.Sleep(time.Minute) // so does the next wait
		})
		fmt.Println(err, errors.Is(err, gevent.ErrTimeout))
		return nil
	})
	// Output: gevent: timed out after 1ms true
}

func ExampleWithDeadline() {
	_ = gevent.Run(func() error {
		lunch := time.Now().Add(time.Millisecond)
		err := gevent.WithDeadline(lunch, func() error { return gevent.Sleep(time.Hour) })
		fmt.Println(errors.Is(err, gevent.ErrTimeout))
		return nil
	})
	// Output: true
}

func ExampleWithTimeoutOr() {
	_ = gevent.Run(func() error {
		price, err := gevent.WithTimeoutOr(time.Millisecond, "unknown", func() (string, error) {
			return "42", gevent.Sleep(time.Hour) // somebody who does not answer
		})
		fmt.Println(price, err)
		return nil
	})
	// Output: unknown <nil>
}

// Whose timeout it was.
func ExampleTimeout_Is() {
	_ = gevent.Run(func() error {
		request, attempt := gevent.NewTimeout(time.Hour), gevent.NewTimeout(time.Millisecond)
		return request.Do(func() error {
			err := attempt.Do(func() error { return gevent.Sleep(time.Minute) })
			fmt.Println("the attempt's:", attempt.Is(err), "the request's:", request.Is(err))
			return nil
		})
	})
	// Output: the attempt's: true the request's: false
}

func ExampleTimeout_Do() {
	_ = gevent.Run(func() error {
		first := gevent.NewTimeout(time.Second)
		err := first.Do(func() error {
			_ = gevent.Sleep(time.Millisecond) // waits for the first byte
			first.Cancel()                     // the rest may take its time
			return gevent.Sleep(time.Millisecond)
		})
		fmt.Println(err, first.Expired())
		return nil
	})
	// Output: <nil> false
}

// As in Python's gevent: it ends one wait.
func ExampleStartTimeout() {
	_ = gevent.Run(func() error {
		timeout := gevent.StartTimeout(time.Millisecond)
		defer timeout.Cancel()
		fmt.Println(gevent.Sleep(time.Hour))
		fmt.Println(gevent.Sleep(time.Millisecond))
		return nil
	})
	// Output:
	// gevent: timed out after 1ms
	// <nil>
}

func ExampleNewTimeoutError() {
	errBusy := errors.New("the kitchen is busy")
	_ = gevent.Run(func() error {
		timeout := gevent.NewTimeoutError(time.Millisecond, errBusy)
		err := timeout.Do(func() error { return gevent.Sleep(time.Hour) })
		fmt.Println(err, errors.Is(err, errBusy), errors.Is(err, gevent.ErrTimeout))
		return nil
	})
	// Output: the kitchen is busy true true
}

func ExampleTimeout_Start() {
	_ = gevent.Run(func() error {
		timeout := gevent.NewTimeout(time.Hour)
		timeout.Start()
		fmt.Println(timeout.Pending())
		timeout.Cancel()
		fmt.Println(timeout.Pending())
		return nil
	})
	// Output:
	// true
	// false
}

func ExampleTimeoutError() {
	_ = gevent.Run(func() error {
		err := gevent.WithTimeout(time.Millisecond, func() error { return gevent.Sleep(time.Hour) })
		if timeout := new(gevent.TimeoutError); errors.As(err, &timeout) {
			fmt.Println(timeout.After, timeout.Timeout())
		}
		return nil
	})
	// Output: 1ms true
}
