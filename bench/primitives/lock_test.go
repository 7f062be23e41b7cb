package primitives

import (
	"runtime"
	"sync"
	"testing"

	"greenloop/gevent"
)

// contenders are those who want a lock at the same time.
const contenders = 100

// One op is the lock taken and given back.
var (
	lock = compare("Lock", 1,
		greenlets("greenloop", lockGreen),
		goroutines("go", lockGo))

	// Whoever has the lock lets the others run meanwhile.
	lockContended = compare("LockContended", contenders,
		greenlets("greenloop", lockContendedGreen),
		goroutines("go", lockContendedGo))
)

func BenchmarkLock(b *testing.B)          { lock.bench(b) }
func BenchmarkLockContended(b *testing.B) { lockContended.bench(b) }

func lockGreen(j job) (done int) {
	var l gevent.Lock
	j.begin()
	for range j.rounds {
		if l.Acquire() == nil {
			done++
			l.Release()
		}
	}
	return done
}

func lockGo(j job) (done int) {
	var l sync.Mutex
	j.begin()
	for range j.rounds {
		l.Lock()
		done++
		l.Unlock()
	}
	return done
}

func lockContendedGreen(j job) (done int) {
	var l gevent.Lock
	var ended gevent.WaitGroup
	for range j.size {
		ended.Go(func() error {
			for range j.rounds {
				if err := l.Acquire(); err != nil {
					return err
				}
				gevent.Yield()
				done++
				l.Release()
			}
			return nil
		})
	}
	j.begin()
	must(ended.Wait())
	return done
}

func lockContendedGo(j job) (done int) {
	var l sync.Mutex
	var ended sync.WaitGroup
	start := make(chan struct{})
	for range j.size {
		ended.Go(func() {
			<-start
			for range j.rounds {
				l.Lock()
				runtime.Gosched()
				done++
				l.Unlock()
			}
		})
	}
	j.begin()
	close(start)
	ended.Wait()
	return done
}
