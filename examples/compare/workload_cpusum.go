package main

const parts = 8

var cpuSum = workload{
	name: "cpu-sum", title: "A sum that needs the CPU", unit: "a number added",
	what: `
		Eight members share the sum of all numbers from 1 to the size. Nobody waits for anything.`,
	conclusion: `
		Here cores win and coroutines lose. One hub is one thread: eight coroutines take as long as one
		that adds all the numbers, and nothing else runs on the hub meanwhile. Goroutines and threads take all cores that are
		free; with one core they gain nothing either. Python's threads gain nothing on any number, as the
		usual Python has one lock that lets only one of them run its code. With coroutines, hand such work
		to goroutines (gevent.Offload), or run a hub on each core (gevent.RunHubs).`,
	normal: sizes{full: 2_000_000_000, threads: 2_000_000_000, gevent: 10_000_000, threading: 10_000_000},
	quick:  sizes{full: 40_000_000, threads: 40_000_000, gevent: 400_000, threading: 400_000},
	answer: sumTo,
	coroutines: func(n int) (int64, error) {
		var sums [parts]int64
		err := together(parts, func(i int) error {
			sums[i] = sumPart(i, n)
			return nil
		})
		return sumOf(sums), err
	},
	goroutines: func(n int, start starter) (int64, error) {
		var sums [parts]int64
		err := start.together(parts, func(i int) error {
			sums[i] = sumPart(i, n)
			return nil
		})
		return sumOf(sums), err
	},
}

// sumPart adds the numbers of part i.
func sumPart(i, n int) (sum int64) {
	from, to := sumEnd(i, n), sumEnd(i+1, n)
	for v := from + 1; v <= to; v++ {
		sum += v
	}
	return sum
}

func sumEnd(i, n int) int64 { return int64(i) * int64(n) / parts }

func sumOf(sums [parts]int64) (sum int64) {
	for _, s := range sums {
		sum += s
	}
	return sum
}
