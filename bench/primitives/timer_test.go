package primitives

import (
	"sync"
	"testing"
	"time"

	"greenloop/gevent"
	"greenloop/sched"
)

// One op is one timer.
var (
	// Made and stopped, as the deadline of a call that succeeds is.
	timerStop = compare("TimerStop", 1,
		greenlets("greenloop", afterFuncStopGreen),
		goroutines("go", afterFuncStopGo))

	// Set and stopped, again and again.
	timerReset = compare("TimerReset", 1,
		greenlets("greenloop", timerResetGreen),
		tasks("sched", timerResetTasks),
		goroutines("go", timerResetGo))

	// Set and come to its time, as one of a million that are set at once.
	timerFire = compare("TimerFire", 1_000_000,
		greenlets("greenloop", timerFireGreen),
		tasks("sched", timerFireTasks),
		goroutines("go", timerFireGo))
)

func BenchmarkTimerStop(b *testing.B)  { timerStop.bench(b) }
func BenchmarkTimerReset(b *testing.B) { timerReset.bench(b) }
func BenchmarkTimerFire(b *testing.B)  { timerFire.bench(b) }

func afterFuncStopGreen(j job) (done int) {
	nothing := func() {}
	j.begin()
	for range j.rounds {
		if gevent.AfterFunc(time.Hour, nothing).Stop() {
			done++
		}
	}
	return done
}

func afterFuncStopGo(j job) (done int) {
	nothing := func() {}
	j.begin()
	for range j.rounds {
		if time.AfterFunc(time.Hour, nothing).Stop() {
			done++
		}
	}
	return done
}

func timerResetGreen(j job) (done int) {
	t := gevent.AfterFunc(time.Hour, func() {})
	t.Stop()
	j.begin()
	for range j.rounds {
		t.Reset(time.Hour)
		if t.Stop() {
			done++
		}
	}
	return done
}

func timerResetTasks(s *sched.Scheduler, j job) (done int) {
	t := sched.NewTimer(func() {})
	j.begin()
	for range j.rounds {
		s.StartTimer(t, s.After(time.Hour))
		if s.StopTimer(t) {
			done++
		}
	}
	return done
}

func timerResetGo(j job) (done int) {
	t := time.AfterFunc(time.Hour, func() {})
	t.Stop()
	j.begin()
	for range j.rounds {
		t.Reset(time.Hour)
		if t.Stop() {
			done++
		}
	}
	return done
}

// delays gives each of n timers its time: in no order, and most of them later than setting all takes.
func delays(n int) func() time.Duration {
	spread := uint64(n) * uint64(time.Microsecond)
	x := uint64(1)
	return func() time.Duration {
		x = x*6364136223846793005 + 1442695040888963407 // Knuth's
		return time.Duration(spread/4 + (x>>32)*(spread/4)>>32)
	}
}

func timerFireGreen(j job) (done int) {
	var fired gevent.WaitGroup
	fire := func() {
		done++
		fired.Done()
	}
	j.begin()
	for range j.rounds {
		fired.Add(j.size)
		delay := delays(j.size)
		for range j.size {
			gevent.AfterFunc(delay(), fire)
		}
		must(fired.Wait())
	}
	return done
}

// timerFireTasks calls the functions in the loop, without a greenlet for each.
func timerFireTasks(s *sched.Scheduler, j job) (done int) {
	var fired sched.WaitQueue
	left := 0
	fire := func() {
		done++
		if left--; left == 0 {
			fired.Wake()
		}
	}
	j.begin()
	for range j.rounds {
		left = j.size
		delay := delays(j.size)
		for range j.size {
			s.StartTimer(sched.NewTimer(fire), s.After(delay()))
		}
		must(fired.Wait(s, sched.Why("timers")))
	}
	return done
}

func timerFireGo(j job) (done int) {
	var fired sync.WaitGroup
	var mu sync.Mutex
	fire := func() {
		mu.Lock()
		done++
		mu.Unlock()
		fired.Done()
	}
	j.begin()
	for range j.rounds {
		fired.Add(j.size)
		delay := delays(j.size)
		for range j.size {
			time.AfterFunc(delay(), fire)
		}
		fired.Wait()
	}
	return done
}
