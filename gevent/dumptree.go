package gevent

import (
	"fmt"
	"io"
	"strings"

	"greenloop/sched"
)

// Graph returns which greenlets there are, what each waits for, and who has that; Cycles are those that wait for each
// other in a circle, even while the rest of the program goes on. Hub thread only.
func (h *Hub) Graph() sched.Graph { return h.sched.Graph() }

// DumpTree writes all greenlets that are not done, each below the one that spawned it where that is known and lives: its
// state, what it waits for, since when, who has it, and where it was spawned; before them, the cycles of those that wait
// for each other. The error is that of w. Hub thread only.
func (h *Hub) DumpTree(w io.Writer) error {
	_, err := io.WriteString(w, h.tree(nil))
	return err
}

// DumpStacks is DumpTree with the stack of each greenlet under its line. It stops the process for some 10 µs a goroutine.
// Of a greenlet that waits inside a raw one, the stack shown is its own. Hub thread only.
func (h *Hub) DumpStacks(w io.Writer) error {
	_, err := io.WriteString(w, h.tree(h.stacksByID()))
	return err
}

// stacksByID returns the text of the stack of each greenlet, but not of the current one, whose caller knows it.
func (h *Hub) stacksByID() map[uint64]string {
	ids := make(map[string]uint64)
	for _, t := range h.sched.Tasks() {
		ids[fmt.Sprintf("%p", t)] = t.ID()
	}
	texts := make(map[uint64]string)
	for _, s := range stacks() {
		if id, ok := ids[fmt.Sprintf("%#x", s.task())]; ok {
			texts[id] = s.text()
		}
	}
	return texts
}

// maxIndent bounds the indentation of a long line of descendants, whose text would else grow with its square.
const maxIndent = 32

func (h *Hub) tree(stacks map[uint64]string) string {
	g, stats := h.sched.Graph(), h.sched.Stats()
	var b strings.Builder
	fmt.Fprintf(&b, "hub: %d greenlets, %d ready, %d timers, %d wait for IO\n",
		stats.Live, stats.Ready, stats.Timers, stats.Events)
	for _, c := range g.Cycles {
		fmt.Fprintf(&b, "cycle: %s\n", g.CycleText(c))
	}
	lives := make(map[uint64]bool, len(g.Tasks))
	children := make(map[uint64][]sched.TaskInfo)
	for _, t := range g.Tasks { // a parent is older than its children
		parent := t.Parent
		if !lives[parent] {
			parent = 0
		}
		lives[t.ID] = true
		children[parent] = append(children[parent], t)
	}
	type branch struct {
		depth int
		tasks []sched.TaskInfo
	}
	for todo := []branch{{0, children[0]}}; len(todo) > 0; { // not recursive: a line of descendants can be long
		last := &todo[len(todo)-1]
		if len(last.tasks) == 0 {
			todo = todo[:len(todo)-1]
			continue
		}
		t, depth := last.tasks[0], last.depth
		last.tasks = last.tasks[1:]
		indent := strings.Repeat("  ", min(depth, maxIndent))
		fmt.Fprintf(&b, "%s%s\n", indent, t)
		for line := range strings.Lines(stacks[t.ID]) {
			b.WriteString(indent + "    " + line)
		}
		todo = append(todo, branch{depth + 1, children[t.ID]})
	}
	return b.String()
}
