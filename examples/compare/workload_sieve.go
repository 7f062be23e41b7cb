package main

import "greenloop/greenlet"

var sieve = workload{
	name: "prime-sieve", title: "Prime sieve", unit: "a number handed on",
	what: `
		A chain of filters, one for each prime found: each hands on what its prime does not divide, and
		what comes out at the end is the next prime, which becomes a filter. The size is the number of
		primes.`,
	conclusion: `
		The coroutines here are generators: the last filter asks the one before it, and so on up to the
		source, each a switch there and one back, with no queue and no scheduler between them. Goroutines
		and threads hand each number over in a channel; there several filters can work at the same time,
		but each does so little that the handing over is most of it.`,
	normal:     sizes{full: 2_500, threads: 200, gevent: 1_000, threading: 150},
	quick:      sizes{full: 150, threads: 20, gevent: 100, threading: 20},
	answer:     func(n int) int64 { last, _ := sift(n); return last },
	operations: sieveHandovers, handovers: sieveHandovers, byHand: true, asked: true,
	coroutines: sieveCoroutines, goroutines: sieveGoroutines,
}

type numbers = greenlet.Generator[int, struct{}]

func sieveCoroutines(n int) (prime int64, err error) {
	source := greenlet.Generate(func(y *greenlet.Yielder[int, struct{}]) error {
		for v := 2; ; v++ {
			y.Yield(v)
		}
	})
	for range n {
		v, ok := source.Next()
		if !ok {
			return 0, source.Err()
		}
		prime, source = int64(v), without(v, source)
	}
	return prime, nil
}

// without generates what is in source and is no multiple of prime.
func without(prime int, source *numbers) *numbers {
	return greenlet.Generate(func(y *greenlet.Yielder[int, struct{}]) error {
		for v := range source.All() {
			if v%prime != 0 {
				y.Yield(v)
			}
		}
		return source.Err()
	})
}

func sieveGoroutines(n int, start starter) (prime int64, err error) {
	source := make(chan int)
	start(func() {
		for v, out := 2, source; ; v++ {
			out <- v
		}
	})
	for range n {
		in, out, v := source, make(chan int), <-source
		start(func() {
			for w := range in {
				if w%v != 0 {
					out <- w
				}
			}
		})
		prime, source = int64(v), out
	}
	return prime, nil
}

func sieveHandovers(n int) int64 { _, handovers := sift(n); return handovers }

// sift does the work without handing anything over. A number passes one filter after the other up to its smallest prime
// factor's, or up to the end, which is behind as many as there are smaller primes.
func sift(n int) (last, handovers int64) {
	var primes []int
	for v := 2; len(primes) < n; v++ {
		i := 0
		for i < len(primes) && v%primes[i] != 0 {
			i++
		}
		if i == len(primes) {
			primes = append(primes, v)
		}
		handovers += int64(i + 1)
	}
	return int64(primes[n-1]), handovers
}
