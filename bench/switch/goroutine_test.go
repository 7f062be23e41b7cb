package switching

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"greenloop/bench/internal/meter"
)

// eachProcs runs a goroutine benchmark with one P, where a switch is a switch,
// and with as many as there are by default.
func eachProcs(b *testing.B, bench func(b *testing.B)) {
	for _, procs := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("procs=%d", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			bench(b)
		})
	}
}

// BenchmarkGosched: two goroutines that yield to each other. With several Ps
// they do not switch at all, each keeps a P of its own and yields to nobody.
func BenchmarkGosched(b *testing.B) {
	eachProcs(b, func(b *testing.B) {
		var stop atomic.Bool
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for !stop.Load() {
				runtime.Gosched()
			}
		}()
		runtime.Gosched()
		half := (b.N + 1) / 2 // the partner does the other one
		m := meter.Start(b)
		for range half {
			runtime.Gosched()
		}
		m.Stop(2 * half)
		stop.Store(true)
		<-ended
	})
}

// BenchmarkChannel: goroutines in a ring, each joined to the next by an
// unbuffered channel; the token counts the hand-offs that are left.
func BenchmarkChannel(b *testing.B) {
	for _, size := range []int{2, 1_000} {
		b.Run(fmt.Sprintf("ring=%d", size), func(b *testing.B) {
			eachProcs(b, func(b *testing.B) {
				first, done := channelRing(size)
				m := meter.Start(b)
				first <- b.N
				<-done
				m.Stop(b.N)
				close(first)
				<-done
			})
		})
	}
}

// channelRing starts the goroutines. The one that receives 0 reports on done;
// closing first ends them all, the last one reports again.
func channelRing(size int) (first chan int, done chan struct{}) {
	done = make(chan struct{})
	first = make(chan int)
	in := first
	for range size - 1 {
		out := make(chan int)
		go passOn(in, out, done)
		in = out
	}
	go closeRing(in, first, done)
	return first, done
}

func passOn(in <-chan int, out chan<- int, done chan<- struct{}) {
	defer close(out)
	for left := range in {
		if left == 0 {
			done <- struct{}{}
			continue
		}
		out <- left - 1
	}
}

// closeRing is the last member: first is not its own to close.
func closeRing(in <-chan int, first chan<- int, done chan<- struct{}) {
	for left := range in {
		if left == 0 {
			done <- struct{}{}
			continue
		}
		first <- left - 1
	}
	done <- struct{}{}
}
