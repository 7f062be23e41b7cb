package coro

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var seed = flag.Uint64("coro.seed", 0, "seed of the random walk; 0 takes one from the clock")

// raceEnabled is set by a file that only a build with -race has.
var raceEnabled bool

// A walk is a group of coroutines that share one script. Whoever runs takes the next move from it, and writes down
// who must run after that; whoever arrives checks that it was meant.
type walk struct {
	th     *Thread
	actors []*actor   // actors[i] is the one that now has the number i+1; the number of main is 0
	expect *Coroutine // who must arrive next
	move   func() (move, bool)
	errors []string
	over   bool
	cases  map[string]int // of Goexit: how the occupant of the slot sat, and who it was
}

type verb string

const (
	switchTo   verb = "switch"
	returnFor  verb = "return"
	panicFor   verb = "panic"
	goexitFor  verb = "goexit"
	discardOf  verb = "discard"
	startFirst verb = "start" // switch to the first one that is unstarted, if there is one
)

// In a move of the main coroutine, which cannot end, each of the ends is a switch.
type move struct {
	verb verb
	to   int
}

type actor struct {
	Coroutine
	w    *walk
	next *Coroutine // after the end
	want verb       // the end that it has chosen
	own  *slot      // its goroutine's, as far as can be told from outside
}

func newWalk(th *Thread, size int, next func() (move, bool)) *walk {
	w := &walk{th: th, move: next, expect: th.Main(), cases: map[string]int{}}
	for range size {
		w.actors = append(w.actors, w.spawn())
	}
	return w
}

func (w *walk) spawn() *actor {
	a := &actor{w: w}
	a.Init(w.th, a)
	return a
}

func (w *walk) failf(format string, args ...any) {
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}

// arrive checks that it is the turn of c, which runs now.
func (w *walk) arrive(c *Coroutine) {
	if w.expect != c || w.th.Current() != c || c.State() != Running || !w.th.Here() {
		w.failf("%s runs, %s was expected, current is %s", w.name(c), w.name(w.expect), w.name(w.th.Current()))
	}
}

func (w *walk) name(c *Coroutine) string {
	if c == w.th.Main() {
		return "main"
	}
	i := slices.IndexFunc(w.actors, func(a *actor) bool { return &a.Coroutine == c })
	return fmt.Sprint("coroutine ", i+1)
}

// target returns the coroutine of that number; if it is done, a new one takes its place.
func (w *walk) target(n int) *Coroutine {
	if n == 0 {
		return w.th.Main()
	}
	if w.actors[n-1].State() == Done {
		w.actors[n-1] = w.spawn()
	}
	return &w.actors[n-1].Coroutine
}

func (w *walk) switchTo(me, to *Coroutine) {
	if k, ok := to.runner.(*actor); ok && to.State() == Unstarted && w.th.current != to {
		w.observeStart(k)
	}
	w.expect = to
	to.Switch()
	w.arrive(me)
}

// observeStart notes which goroutine a is going to run on.
func (w *walk) observeStart(a *actor) {
	if n := len(w.th.idle); n > 0 {
		a.own = &w.th.idle[n-1].w.slot
		return
	}
	w.th.seat(&a.Coroutine)
	a.own = a.at
}

// steps lets me move until the script is over, or until me has chosen to end, which it then reports.
func (w *walk) steps(me *Coroutine) *move {
	w.arrive(me)
	for !w.over {
		m, ok := w.move()
		if !ok {
			w.over = true
			break
		}
		switch m.verb {
		case discardOf:
			if c := w.target(m.to); c.State() == Unstarted {
				c.Discard()
			}
			continue
		case startFirst:
			i := slices.IndexFunc(w.actors, func(a *actor) bool { return a.State() == Unstarted })
			w.switchTo(me, w.target(i+1))
			continue
		case returnFor, panicFor, goexitFor:
			if me != w.th.Main() && w.target(m.to) != me {
				return &m
			}
		}
		w.switchTo(me, w.target(m.to))
	}
	return nil
}

