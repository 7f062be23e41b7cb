// How many primes are there below a limit? Three ways to count them: one part after another; by coroutines, which share
// one thread; and by processes, which compute at the same time as long as there are cores for them.
package main

import (
	"runtime"
	"slices"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var (
	limit   = 2_000_000
	chunks  = 40
	workers = 0 // processes; 0 is one for each core
)

// A span is some of the numbers: From is one of them, To is not.
type span struct{ From, To int }

// countPrimes is the method primes of a span, for the processes of a pool.
var countPrimes = mp.DefineFunc("count primes", func(s span) (int, error) { return s.primes(), nil })

func (s span) primes() (n int) {
numbers:
	for i := max(s.From, 2); i < s.To; i++ {
		for d := 2; d*d <= i; d++ {
			if i%d == 0 {
				continue numbers
			}
		}
		n++
	}
	return n
}

func primes(s stage) error {
	parts := make([]span, chunks)
	for i := range parts {
		parts[i] = span{limit * i / chunks, limit * (i + 1) / chunks}
	}
	return gevent.Run(func() error {
		s.say("primes below %d, in %d parts; this machine has %d cores", limit, chunks, runtime.NumCPU())
		n, one, err := best(oneByOne, parts)
		if err != nil {
			return err
		}
		s.say("one part after another:     %d primes, %5d ms", n, one.Milliseconds())
		n, took, err := best(byGreenlets, parts)
		if err != nil {
			return err
		}
		s.say("a greenlet for each part:   %d primes, %5d ms, %.1f times as fast", n, took.Milliseconds(), ratio(one, took))
		n, took, err = best(byProcesses, parts)
		s.say("processes, and their start: %d primes, %5d ms, %.1f times as fast", n, took.Milliseconds(), ratio(one, took))
		return err
	})
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// best returns how many primes are in all the parts, and how long it took to count them: the shortest of three times.
func best(way func(parts []span) ([]int, error), parts []span) (sum int, took time.Duration, err error) {
	took = time.Hour
	for range 3 {
		began := time.Now()
		counts, err := way(parts)
		if err != nil {
			return 0, 0, err
		}
		took, sum = min(took, time.Since(began)), 0
		for _, n := range counts {
			sum += n
		}
	}
	return sum, took, nil
}

func oneByOne(parts []span) (counts []int, err error) {
	for _, part := range parts {
		counts = append(counts, part.primes())
	}
	return counts, nil
}

func byGreenlets(parts []span) ([]int, error) {
	work := func(part span) (int, error) { return part.primes(), nil }
	return gevent.Map(gevent.NewPool(chunks), slices.Values(parts), work)
}

func byProcesses(parts []span) ([]int, error) {
	pool, err := mp.NewPool(workers, mp.PoolOptions{})
	if err != nil {
		return nil, err
	}
	defer pool.Terminate() // the processes
	return countPrimes.Map(pool, slices.Values(parts))
}
