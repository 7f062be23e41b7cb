// Package coro is the switch: symmetric, stackful coroutines that share one OS thread.
//
// A coroutine runs until it switches to another one, by name; nothing is preempted, nothing runs beside it, and there
// is no scheduler here (that is package sched) and no value passed along (that is package greenlet). A switch costs one
// runtime.coroswitch, tens of nanoseconds, and allocates nothing.
//
// # Terms
//
// A [Thread] is an OS thread that was entered with [Enter]; the goroutine that entered it is its main coroutine. A
// [Coroutine] has a stack of its own from its first switch on. A slot holds exactly one suspended goroutine; a swap
// exchanges the caller with it.
//
// # How it works
//
// Go's runtime has a direct coroutine switch, open to package iter alone. An [iter.Pull] is a slot: next and yield each
// swap the caller with whoever sits there. They must alternate, but nothing says that the same goroutine must call
// them. So each goroutine brings a slot when it is made, remembers in which one it sits now, and a switch from A to B is
// one swap on the slot in which B sits; A now sits there. When a goroutine ends, Go resumes the one in its slot, wanted
// or not; therefore whoever comes out of a swap asks whether it is its turn, and passes on to the one whose turn it is.
//
// # What ends a body
//
// It returns, panics, or calls [runtime.Goexit] (as testing.T.FailNow does): neither of the latter reaches another
// coroutine. [Runner].Finished is told, and decides who runs next.
//
// # What it cannot see
//
// Two kinds of mistake end the process with the runtime's own "coro: OS thread locking must match locking at coroutine
// creation", because they cannot be seen from here:
//
//   - the lock of the thread is another one than at the coroutine's first switch: a coroutine that calls
//     [runtime.LockOSThread] (or one UnlockOSThread too many) and switches before it has undone it; a host that locks after its
//     coroutines have begun; an [iter.Pull] of the user's own that was made before Enter and is used after it;
//   - a switch inside a Go function called from C that was itself called from a coroutine, or the other way round: a
//     coroutine belongs to the depth of C calls at which it was first switched to.
//
// Where assembly does not know the thread (js/wasm, and the fallback on systems other than Linux), identity is that of
// the goroutine: there a switch inside an iter.Pull that a body made is refused, as if it came from another thread.
//
// What a body leaves on its goroutine (pprof labels, debug.SetPanicOnFault) the next body finds there. A goroutine that
// ends without Leave takes its thread's coroutines with it: nothing resumes them any more.
//
// # Example
//
//	type hello struct{ coro.Coroutine; home *coro.Coroutine }
//
//	func (h *hello) Run()                                { fmt.Println("hello"); h.home.Switch(); fmt.Println("again") }
//	func (h *hello) Finished(*coro.Exit) *coro.Coroutine { return h.home }
//
//	th := coro.Enter()
//	defer th.Leave()
//	h := &hello{home: th.Main()}
//	h.Init(th, h)
//	h.Switch() // hello
//	h.Switch() // again; h is done
package coro
