package primitives

import (
	"runtime"
	"testing"

	"greenloop/gevent"
)

// room is that of the queue.
const room = 128

// One op is one item from the one who puts to the one who gets.
var (
	queue = compare("Queue", 1,
		greenlets("greenloop", func(j job) int { return passed(j, gevent.NewQueue[int](room)) }),
		goroutines("go", func(j job) int { return passedByGo(j, make(chan int, room)) }))

	// Nobody waits: one greenlet, or goroutine, puts an item and gets it.
	queueAlone = compare("QueueAlone", 1,
		greenlets("greenloop", queueAloneGreen),
		goroutines("go", queueAloneGo))

	handOff = compare("Channel", 1,
		greenlets("greenloop", handedOff),
		goroutines("go", func(j job) int { return passedByGo(j, make(chan int)) }))

	// One op is one turn of one of the two.
	sleep0 = compare("Sleep0", 2,
		greenlets("greenloop", sleep0Green),
		greenlets("greenloop=Yield", yieldGreen),
		goroutines("go", goschedGo))
)

func BenchmarkQueue(b *testing.B)      { queue.bench(b) }
func BenchmarkQueueAlone(b *testing.B) { queueAlone.bench(b) }
func BenchmarkChannel(b *testing.B)    { handOff.bench(b) }
func BenchmarkSleep0(b *testing.B)     { sleep0.bench(b) }

func passed(j job, q *gevent.Queue[int]) (done int) {
	putter := gevent.Spawn(func() error {
		for i := range j.rounds {
			if err := q.Put(i); err != nil {
				return err
			}
		}
		return nil
	})
	j.begin()
	for i := range j.rounds {
		v, err := q.Get()
		if err != nil || v != i {
			break
		}
		done++
	}
	must(putter.Get())
	return done
}

// handedOff is passed, for a Channel: an interface over both would cost as much as they do.
func handedOff(j job) (done int) {
	c := gevent.NewChannel[int]()
	putter := gevent.Spawn(func() error {
		for i := range j.rounds {
			if err := c.Put(i); err != nil {
				return err
			}
		}
		return nil
	})
	j.begin()
	for i := range j.rounds {
		v, err := c.Get()
		if err != nil || v != i {
			break
		}
		done++
	}
	must(putter.Get())
	return done
}

func passedByGo(j job, c chan int) (done int) {
	go func() {
		for i := range j.rounds {
			c <- i
		}
		close(c)
	}()
	j.begin()
	for v := range c {
		if v != done {
			break
		}
		done++
	}
	return done
}

func queueAloneGreen(j job) (done int) {
	q := gevent.NewQueue[int](room)
	j.begin()
	for i := range j.rounds {
		must(q.Put(i))
		if v, err := q.Get(); err == nil && v == i {
			done++
		}
	}
	return done
}

func queueAloneGo(j job) (done int) {
	c := make(chan int, room)
	j.begin()
	for i := range j.rounds {
		c <- i
		if v := <-c; v == i {
			done++
		}
	}
	return done
}

func sleep0Green(j job) (done int) {
	turns := func() error {
		for range j.rounds {
			must(gevent.Sleep(0))
			done++
		}
		return nil
	}
	other := gevent.Spawn(turns)
	j.begin()
	must(turns())
	must(other.Get())
	return done
}

func yieldGreen(j job) (done int) {
	turns := func() error {
		for range j.rounds {
			gevent.Yield()
			done++
		}
		return nil
	}
	other := gevent.Spawn(turns)
	j.begin()
	must(turns())
	must(other.Get())
	return done
}

func goschedGo(j job) int {
	turns := func() (done int) {
		for range j.rounds {
			runtime.Gosched()
			done++
		}
		return done
	}
	other := make(chan int)
	go func() { other <- turns() }()
	j.begin()
	return turns() + <-other
}