func (a *actor) Run() {
	w := a.w
	m := w.steps(&a.Coroutine)
	if m == nil { // over
		m = &move{goexitFor, 0}
	}
	a.want, a.next = m.verb, w.target(m.to)
	w.expect = a.next
	switch m.verb {
	case panicFor:
		panic(a)
	case goexitFor:
		w.observe(a)
		runtime.Goexit()
	}
}

func (a *actor) Finished(e *Exit) *Coroutine {
	w := a.w
	got := returnFor
	if e != nil && e.Goexit {
		got = goexitFor
	} else if e != nil && e.Panic == any(a) {
		got = panicFor
	}
	if got != a.want {
		w.failf("%s: exit %+v, wanted %s", w.name(&a.Coroutine), e, a.want)
	}
	if k, ok := a.next.runner.(*actor); ok && a.next.State() == Unstarted {
		if e == nil || !e.Goexit {
			k.own = a.own
		} else if n := len(w.th.idle); n > 0 {
			k.own = &w.th.idle[n-1].w.slot
		}
	}
	return a.next
}

// observe counts which case of exited the Goexit of a is going to be.
func (w *walk) observe(a *actor) {
	if a.own == nil {
		return
	}
	through := "yield"
	if a.own.turn {
		through = "next"
	}
	next := "suspended"
	var chosen *worker
	if a.next.State() == Unstarted {
		next = "unstarted"
		if n := len(w.th.idle); n > 0 {
			next, chosen = "unstarted on an idle worker", w.th.idle[n-1].w
		}
	}
	occupant := "nobody"
	if w.th.main.at == a.own {
		occupant = "main"
	}
	for _, other := range w.actors {
		if other.at == a.own {
			occupant = "another"
		}
	}
	if a.next.at == a.own {
		occupant = "the next"
	}
	for _, idle := range w.th.idle {
		if idle.at != a.own {
			continue
		}
		occupant = "an idle worker"
		if idle.w == chosen {
			occupant = "the chosen worker"
		}
	}
	w.cases[through+": "+occupant+", next is "+next]++
}

// end kills everybody and checks that the walk was as expected.
func (w *walk) end(t require.TestingT) {
	w.over = true
	for _, a := range w.actors {
		switch a.State() {
		case Unstarted:
			a.Discard()
		case Suspended:
			w.switchTo(w.th.Main(), &a.Coroutine)
		}
		require.Equal(t, Done, a.State())
	}
	require.Empty(t, w.errors)
	require.Zero(t, w.th.Live())
}

// A random walk of 200 coroutines under constant garbage collection, in which one move in ten is the end of a body.
func TestRandomSwitches(t *testing.T) {
	moves := 200_000
	if raceEnabled || testing.Short() {
		moves = 20_000
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-coro.seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	th := enter(t)
	defer collectGarbage()()

	const size = 200
	w := newWalk(th, size, func() (move, bool) {
		moves--
		m := move{switchTo, random.IntN(size + 1)}
		switch random.IntN(40) {
		case 0:
			m.verb = returnFor
		case 1:
			m.verb = panicFor
		case 2, 3:
			m.verb = goexitFor
		case 4:
			m.verb = discardOf
		}
		return m, moves >= 0
	})
	w.steps(th.Main())
	w.end(t)
}

// collectGarbage collects garbage all the time, on another goroutine, until the function that it returns is called.
func collectGarbage() (stop func()) {
	stopped, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stopped:
				return
			default:
				runtime.GC()
			}
		}
	}()
	return func() { close(stopped); <-done }
}

