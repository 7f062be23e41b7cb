package gevent

import (
	"fmt"
	"io"
	"strings"

	"greenloop/sched"
)

// Graph returns which greenlets there are, what each waits for, and who has that; Cycles are those that wait for each
// other in a cycle, even while the rest of the program goes on. Hub thread only.
func (h *Hub) Graph() sched.Graph { return h.sched.Graph() }

// DumpTree writes all greenlets that are not done, each below the one that spawned it where that is known and lives: its
// state, what it waits for, since when, who has it, and where it was spawned; before them, the cycles of those that wait
// for each other. The error is that of w. Hub thread only.
func (h *Hub) DumpTree(w io.Writer) error {
	_, err := h.takeTree(false).WriteTo(w)
	return err
}

// DumpStacks is DumpTree with the stack of each greenlet under its line. It stops the process for some 10 µs a goroutine.
// Of a greenlet that waits inside a raw one, the stack shown is its own. Hub thread only.
func (h *Hub) DumpStacks(w io.Writer) error {
	_, err := h.takeTree(true).WriteTo(w)
	return err
}

// TakeTree takes what DumpTree writes, or with stacks what DumpStacks does, as it is at this moment. Its WriteTo makes the
// text, which takes several times as long and may be done on any goroutine. Hub thread only.
func (h *Hub) TakeTree(stacks bool) io.WriterTo { return h.takeTree(stacks) }

func (h *Hub) takeTree(stacks bool) *tree {
	t := &tree{stats: h.sched.Stats(), tasks: h.sched.Dump()}
	if stacks {
		t.ids = make(map[string]uint64)
		for _, task := range h.sched.Tasks() {
			t.ids[fmt.Sprintf("%p", task)] = task.ID()
		}
		t.dump = dumpAll()
	}
	return t
}

// A tree is all greenlets at one moment.
type tree struct {
	stats sched.Stats
	tasks []sched.TaskInfo
	ids   map[string]uint64 // of the tasks, by their addresses; nil without stacks
	dump  []byte            // of all goroutines
}

// WriteTo writes the tree as text.
func (t *tree) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, t.text())
	return int64(n), err
}

// stacksByID returns the text of the stack of each greenlet, but not of the current one, whose caller knows it.
func (t *tree) stacksByID() map[uint64]string {
	texts := make(map[uint64]string)
	for _, s := range parseStacks(t.dump) {
		if id, ok := t.ids[fmt.Sprintf("%#x", s.task())]; ok {
			texts[id] = s.text()
		}
	}
	return texts
}

// maxIndent bounds the indentation of a long line of descendants, whose text would else grow with its square.
const maxIndent = 32

func (t *tree) text() string {
	g, stats, stacks := sched.Graph{Tasks: t.tasks, Cycles: sched.Cycles(t.tasks)}, t.stats, t.stacksByID()
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
