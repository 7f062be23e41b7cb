package sched

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Owned is implemented by a Reason if some tasks have what is waited for, and can give it: the holder of a lock, the
// users of a pool, the task that is joined. It is called for reports only, once for each task that waits; no more than 16
// are looked at.
type Owned interface{ Holders() []*Task }

// Spawned is implemented by a Body that knows the ID of the task that spawned it; 0 if none did.
type Spawned interface{ ParentID() uint64 }

// A Holder is a task that others wait for. One that is Done will never give back what it holds.
type Holder struct {
	ID    uint64
	Name  string
	State State
}

func (h Holder) String() string {
	text := nameOf(h.Name, h.ID)
	if h.State == Done {
		return text + ", which has ended"
	}
	return text
}

// A Graph says who waits for whom.
type Graph struct {
	Tasks []TaskInfo // that are not done, in spawn order; each tells its Holders
	// Cycles are the IDs of tasks of which each waits for what the next one holds, and the last for the first. They stay so
	// unless one of these waits is ended from outside or by its deadline, or there is another holder. A task is
	// in one of them at the most, where cycles overlap.
	Cycles [][]uint64
}

// Graph returns who waits for whom at this moment. Hub thread only.
func (s *Scheduler) Graph() Graph {
	tasks := s.Dump()
	return Graph{tasks, Cycles(tasks)}
}

// maxHolders is how many holders are looked at: thousands may wait for a pool of thousands.
const maxHolders = 16

// Holders returns who has what t waits for, if its reason is Owned: the first 16 of those that belong to s. A reason that
// panics has none; a Dump reports that. Hub thread only.
func (s *Scheduler) Holders(t *Task) []*Task {
	all, _ := s.owners(t)
	return all
}

func (s *Scheduler) owners(t *Task) (all []*Task, panicked *PanicError) {
	o, ok := t.reason.(Owned)
	if !ok {
		return nil, nil
	}
	var owners []*Task
	panicked = s.guard(func() { owners = o.Holders() })
	for _, h := range owners {
		if len(all) == maxHolders {
			break
		}
		if h != nil && h.s == s { // another scheduler's tasks are not ours to look at
			all = append(all, h)
		}
	}
	return all, panicked
}

// described returns the Holders of t for a Dump.
func (s *Scheduler) described(t *Task) (all []Holder) {
	owners, panicked := s.owners(t)
	if panicked != nil {
		s.report(nil, panicked)
	}
	for _, h := range owners {
		all = append(all, Holder{h.id, h.name, h.state})
	}
	return all
}

func (t *Task) spawnedBy() uint64 {
	if b, ok := t.body.(Spawned); ok {
		return b.ParentID()
	}
	return 0
}

// Cycles finds the cycles among the holders of tasks, as Graph does: for who has the tasks of another moment. Safe from
// any goroutine.
func Cycles(tasks []TaskInfo) (found [][]uint64) {
	// A depth-first search: a step to a task on the path closes a cycle.
	at := make(map[uint64]int, len(tasks))
	for i, t := range tasks {
		at[t.ID] = i
	}
	const (
		unseen = iota
		onPath
		left
	)
	state, tried := make([]byte, len(tasks)), make([]int, len(tasks))
	shown := make([]bool, len(tasks))
	for root := range tasks {
		if state[root] != unseen {
			continue
		}
		state[root] = onPath
		for path := []int{root}; len(path) > 0; {
			v := path[len(path)-1]
			if tried[v] == len(tasks[v].Holders) {
				state[v] = left
				path = path[:len(path)-1]
				continue
			}
			w, known := at[tasks[v].Holders[tried[v]].ID]
			tried[v]++
			switch {
			case !known: // it has ended
			case state[w] == unseen:
				state[w] = onPath
				path = append(path, w)
			case state[w] == onPath && !shown[v] && !shown[w]:
				if c := cycle(tasks, path[slices.Index(path, w):], shown); c != nil {
					found = append(found, c)
				}
			}
		}
	}
	return found
}

// cycle returns the IDs of members, the oldest task first, unless one of them was shown in another cycle.
func cycle(tasks []TaskInfo, members []int, shown []bool) []uint64 {
	if slices.ContainsFunc(members, func(i int) bool { return shown[i] }) {
		return nil
	}
	first := slices.Index(members, slices.Min(members))
	ids := make([]uint64, len(members))
	for i := range members {
		m := members[(first+i)%len(members)]
		ids[i], shown[m] = tasks[m].ID, true
	}
	return ids
}

// shownTasks is how many tasks, and how many members of a cycle, a text shows.
const shownTasks = 50

// String returns the cycles, such as "main (task 1) → worker (task 2) → main (task 1)", and the tasks, those in cycles
// first, each on a line of its own. What is more than 50 is counted.
func (g Graph) String() string {
	inCycle := make(map[uint64]bool)
	var lines []string
	for _, c := range g.Cycles[:min(len(g.Cycles), shownTasks)] {
		lines = append(lines, "cycle: "+g.CycleText(c))
		for _, id := range c {
			inCycle[id] = true
		}
	}
	lines = appendMore(lines, len(g.Cycles), "cycles")
	n := 0
	for _, members := range [...]bool{true, false} {
		for _, t := range g.Tasks {
			if n < shownTasks && inCycle[t.ID] == members {
				lines = append(lines, t.String())
				n++
			}
		}
	}
	return strings.Join(appendMore(lines, len(g.Tasks), "tasks"), "\n")
}

func appendMore(lines []string, n int, what string) []string {
	if n <= shownTasks {
		return lines
	}
	return append(lines, fmt.Sprintf("… and %d more %s", n-shownTasks, what))
}

// CycleText returns a cycle as text, such as "main (task 1) → worker (task 2) → main (task 1)".
func (g Graph) CycleText(ids []uint64) string {
	var b strings.Builder
	for _, id := range ids[:min(len(ids), shownTasks)] {
		b.WriteString(g.name(id) + " → ")
	}
	if more := len(ids) - shownTasks; more > 0 {
		fmt.Fprintf(&b, "… %d more → ", more)
	}
	return b.String() + g.name(ids[0])
}

// name finds the task by its ID; they are in the order of their IDs.
func (g Graph) name(id uint64) string {
	i, ok := slices.BinarySearchFunc(g.Tasks, id, func(t TaskInfo, id uint64) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return nameOf("", id)
	}
	return nameOf(g.Tasks[i].Name, id)
}