// In small groups that die often, all the cases of what Goexit finds in the slot come up: these, and no others.
func TestGoexitFindsEveryOccupant(t *testing.T) {
	th := enter(t)
	cases := map[string]int{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		size, left := 2+random.IntN(5), 60
		verbs := []verb{switchTo, switchTo, switchTo, startFirst, returnFor, goexitFor}
		w := newWalk(th, size, func() (move, bool) {
			left--
			return move{verbs[random.IntN(len(verbs))], random.IntN(size + 1)}, left >= 0
		})
		w.steps(th.Main())
		w.end(t)
		for name, count := range w.cases {
			cases[name] += count
		}
	}
	var want []string
	for _, through := range []string{"next", "yield"} {
		for _, next := range []string{"suspended", "unstarted", "unstarted on an idle worker"} {
			occupants := []string{"main", "another"}
			switch next {
			case "suspended":
				occupants = append(occupants, "the next", "an idle worker")
			case "unstarted on an idle worker":
				occupants = append(occupants, "an idle worker", "the chosen worker")
			}
			for _, who := range occupants {
				want = append(want, through+": "+who+", next is "+next)
			}
		}
	}
	for name, count := range cases {
		require.Contains(t, want, name, "%d times", count)
	}
	for _, name := range want {
		require.NotZero(t, cases[name], "%s, among %v", name, cases)
	}
}

// Small programs against a model: who makes which move, in what state everyone is before it.
func TestProgramsFollowTheModel(t *testing.T) {
	th := enter(t)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, 4).Draw(rt, "size")
		program := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) move {
			return move{
				rapid.SampledFrom([]verb{switchTo, switchTo, returnFor, panicFor, goexitFor, discardOf}).Draw(rt, "verb"),
				rapid.IntRange(0, size).Draw(rt, "to"),
			}
		}), 0, 30).Draw(rt, "program")

		var trace []string
		var w *walk
		pc := 0
		w = newWalk(th, size, func() (move, bool) {
			if pc == len(program) {
				return move{}, false
			}
			states := []State{th.Main().State()}
			for _, a := range w.actors {
				states = append(states, a.State())
			}
			trace = append(trace, fmt.Sprint(w.name(th.Current()), program[pc], states, th.Live()))
			pc++
			return program[pc-1], true
		})
		w.steps(th.Main())
		w.end(rt)
		require.Equal(rt, model(size, program), trace)
	})
}

// model says what the trace of a program is.
func model(size int, program []move) (trace []string) {
	states := make([]State, size+1)
	running, live := 0, 0
	states[0] = Running
	for _, m := range program {
		name := "main"
		if running > 0 {
			name = fmt.Sprint("coroutine ", running)
		}
		trace = append(trace, fmt.Sprint(name, m, states, live))
		if states[m.to] == Done {
			states[m.to] = Unstarted
		}
		if m.verb == discardOf {
			if states[m.to] == Unstarted {
				states[m.to] = Done
			}
			continue
		}
		if m.to == running {
			continue
		}
		if running == 0 || m.verb == switchTo {
			states[running] = Suspended
		} else {
			states[running] = Done
			live--
		}
		if states[m.to] == Unstarted {
			live++
		}
		states[m.to] = Running
		running = m.to
	}
	return trace
}

// A million coroutines are started, suspended, and killed: neither goroutines nor memory grow.
func TestSpawnAndKillLeavesNothing(t *testing.T) {
	count := 1_000_000
	if raceEnabled || testing.Short() {
		count = 20_000
	}
	th := enter(t)
	k := newTask(th, func() {
		th.Main().Switch()
		runtime.Goexit()
	})
	cycles := func(n int) {
		for range n {
			k.Init(th, k)
			k.Switch()
			k.Switch()
		}
	}
	cycles(1000)
	goroutines, memory := runtime.NumGoroutine(), memoryInUse()
	cycles(count)
	require.Equal(t, goroutines, runtime.NumGoroutine())
	require.Less(t, memoryInUse(), memory+1<<20)
	require.Equal(t, 1000+count, k.ends)
}

// memoryInUse is that of heap and stacks, after a garbage collection.
func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
