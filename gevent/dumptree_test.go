package gevent

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// A child is a body that knows its parent.
type child struct {
	parent *sched.Task
	fn     func()
}

func (c *child) Run()             { c.fn() }
func (c *child) ParentID() uint64 { return c.parent.ID() }

// spawnChild starts a task below another.
func spawnChild(h *Hub, parent *sched.Task, name string, fn func()) *sched.Task {
	t := new(sched.Task)
	h.sched.Start(t, name, &child{parent, fn})
	return t
}

func withoutPlaces(text string) string {
	return regexp.MustCompile(`, in \S+ \(\S+\)`).ReplaceAllString(text, "")
}

func TestDumpTree(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		self := h.sched.Current()
		sleep := func() { _ = Sleep(time.Hour) }
		server := spawnChild(h, self, "server", sleep)
		conn := spawnChild(h, server, "conn 1", sleep)
		gone := spawnChild(h, self, "gone", func() {})
		orphan := spawnChild(h, gone, "orphan", sleep)
		var a, b *sched.Task
		a = spawnChild(h, conn, "a", func() { _ = b.Join() })
		b = spawnChild(h, server, "b", func() { _ = a.Join() })
		require.NoError(t, Sleep(time.Second))
		var text strings.Builder
		require.NoError(t, h.DumpTree(&text))
		require.Equal(t, `hub: 6 greenlets, 0 ready, 3 timers, 0 wait for IO
cycle: a (task 6) → b (task 7) → a (task 6)
task 1 "main" running
  task 2 "server" parked on sleep for 1s
    task 3 "conn 1" parked on sleep for 1s
      task 6 "a" parked on join of b (task 7) for 1s
    task 7 "b" parked on join of a (task 6) for 1s
task 5 "orphan" parked on sleep for 1s
`, withoutPlaces(text.String()))
		require.Equal(t, [][]uint64{{6, 7}}, h.Graph().Cycles)
		for _, t := range []*sched.Task{server, conn, orphan, a} {
			h.sched.Kill(t)
		}
		return nil
	})
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestDumpTreeReturnsTheWritersError(t *testing.T) {
	virtual(t, func() error {
		require.ErrorContains(t, GetHub().DumpTree(fullDisk{}), "full")
		require.ErrorContains(t, GetHub().DumpStacks(fullDisk{}), "full")
		return nil
	})
}

// A line of descendants does not make the text grow with its square, nor the search go deep.
func TestDumpTreeOfALongLine(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		last := h.sched.Current()
		for i := range 1000 {
			last = spawnChild(h, last, fmt.Sprint("n", i), func() { _ = Sleep(time.Hour) })
		}
		require.NoError(t, Sleep(time.Second))
		var text bytes.Buffer
		require.NoError(t, h.DumpTree(&text))
		require.Contains(t, text.String(), "\n"+strings.Repeat("  ", maxIndent)+"task 1001 ")
		for _, t := range h.sched.Tasks()[1:] {
			h.sched.Kill(t)
		}
		return nil
	})
}

//go:noinline
func napOfOne() error { return Sleep(time.Hour) }

//go:noinline
func napOfTwo() error { return Sleep(time.Hour) }

func TestDumpStacks(t *testing.T) {
	virtual(t, func() error {
		one := SpawnNamed("one", napOfOne)
		two := SpawnNamed("two", napOfTwo)
		parked(t, one, two)
		var text strings.Builder
		require.NoError(t, GetHub().DumpStacks(&text))
		_, ofOne, found := strings.Cut(text.String(), `task 2 "one"`)
		require.True(t, found, text.String())
		ofOne, ofTwo, found := strings.Cut(ofOne, `task 3 "two"`)
		require.True(t, found)
		require.Contains(t, ofOne, "    "+prefix+"/gevent.napOfOne\n")
		require.Contains(t, ofOne, "gevent/dumptree_test.go:")
		require.NotContains(t, ofOne, "napOfTwo")
		require.Contains(t, ofTwo, ".napOfTwo\n")
		return KillAll(one, two)
	})
}
