//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"slices"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var isPrime = mp.DefineFunc("example: is prime", func(n int) (bool, error) {
	if n < 0 {
		return false, errNegative
	}
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false, nil
		}
	}
	return n > 1, nil
})

var errNegative = mp.RegisterError(errors.New("a negative number"))

// A program calls mp.Main first thing in main; the tests of this package do so in TestMain.
func ExamplePool() {
	err := gevent.Run(func() error {
		pool, err := mp.NewPool(2, mp.PoolOptions{})
		if err != nil {
			return err
		}
		defer pool.Terminate()
		prime, err := isPrime.Apply(pool, 97)
		fmt.Println(prime, err)
		primes, err := isPrime.Map(pool, slices.Values([]int{4, 5, 6, 7}))
		fmt.Println(primes, err)
		_, err = isPrime.Apply(pool, -1)
		fmt.Println(err, errors.Is(err, errNegative))
		pool.Close()
		return pool.Join()
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// true <nil>
	// [false true false true] <nil>
	// a negative number true
}

func ExampleFunc_IMap() {
	err := gevent.Run(func() error {
		pool, err := mp.NewPool(2, mp.PoolOptions{})
		if err != nil {
			return err
		}
		defer pool.Terminate()
		numbers := func(yield func(int) bool) { // without end: items are taken as the loop goes on
			for n := 0; yield(n); n++ {
			}
		}
		n := 0
		for prime, err := range isPrime.IMap(pool, numbers) {
			if err != nil {
				return err
			}
			if prime {
				fmt.Println(n)
			}
			if n++; n == 10 {
				break
			}
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2
	// 3
	// 5
	// 7
}

func ExampleFunc_ApplyAsync() {
	err := gevent.Run(func() error {
		pool, err := mp.NewPool(1, mp.PoolOptions{})
		if err != nil {
			return err
		}
		defer pool.Terminate()
		r := isPrime.ApplyAsync(pool, 11, func(prime bool) { fmt.Println("prime:", prime) }, nil)
		_, err = r.Get()
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// prime: true
}

func ExampleFunc_With() {
	err := gevent.Run(func() error {
		pool, err := mp.NewPool(1, mp.PoolOptions{})
		if err != nil {
			return err
		}
		defer pool.Terminate()
		last := 0
		f := isPrime.With(mp.MapOptions{Chunk: 50, Progress: func(done, total int) { last = 100 * done / total }})
		_, err = f.Map(pool, func(yield func(int) bool) {
			for n := range 1000 {
				if !yield(n) {
					return
				}
			}
		})
		fmt.Println(last, "%", err)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 100 % <nil>
}
