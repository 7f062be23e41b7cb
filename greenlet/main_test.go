package greenlet

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/runtime/coro"
)

// run calls fn inside Run; when it has returned, the goroutine is as it was.
func run(t *testing.T, fn func() error) {
	t.Helper()
	clean(t)
	require.NoError(t, Run(fn))
	clean(t)
}

func clean(t *testing.T) {
	t.Helper()
	require.Nil(t, coro.Current(), "the goroutine has not left its thread")
	goleak.VerifyNone(t, goleak.IgnoreAnyFunction("runtime.handleEvent")) // that one is js/wasm's own
}

// A log is what happened, in the order in which it did.
type log struct {
	t     *testing.T
	lines []string
}

func (l *log) add(line string) { l.lines = append(l.lines, line) }

func (l *log) is(lines ...string) {
	l.t.Helper()
	require.Equal(l.t, lines, l.lines)
}
