package primitives

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each way does what it is to do, begins to be measured once, and leaves no goroutine.
func TestEachWayDoesItsWork(t *testing.T) {
	const most = 100 // of a round
	names := map[string]bool{}
	for _, c := range all {
		for _, w := range c.ways {
			name := c.name + "/" + w.name
			t.Run(name, func(t *testing.T) {
				require.False(t, names[name], "two ways of that name")
				names[name] = true
				before, began := runtime.NumGoroutine(), 0
				j := job{rounds: 3, size: min(c.size, most), begin: func() { began++ }}
				w.in(t, func() { require.Equal(t, j.rounds*j.size, w.work(j)) })
				require.Equal(t, 1, began)
				for left := 5_000; left > 0 && runtime.NumGoroutine() > before; left-- {
					time.Sleep(time.Millisecond) // the last steps of one that has done its work
				}
				require.LessOrEqual(t, runtime.NumGoroutine(), before)
			})
		}
	}
}
