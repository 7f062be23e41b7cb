package coro

import (
	"iter"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// slowForced is set by the build tag coro_slowself.
var slowForced bool

// identities are all the ways there are to tell who calls, whichever of them self uses here.
func identities() map[string]func() uintptr {
	ids := map[string]func() uintptr{"self": self, "goroutineID": goroutineID}
	if checkLayout(mOffset) {
		ids["mark"] = func() uintptr { return uintptr(mark()) }
	}
	if threadID != nil {
		ids["threadID"] = threadID
	}
	return ids
}

// ofThread tells which of the identities are a thread's, not a goroutine's.
func ofThread(name string) bool {
	switch name {
	case "self":
		return !perGoroutine
	case "mark":
		return !markIsG
	}
	return name == "threadID"
}

func lockThread(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		return // one thread; a locked goroutine could not wait there
	}
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
}

func TestLayoutIsAsExpected(t *testing.T) {
	require.True(t, checkLayout(mOffset), "struct g of runtime/runtime2.go has changed: update mOffset and getm_*.s")
	require.Equal(t, markIsG, runtime.GOARCH == "wasm")
	if !markIsG {
		require.Equal(t, peek(uintptr(getg())+mOffset), uintptr(mark()))
	}
}

func TestLayoutCheckRefusesWhatIsNotThere(t *testing.T) {
	if markIsG {
		t.Skip("no offset to be wrong about")
	}
	word := unsafe.Sizeof(uintptr(0))
	for offset := uintptr(0); offset < 48*word; offset += word {
		require.Equal(t, offset == mOffset, checkLayout(offset), "offset %d", offset)
	}
}

func TestSelfUsesTheBestThatThereIs(t *testing.T) {
	if slowForced {
		require.False(t, useMark)
		require.True(t, perGoroutine)
		require.Equal(t, goroutineID(), self())
		require.NotEqual(t, self(), quickSelf())
		require.Nil(t, pin())
		return
	}
	require.True(t, useMark)
	require.Equal(t, markIsG, perGoroutine)
	lockThread(t)
	require.Equal(t, self(), quickSelf())
	require.Equal(t, self(), uintptr(pin()))
}

func TestIdentityInsideNestedPulls(t *testing.T) {
	lockThread(t)
	for name, id := range identities() {
		outside := id()
		seen := nested(t, 5, id)
		for depth, inside := range seen {
			if ofThread(name) {
				require.Equal(t, outside, inside, "%s, depth %d", name, depth)
			} else {
				require.NotEqual(t, outside, inside, "%s, depth %d", name, depth)
			}
		}
		require.Equal(t, outside, id(), name)
	}
}

// nested returns the identities seen inside depth iter.Pulls, one within the other.
func nested(t *testing.T, depth int, id func() uintptr) []uintptr {
	if depth == 0 {
		return nil
	}
	next, stop := iter.Pull(func(yield func([]uintptr) bool) {
		before := id()
		inner := nested(t, depth-1, id)
		require.Equal(t, before, id())
		if yield(append(inner, before)) {
			require.Equal(t, before, id())
		}
	})
	defer stop()
	seen, ok := next()
	require.True(t, ok)
	next()
	return seen
}

func TestIdentityIsDifferentInGoroutinesAtOnce(t *testing.T) {
	const goroutines = 50
	lockThread(t)
	var own [goroutines]map[string]uintptr
	var ready, done sync.WaitGroup
	hold := make(chan struct{})
	ready.Add(goroutines)
	for i := range own {
		done.Go(func() {
			if runtime.GOARCH != "wasm" {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			own[i] = map[string]uintptr{}
			for name, id := range identities() {
				own[i][name] = id()
			}
			ready.Done()
			<-hold
			for name, id := range identities() {
				if own[i][name] != id() {
					t.Errorf("%s changed in a locked goroutine", name)
				}
			}
		})
	}
	ready.Wait()
	close(hold)
	done.Wait()
	for name, id := range identities() {
		seen := map[uintptr]bool{id(): true}
		for i := range own {
			require.NotZero(t, own[i][name], name)
			require.False(t, seen[own[i][name]], "%s: two goroutines have the same", name)
			seen[own[i][name]] = true
		}
	}
}

func TestNoUnlockedGoroutineHasTheIdentityOfALockedThread(t *testing.T) {
	lockThread(t)
	for name, id := range identities() {
		mine := id()
		for range 200 {
			same := make(chan bool)
			go func() {
				runtime.Gosched()
				same <- id() == mine
			}()
			require.False(t, <-same, name)
		}
	}
}

func TestPinnedIdentityIsNotReused(t *testing.T) {
	if pin() == nil || markIsG {
		t.Skip("not the address of an m")
	}
	pins := map[unsafe.Pointer]bool{}
	for range 100 {
		p := make(chan unsafe.Pointer)
		go func() {
			runtime.LockOSThread() // and no unlock: the thread ends with the goroutine
			p <- pin()
		}()
		m := <-p
		require.False(t, pins[m], "the m of an ended thread was given to a new one although it was pinned")
		pins[m] = true
		runtime.GC()
	}
}

func BenchmarkSelf(b *testing.B) {
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			quickSelf()
		}
	})
	for name, id := range identities() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				id()
			}
		})
	}
}
