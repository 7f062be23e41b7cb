package greenlet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Schedulers use the coroutine of a task that has ended for another one, which then has a tree of its own.
func TestTaskOnAUsedCoroutineBeginsAnew(t *testing.T) {
	l := &log{t: t}
	runTasks(t, func(o *loop) {
		var root, left *Greenlet
		k := &loopTask{loop: o}
		again := func(fn func()) {
			k.fn = fn
			k.Init(o.th, k)
			o.ready = append(o.ready, &k.Coroutine)
		}
		again(func() {
			root = Current()
			colour.Set("red")
			left = New(l.waiting("left"))
			left.Switch()
		})
		o.spawn(func() {
			again(func() {
				require.NotSame(t, root, Current())
				require.True(t, root.Dead())
				require.Equal(t, "grey", colour.Get())
				New(l.waiting("left, too")).Switch()
			})
			o.yield()
			again(func() {
				require.NoError(t, Run(func() error { New(l.waiting("in Run")).Switch(); return nil }))
				l.is("in Run ends")
				l.got("heir")(left.Switch("hello"))
			})
		})
	})
	require.Equal(t, []string{"in Run ends", "left got hello <nil>", "heir got left waits <nil>"}, l.lines[:3])
	require.ElementsMatch(t, []string{"left ends", "left, too ends"}, l.lines[3:])
}

// To print a greenlet makes none: it would lock the goroutine of a scheduler to its thread for good.
func TestStringMakesNoMainGreenlet(t *testing.T) {
	runTasks(t, func(o *loop) {
		var root *Greenlet
		k := &loopTask{loop: o, fn: func() {
			root = Current()
			require.Contains(t, root.String(), "(current)")
			o.th.Main().Switch()
		}}
		k.Init(o.th, k)
		k.Switch()
		require.Equal(t, "root greenlet 1 (parked)", root.String())
		require.False(t, enter().held)
		k.Switch()
	})
}
