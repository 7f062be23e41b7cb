package coro_test

import (
	"fmt"
	"runtime"

	"greenloop/runtime/coro"
)

// hello is a coroutine that greets, goes home, and greets again.
type hello struct {
	coro.Coroutine
	home *coro.Coroutine
}

func (h *hello) Run() {
	fmt.Println("hello")
	h.home.Switch()
	fmt.Println("hello again")
}

func (h *hello) Finished(*coro.Exit) *coro.Coroutine { return h.home }

func ExampleCoroutine_Switch() {
	th := coro.Enter()
	defer th.Leave()

	h := &hello{home: th.Main()}
	h.Init(th, h)
	h.Switch()
	fmt.Println("main")
	h.Switch()
	fmt.Println("main again")
	// Output:
	// hello
	// main
	// hello again
	// main again
}

func ExampleCoroutine_State() {
	th := coro.Enter()
	defer th.Leave()

	h := &hello{home: th.Main()}
	h.Init(th, h)
	for fmt.Println(h.State()); h.State() != coro.Done; fmt.Println(h.State()) {
		h.Switch()
	}
	// Output:
	// unstarted
	// hello
	// suspended
	// hello again
	// done
}

func ExampleCoroutine_Discard() {
	th := coro.Enter()
	defer th.Leave()

	h := &hello{home: th.Main()}
	h.Init(th, h)
	h.Discard()
	fmt.Println(h.State())
	// Output: done
}

// A stage of a pipeline: when its body has ended, the next stage runs, on the same goroutine.
type stage struct {
	coro.Coroutine
	body func()
	next *coro.Coroutine
}

func (s *stage) Run() { s.body() }

func (s *stage) Finished(e *coro.Exit) *coro.Coroutine {
	switch {
	case e == nil:
		fmt.Println("returned")
	case e.Goexit:
		fmt.Println("called Goexit")
	default:
		fmt.Println("panicked:", e.Panic)
	}
	return s.next
}

// However a body ends, it is only Finished that is told.
func ExampleRunner() {
	th := coro.Enter()
	defer th.Leave()

	next := th.Main()
	for _, body := range []func(){
		func() {},
		runtime.Goexit,
		func() { panic("no more tea") },
	} {
		s := &stage{body: body, next: next}
		s.Init(th, s)
		next = &s.Coroutine
	}
	next.Switch()
	// Output:
	// panicked: no more tea
	// called Goexit
	// returned
}

func ExampleThread() {
	fmt.Println(coro.Current() != nil)
	th := coro.Enter()
	fmt.Println(coro.Current() == th, th.Current() == th.Main(), th.Live())

	h := &hello{home: th.Main()}
	h.Init(th, h)
	h.Switch()
	fmt.Println("live:", th.Live())
	h.Switch()
	fmt.Println(th.Leave(), coro.Current() != nil)
	// Output:
	// false
	// true true 0
	// hello
	// live: 1
	// hello again
	// <nil> false
}

// logger is where a package keeps its own data of each thread.
var logger = coro.NewKey()

func ExampleKey() {
	th := coro.Enter()
	defer th.Leave()

	th.Set(logger, "the logger of this thread")
	fmt.Println(coro.Current().Get(logger))
	// Output: the logger of this thread
}
