package gevent

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
)

// Greenlets end in a random order, some before the wait, while it goes on, with a count, a deadline, duplicates: what
// comes back is what ended, in that order, and nothing is left.
func TestWaitModel(t *testing.T) {
	virtual(t, func() error {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(0, 6).Draw(t, "greenlets")
			order := rapid.Permutation(indices(n)).Draw(t, "order of ends")
			before := rapid.IntRange(0, n).Draw(t, "ended before")
			limit := Until{Count: rapid.IntRange(0, n+1).Draw(t, "count")}
			last := n // how many end before the deadline
			if rapid.Bool().Draw(t, "deadline") {
				last = rapid.IntRange(before, n).Draw(t, "ended in time")
				limit.Timeout = time.Duration(last-before)*time.Second + time.Second/2
			}
			args := indices(n)
			if n > 0 && rapid.Bool().Draw(t, "duplicate") {
				args = append(args, rapid.IntRange(0, n-1).Draw(t, "twice"))
			}

			gs := make([]*Greenlet, n)
			for i := range gs {
				gs[i] = Spawn(func() error { return GetHub().sched.Park(sched.Why("the test")) })
			}
			Yield()
			for _, i := range order[:before] {
				gs[i].KillAsync()
			}
			Yield()
			Spawn(func() error {
				for _, i := range order[before:] {
					if err := Sleep(time.Second); err != nil {
						return err
					}
					gs[i].KillAsync()
				}
				return nil
			})

			want, early := wantReady(args, order, before, last, limit.Count)
			var objs []Waitable
			for _, i := range args {
				objs = append(objs, gs[i])
			}
			ready, err := limit.Wait(objs...)
			var got []int
			for _, obj := range ready {
				got = append(got, slices.Index(gs, obj.(*Greenlet)))
			}
			require.Equal(t, want, got)
			if early {
				require.ErrorIs(t, err, ErrTimeout)
			} else {
				require.NoError(t, err)
			}
			for _, g := range gs {
				require.False(t, isObserved(g))
			}
			require.NoError(t, WaitIdle())
		})
		return nil
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// wantReady returns what a wait for args brings, and whether it ends by its deadline.
func wantReady(args, order []int, before, last, count int) (want []int, early bool) {
	for _, i := range args {
		if slices.Contains(order[:before], i) {
			want = append(want, i)
		}
	}
	for _, i := range order[before:last] {
		for _, a := range args {
			if a == i {
				want = append(want, i)
			}
		}
	}
	enough := len(args)
	if count > 0 {
		enough = min(enough, count)
	}
	if len(want) >= enough {
		return want[:enough:enough], false
	}
	return want, true
}
