package coro

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// maxIdle bounds the goroutines that a thread keeps for reuse: enough for a burst of short tasks, and at
// 2–8 KiB of stack each a few megabytes at the most.
const maxIdle = 1024

// A Thread is one OS thread as far as coroutines are concerned: its main coroutine, which is the goroutine that called
// Enter, and all others that run there. One of them is running at any time. Except where a method says otherwise, it
// is for use on that thread only.
type Thread struct {
	id       atomic.Uintptr // what self returns here
	pin      unsafe.Pointer // keeps the runtime's m, whose address is the identity, from being reused
	main     Coroutine
	current  *Coroutine
	idle     []idler
	live     int // started and not finished, main not counted
	depth    int
	hire     func() (*worker, bool)
	dismiss  func()
	doomed   map[*Coroutine]bool // see Doom; few at a time, and mostly none
	panicked *Exit               // the panic in a body that may be in Goexit, from call to exited
	onEnd    func(*Coroutine)    // see OnEnd
	onDoom   func(*Coroutine)    // see OnDoom
	flipping Coroutine           // stands for a goroutine that dies by Goexit, while flip needs it once more
	locals   [maxKeys]any
}

var registry struct {
	sync.Mutex
	threads atomic.Pointer[[]*Thread] // copied on write; read on each call of Current
}

// Enter locks the calling goroutine to its OS thread and makes it the main coroutine of a new Thread. On a thread that
// has been entered already it returns the existing one. Each Enter needs its Leave, on the same thread.
func Enter() *Thread {
	if th := Current(); th != nil {
		th.depth++
		return th
	}
	if pulled() {
		panic("coro: the first Enter of this goroutine is inside an iter.Pull that it made: locking it to its thread now would end " +
			"the process at the next switch of that Pull; make the Pull inside, or enter before")
	}
	if runtime.GOARCH != "wasm" { // it has but one thread; a locked goroutine could not wait there
		runtime.LockOSThread()
	}
	th := &Thread{depth: 1, pin: pin()}
	th.main.thread = th
	th.current = &th.main
	th.id.Store(self())
	registry.Lock()
	defer registry.Unlock()
	list := append(threads()[:len(threads()):len(threads())], th)
	registry.threads.Store(&list)
	return th
}

// pulled reports whether the caller runs on the goroutine of an iter.Pull. Go ties that to the lock of the thread
// under which it was made, and ends the process with a throw if it is switched under any other.
func pulled() bool {
	var pcs [64]uintptr
	for skip, n := 0, len(pcs); n == len(pcs); skip += n {
		n = runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for more := n > 0; more; {
			var f runtime.Frame
			if f, more = frames.Next(); f.Function == "runtime.corostart" {
				return true
			}
		}
	}
	return false
}

// Leave undoes one Enter. The last one ends the idle goroutines, unlocks the goroutine from its thread, and
// returns an error if coroutines are still suspended: nobody can resume them any more. Call it on the main coroutine.
func (th *Thread) Leave() error {
	if !th.Here() || th.depth == 1 && th.current != &th.main {
		panic("coro: the last Leave is for the goroutine that called Enter first, outside any coroutine")
	}
	if th.depth--; th.depth > 0 {
		return nil
	}
	th.retire()
	registry.Lock()
	var list []*Thread
	for _, other := range threads() {
		if other != th {
			list = append(list, other)
		}
	}
	registry.threads.Store(&list)
	registry.Unlock()
	th.id.Store(0)
	if runtime.GOARCH != "wasm" {
		runtime.UnlockOSThread()
	}
	if th.live > 0 {
		return fmt.Errorf("coro: left the thread with %d coroutines suspended; their goroutines stay for ever: let them finish before Leave", th.live)
	}
	return nil
}

// retire ends the idle workers' goroutines, one after the other.
func (th *Thread) retire() {
	for len(th.idle) > 0 {
		free := th.idle[len(th.idle)-1]
		th.idle = th.idle[:len(th.idle)-1]
		free.w.slot.retire = true
		th.main.at = free.at
		free.at.swap()
		th.settle(&th.main)
	}
	if th.dismiss != nil {
		th.dismiss()
	}
}

func threads() []*Thread {
	if p := registry.threads.Load(); p != nil {
		return *p
	}
	return nil
}

// Current returns the Thread of the calling goroutine: inside any of its coroutines, also inside an iter.Pull that one
// of them made; nil on every other goroutine. Safe from any goroutine.
func Current() *Thread {
	// The list first: a Thread that is entered after it was read cannot be this goroutine's, which may have left the
	// OS thread in between.
	list := threads()
	id := self()
	for _, th := range list { // a handful at the most: one a hub
		if th.id.Load() == id {
			return th
		}
	}
	return nil
}

// Here reports whether the caller runs on th. Safe from any goroutine.
func (th *Thread) Here() bool {
	id := th.id.Load()
	return quickSelf() == id || self() == id
}

// Nearby is Here where the answer is cheap, and inlined there; elsewhere it is false, which tells nothing.
func (th *Thread) Nearby() bool { return useMark && uintptr(mark()) == th.id.Load() }

// Main returns the coroutine that stands for the goroutine that called Enter.
func (th *Thread) Main() *Coroutine { return &th.main }

// Current returns the coroutine that is running.
func (th *Thread) Current() *Coroutine { return th.current }

// Live returns how many coroutines have started and not finished, the main one not counted.
func (th *Thread) Live() int { return th.live }

// OnEnd has fn called for each coroutine of th that ends, after its Finished, nil removes it: for a layer that keeps
// something with coroutines that are not its own. The coroutine may be initialised anew, and be the same one no more.
// fn must return normally.
func (th *Thread) OnEnd(fn func(*Coroutine)) { th.onEnd = fn }

// OnDoom has fn called by each Doom on th, nil removes it. fn must return normally.
func (th *Thread) OnDoom(fn func(*Coroutine)) { th.onDoom = fn }

const maxKeys = 4

var keys atomic.Int32

// A Key names a value that a package keeps with each Thread. Make it once, in a package-level variable.
type Key int

// NewKey returns a Key of its own. Safe from any goroutine.
func NewKey() Key {
	k := keys.Add(1) - 1
	if k >= maxKeys {
		panic("coro: too many keys; a Key is for a package-level variable of a layer above coro")
	}
	return Key(k)
}

// Get returns the value kept under k, nil if there is none.
func (th *Thread) Get(k Key) any { return th.locals[k] }

// Set keeps v under k.
func (th *Thread) Set(k Key, v any) { th.locals[k] = v }
