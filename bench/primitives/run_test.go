package primitives

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/meter"
	"greenloop/gevent"
	"greenloop/sched"
)

// A job is what a work has to do: so many rounds of so many operations.
type job struct {
	rounds, size int
	begin        func() // called once all is prepared, where the measurement begins
}

// A work does a job, ends all that it has started, and returns how many operations it has really done.
type work func(j job) (done int)

// A way is one way to do a work.
type way struct {
	name string
	in   func(tb testing.TB, main func()) // calls main in a hub, or where else the work belongs
	work work
}

// A comparison is the ways to do one work.
type comparison struct {
	name string
	size int // of a round
	ways []way
}

// all are all comparisons, for the test.
var all []*comparison

// compare makes a comparison and notes it for the test.
func compare(name string, size int, ways ...[]way) *comparison {
	c := &comparison{name: name, size: size}
	for _, some := range ways {
		c.ways = append(c.ways, some...)
	}
	all = append(all, c)
	return c
}

// greenlets is the work done in a hub.
func greenlets(name string, w work) []way { return []way{{name, inHub, w}} }

// tasks is the work done in a scheduler without anything above it; which one, it is told.
func tasks(name string, w func(s *sched.Scheduler, j job) int) []way {
	var s *sched.Scheduler
	in := func(tb testing.TB, main func()) {
		s = sched.New(sched.Config{})
		require.NoError(tb, s.Run(main))
		require.NoError(tb, s.Close())
	}
	return []way{{name, in, func(j job) int { return w(s, j) }}}
}

// goroutines is the work done by Go, with one P, as a hub's thread has, and with the default number.
func goroutines(name string, w work) []way {
	return []way{{name + "/procs=1", withOneP, w}, {name + "/procs=default", withAllPs, w}}
}

// inHub does without the watchdog, to which a work that never lets the hub wait is a standstill.
func inHub(tb testing.TB, main func()) {
	require.NoError(tb, gevent.RunConfig(gevent.Config{Watchdog: -1}, func() error {
		main()
		return nil
	}))
}

func withOneP(_ testing.TB, main func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	main()
}

func withAllPs(_ testing.TB, main func()) { main() }

// enough is how many operations fill all pools before the measurement.
const enough = 2_000

// bench measures each way.
func (c *comparison) bench(b *testing.B) {
	for _, w := range c.ways {
		b.Run(w.name, func(b *testing.B) {
			w.in(b, func() {
				small := min(c.size, enough)
				w.work(job{rounds: enough / small, size: small, begin: func() {}})
				j := job{rounds: (b.N + c.size - 1) / c.size, size: c.size}
				var m meter.Meter
				j.begin = func() { m = meter.Start(b) }
				done := w.work(j)
				m.Stop(j.rounds * j.size)
				require.Equal(b, j.rounds*j.size, done)
			})
		})
	}
}

// must is for errors that only a mistake in a benchmark can bring.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
