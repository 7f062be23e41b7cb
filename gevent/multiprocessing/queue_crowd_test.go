//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type crowdArgs struct {
	In, Out   *mp.Queue[int]
	Greenlets int
}

// crowdPasses passes items on, in several greenlets, each until it gets one below zero.
var crowdPasses = mp.Define("queue crowd: passes on", func(a crowdArgs) error {
	var all gevent.Group
	for range a.Greenlets {
		all.Spawn(func() error {
			for {
				n, err := a.In.Get()
				if err != nil || n < 0 {
					return err
				}
				if err := a.Out.Put(n); err != nil {
					return err
				}
			}
		})
	}
	return all.Join()
})

// Several greenlets of several processes get and put at two short queues.
func TestQueueOfManyGreenlets(t *testing.T) {
	run(t, func() error {
		const processes, greenlets, items = 2, 3, 1000
		in, out := queueOf[int](t, 4), queueOf[int](t, 4)
		var ps []*mp.Process
		for range processes {
			ps = append(ps, begin(t, crowdPasses, crowdArgs{in, out, greenlets}))
		}
		putter := gevent.Spawn(func() error {
			for n := range items + processes*greenlets {
				if n >= items {
					n = -1
				}
				if err := in.PutTimeout(n, patience); err != nil {
					return err
				}
			}
			return nil
		})
		seen := map[int]bool{}
		for range items {
			n := got[int](t)(out.GetTimeout(patience))
			require.False(t, seen[n])
			seen[n] = true
		}
		require.NoError(t, putter.Get())
		for _, p := range ps {
			ends(t, p, 0)
		}
		require.True(t, in.Empty() && out.Empty())
		closeAll(t, in, out)
		return nil
	})
}

const queueEnd = 1 << 30

// A process is killed while the queue grows for what it puts: what is there is whole, and the queue goes on.
func TestQueueGrowsAndIsKilled(t *testing.T) {
	run(t, func() error {
		for range max(2, queueKills()/4) {
			q := queueOf[[]byte](t, 0)
			p := startVictim(t, victimPuts, queueVictimArgs{Queue: q, Who: 1})
			eventually(t, func() bool { return len(p.notes) > 0 })
			next := int64(0)
			get := func() int64 {
				note := queueNoteOf(got[[]byte](t)(q.GetTimeout(patience)))
				if note.N < queueEnd {
					require.Equal(t, next, note.N)
					next++
				}
				return note.N
			}
			for range 5 { // while it grows
				get()
			}
			p.kill(t)
			require.NoError(t, q.PutTimeout(queueItem(1, queueEnd), patience))
			for get() != queueEnd {
			}
			require.GreaterOrEqual(t, next, int64(len(p.notes)))
			require.True(t, q.Empty())
			require.NoError(t, q.Close())
		}
		return nil
	})
}
