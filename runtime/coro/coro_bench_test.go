package coro

import (
	"iter"
	"runtime"
	"testing"
)

// One op is one switch in all of them, except where it says otherwise; the three at the end are what to compare with.

// A ring of coroutines, each of which switches to the next one as long as there are laps left.
type ring struct {
	home    *Coroutine
	members []member
	left    int // switches to go
	stop    bool
}

type member struct {
	Coroutine
	ring *ring
	next *Coroutine
}

func (m *member) Run() {
	for r := m.ring; !r.stop; {
		if r.left == 0 {
			r.home.Switch()
			continue
		}
		r.left--
		m.next.Switch()
	}
}

func (m *member) Finished(*Exit) *Coroutine { return m.ring.home }

// newRing makes a ring in which every member has started and run two laps: both parities of each slot are warm.
func newRing(th *Thread, size int) *ring {
	r := &ring{home: th.Main(), members: make([]member, size)}
	for i := range r.members {
		m := &r.members[i]
		m.Init(th, m)
		m.ring, m.next = r, &r.members[(i+1)%size].Coroutine
	}
	r.run(2 * size)
	return r
}

func (r *ring) run(switches int) {
	r.left = switches
	r.members[0].Switch()
}

func (r *ring) end() {
	r.stop = true
	for i := range r.members {
		r.members[i].Switch()
	}
}

func benchmarkRing(b *testing.B, size int) {
	th := Enter()
	defer func() { _ = th.Leave() }()
	r := newRing(th, size)
	b.ReportAllocs()
	b.ResetTimer()
	r.run(b.N)
	b.StopTimer()
	r.end()
}

func BenchmarkSwitch(b *testing.B)           { benchmarkRing(b, 2) }
func BenchmarkSwitchRing1000(b *testing.B)   { benchmarkRing(b, 1000) }
func BenchmarkSwitchRing100000(b *testing.B) { benchmarkRing(b, 100_000) }

// One op is the whole life of a coroutine on a goroutine that is there already: two switches.
func BenchmarkSpawnFinish(b *testing.B) {
	th := Enter()
	defer func() { _ = th.Leave() }()
	c := &empty{home: th.Main()}
	b.ReportAllocs()
	for b.Loop() {
		c.Init(th, c)
		c.Switch()
	}
}

type empty struct {
	Coroutine
	home *Coroutine
	exit bool
}

func (e *empty) Run() {
	if e.exit {
		runtime.Goexit()
	}
}

func (e *empty) Finished(*Exit) *Coroutine { return e.home }

// One op is the whole life of a coroutine that ends by Goexit, which costs its goroutine.
func BenchmarkGoexit(b *testing.B) {
	th := Enter()
	defer func() { _ = th.Leave() }()
	c := &empty{home: th.Main(), exit: true}
	b.ReportAllocs()
	for b.Loop() {
		c.Init(th, c)
		c.Switch()
	}
}

// One op is one call of Current, with a single thread entered.
func BenchmarkCurrent(b *testing.B) {
	th := Enter()
	defer func() { _ = th.Leave() }()
	b.ReportAllocs()
	for b.Loop() {
		if Current() != th {
			b.Fatal("not here")
		}
	}
}

// Two goroutines that take turns on one processor: what Go's own scheduler needs for a switch.
func BenchmarkGosched(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.ReportAllocs()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N / 2 {
			runtime.Gosched()
		}
	}()
	for range b.N / 2 {
		runtime.Gosched()
	}
	<-done
}

// Two goroutines on one processor that hand a token over an unbuffered channel, there and back.
func BenchmarkChannelHandoff(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.ReportAllocs()
	there, back := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(back)
		for range there {
			back <- struct{}{}
		}
	}()
	for range (b.N + 1) / 2 {
		there <- struct{}{}
		<-back
	}
	close(there)
	<-back
}

// Two coroutines made with iter.Pull in the ordinary way, which switch through a loop that calls both: two swaps a switch.
func BenchmarkPullTrampoline(b *testing.B) {
	body := func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	}
	ping, stopPing := iter.Pull(body)
	defer stopPing()
	pong, stopPong := iter.Pull(body)
	defer stopPong()
	b.ReportAllocs()
	b.ResetTimer()
	for range (b.N + 1) / 2 {
		ping()
		pong()
	}
}
