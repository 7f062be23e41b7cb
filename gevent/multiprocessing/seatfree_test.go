//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Who waits for a seat is told when a process that lives has nothing any more.
func TestRingSeatBecomesFree(t *testing.T) {
	inHub(t, func() {
		g := ringOf(t, 0, 1<<20)
		all := g.seats()
		for i := range all {
			all[i].of.Store(uint64(newIdentity(os.Getppid(), 0)))
			all[i].count.Store(1)
		}
		g.state().ledgers[0].unfinished = maxSeats
		require.NoError(t, g.put(nil, 0))
		k := taking{ring: g, max: 1, joins: true}
		getter := gevent.Spawn(func() error { return k.take(ringPatience / 4) })
		gevent.Yield()
		all[0].of.Store(uint64(me()))
		require.NoError(t, g.done())
		require.NoError(t, getter.Get())
		g.r.close()
	})
}
