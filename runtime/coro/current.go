package coro

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strconv"
	"unsafe"
)

// Which OS thread is this? Go does not say, and every switch needs the answer: a coroutine that were run on another
// thread than its own would end the process with a throw. Here the answer is the address of the m, the runtime's struct
// for a thread, and costs about a nanosecond. Coroutines are locked to their thread, so that they all have the same m,
// and so has each goroutine that an iter.Pull of a user's made there; and because a locked thread runs nothing else, no
// goroutine started by a go statement ever has it. The g, the runtime's struct for a goroutine, would fail the first test.
//
// Where g and m are is no promise of the runtime. So checkLayout looks before anything trusts it, and if it finds what it
// does not expect (an architecture or a Go version that this file has not seen), the answer is the kernel's thread id, or
// the goroutine's number in its stack trace: slower, and as right.

// mOffset is where the struct g has its field m: after stack.lo, stack.hi, stackguard0, stackguard1, _panic and _defer.
const mOffset = 6 * unsafe.Sizeof(uintptr(0))

var (
	// useMark says that mark can be trusted. Like the other two, it does not change after the package's initialisation.
	useMark = checkLayout(mOffset)

	// slowSelf is what self returns where mark cannot be trusted.
	slowSelf = fallback()

	// perGoroutine says that self tells goroutines apart, not threads: it is then another in each coroutine, and what a
	// Thread holds of it must be taken anew after each switch.
	perGoroutine = useMark && markIsG || !useMark && threadID == nil
)

// self returns the identity of the calling thread, or of the calling goroutine if perGoroutine. It is never 0. The
// answer holds as long as the caller is locked to its thread; an unlocked goroutine gets that of a moment ago, which is
// enough to know that it is not that of a thread to which another is locked.
func self() uintptr {
	if useMark {
		return uintptr(mark())
	}
	return slowSelf()
}

// quickSelf is self where that is cheap, and elsewhere a value that self never returns: a caller that compares and finds
// a difference asks self before it believes it. The compiler inlines quickSelf, and self, with its two calls, it does
// not: one nanosecond of the fifty that a switch takes.
func quickSelf() uintptr {
	if useMark {
		return uintptr(mark())
	}
	return ^uintptr(0)
}

// pin returns what to hold on to, so that self's answer is given to no other thread after this one has ended: the m,
// which the garbage collector would free and use again. It is nil where the answer is not an address.
func pin() unsafe.Pointer {
	if useMark {
		return mark()
	}
	return nil
}

// checkLayout reports whether getg finds the current g, and whether its m is offset bytes into it. Wrong offsets yield
// words that are anything at all, so that it may not hold one as a pointer, and may run into a fault, which is a panic
// thanks to SetPanicOnFault.
func checkLayout(offset uintptr) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	g := uintptr(getg())
	if g == 0 {
		return false
	}
	// g.stack, the first two words, are the bounds of the stack on which we are.
	var here byte
	if at := uintptr(unsafe.Pointer(&here)); at <= peek(g) || at >= peek(g+unsafe.Sizeof(g)) {
		return false
	}
	if markIsG {
		return true
	}
	// m.g0, the first word, is another g, that of the scheduler's stack, which has the same m.
	m := peek(g + offset)
	if m == 0 || m%unsafe.Sizeof(m) != 0 {
		return false
	}
	g0 := peek(m)
	return g0 != 0 && g0%unsafe.Sizeof(g0) == 0 && g0 != g && peek(g0+offset) == m
}

// fallback chooses the cheapest identity that needs nothing of the runtime's inside.
func fallback() func() uintptr {
	if threadID != nil {
		return threadID
	}
	return goroutineID
}

// goroutineID returns the number in "goroutine 18 [running]:", with which each stack trace begins. It is never reused.
func goroutineID() uintptr {
	var buf [64]byte
	text := buf[:runtime.Stack(buf[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	digits, _, _ := bytes.Cut(text, []byte(" "))
	id, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || id == 0 {
		panic("coro: no goroutine number in the stack trace that begins with " + strconv.Quote(string(buf[:])) + "; please file a bug")
	}
	return uintptr(id)
}
