package multiprocessing

import (
	"runtime"
	"sync/atomic"
)

// A Counter is an integer that processes share and change without a lock: nobody waits, no Add is lost, and a process
// that ends at any moment leaves nothing half done. It travels in the arguments of a process and in values that a Sender
// sends, and is shared then. Until Close, Add, Load, Store and CompareAndSwap are safe from any goroutine; after it they
// panic.
type Counter struct{ shared }

// NewCounter returns a Counter that is n. The error is that of the system, such as EMFILE, or errors.ErrUnsupported. Hub
// thread only.
func NewCounter(n int64) (*Counter, error) {
	r, err := newRegion(counterKind, sizeOf[atomic.Int64](), 0)
	if err != nil {
		return nil, err
	}
	at[atomic.Int64](r, 0).Store(n)
	return &Counter{shared{r}}, nil
}

// GobDecode opens the Counter that has come, for package gob.
func (c *Counter) GobDecode(b []byte) error { return c.arrive(b, counterKind, 0) }

// Add adds delta, and returns what the sum is then.
func (c *Counter) Add(delta int64) int64 {
	defer runtime.KeepAlive(c)
	return c.word().Add(delta)
}

// Load returns the integer.
func (c *Counter) Load() int64 {
	defer runtime.KeepAlive(c)
	return c.word().Load()
}

// Store sets the integer.
func (c *Counter) Store(n int64) {
	defer runtime.KeepAlive(c)
	c.word().Store(n)
}

// CompareAndSwap sets the integer to n if it is old, and reports whether it was.
func (c *Counter) CompareAndSwap(old, n int64) bool {
	defer runtime.KeepAlive(c)
	return c.word().CompareAndSwap(old, n)
}

func (c *Counter) word() *atomic.Int64 { return at[atomic.Int64](c.anywhere(counterKind), 0) }
