package sched

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// listAgainstModel carries out steps, two bytes each: what, and which task.
func listAgainstModel(t require.TestingT, steps []byte) {
	var l, other list
	var model []*Task
	tasks := make([]Task, 16)
	for len(steps) >= 2 {
		what, task := steps[0]%4, &tasks[steps[1]%16]
		steps = steps[2:]
		switch at := slices.Index(model, task); {
		case what < 2 && at < 0:
			l.push(task)
			model = append(model, task)
		case what < 3 && at >= 0:
			l.remove(task)
			model = slices.Delete(model, at, at+1)
			other.push(task) // a task that has left one list can be in another
			other.remove(task)
		case len(model) > 0:
			require.Same(t, model[0], l.pop())
			model = model[1:]
		case what == 3:
			require.Nil(t, l.pop())
		}
		require.Equal(t, len(model), l.n)
		var forward, backward []*Task
		for q := l.head; q != nil; q = q.next {
			require.Same(t, &l, q.queue)
			forward = append(forward, q)
		}
		for q := l.tail; q != nil; q = q.prev {
			backward = append(backward, q)
		}
		slices.Reverse(backward)
		require.True(t, slices.Equal(model, forward))
		require.True(t, slices.Equal(model, backward))
		if what == 3 {
			require.True(t, task.queue == &l == slices.Contains(model, task))
		}
	}
}

func TestListAgainstASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		listAgainstModel(t, rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "steps"))
	})
}

func FuzzList(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 3, 2, 2, 3, 0})
	f.Fuzz(func(t *testing.T, steps []byte) { listAgainstModel(t, steps) })
}
