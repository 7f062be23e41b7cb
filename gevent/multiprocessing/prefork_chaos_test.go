//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// Whatever happens at the same time, and in whatever order: in the end there are as many workers as there should be, and
// then none.
func TestPreforkChaos(t *testing.T) {
	for range preforkRounds(1) {
		seed := rand.Uint64()
		t.Log("seed", seed)
		run(t, func() error {
			random := rand.New(rand.NewPCG(seed, 0))
			p := newPreforked(t, mp.Prefork{Workers: 2, ReusePort: random.IntN(2) == 0}, preforkMode{})
			workers := 2
			anyone := func(sig syscall.Signal) {
				if all := p.Stats(); len(all) > 0 {
					_ = syscall.Kill(all[random.IntN(len(all))].PID, sig) // it may have ended meanwhile
				}
			}
			var reloads gevent.Group
			for range 8 {
				switch random.IntN(5) {
				case 0:
					workers = 1 + random.IntN(3)
					require.NoError(t, p.Resize(workers))
				case 1:
					reloads.Spawn(p.Reload)
				case 2:
					anyone(syscall.SIGKILL)
				case 3:
					anyone(syscall.SIGTERM)
				case 4:
					g := reloads.Spawn(p.Reload)
					gevent.SpawnLater(time.Duration(random.IntN(20))*time.Millisecond, g.Kill)
				}
				require.NoError(t, gevent.Sleep(time.Duration(random.IntN(20))*time.Millisecond)) // any moment is right
			}
			if random.IntN(2) == 0 {
				require.NoError(t, reloads.Join())
				eventually(t, func() bool { return len(p.ready()) == workers && len(p.Stats()) == workers })
				require.NotEmpty(t, got[string](t)(preforkGet(p.addr())))
			}
			p.end()
			return reloads.Join()
		})
	}
}
