//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type mixArgs struct {
	Q    *mp.Queue[string]
	J    *mp.JoinableQueue[string]
	L    *mp.RLock
	S    *mp.BoundedSemaphore
	C    *mp.Condition
	V    *mp.Value[[2]int64]
	Seen *mp.Counter
}

func mixOnce(a mixArgs) (err error) {
	switch rand.IntN(6) {
	case 0:
		err = a.Q.PutTimeout(strings.Repeat("q", rand.IntN(1<<rand.IntN(18))), 5*time.Millisecond)
	case 1:
		_, err = a.Q.GetTimeout(5 * time.Millisecond)
	case 2:
		if _, err = a.J.GetTimeout(time.Millisecond); err == nil {
			err = a.J.TaskDone()
		}
	case 3:
		err = a.S.With(func() error { return a.L.With(func() error { gevent.Yield(); return nil }) })
	case 4:
		err = a.V.Update(func(v *[2]int64) { v[0]++; v[1]++ })
	case 5:
		err = a.C.With(func() error {
			if rand.IntN(2) == 0 {
				return a.C.Notify(1)
			}
			return a.C.WaitTimeout(time.Millisecond)
		})
	}
	a.Seen.Add(1)
	if errors.Is(err, gevent.ErrTimeout) || errors.Is(err, mp.ErrHolderDied) {
		return nil
	}
	return err
}

var mixWorker = mp.Define("mix: worker", func(a mixArgs) error {
	for range 3 {
		gevent.Spawn(func() error {
			for {
				if err := mixOnce(a); err != nil {
					println("MIX", err.Error())
					os.Exit(77)
				}
			}
		})
	}
	return gevent.Sleep(time.Hour)
})

// All kinds at once, while processes are killed: each goes on.
func TestMixedStress(t *testing.T) {
	d := 300 * time.Millisecond
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		d = patience
	}
	run(t, func() (err error) {
		a := mixArgs{}
		a.Q, err = mp.NewQueue[string](3)
		require.NoError(t, err)
		a.J, err = mp.NewJoinableQueue[string](0)
		require.NoError(t, err)
		a.L, err = mp.NewRLock()
		require.NoError(t, err)
		a.S, err = mp.NewBoundedSemaphore(2)
		require.NoError(t, err)
		a.C, err = mp.NewCondition(a.L)
		require.NoError(t, err)
		a.V, err = mp.NewValue([2]int64{})
		require.NoError(t, err)
		a.Seen, err = mp.NewCounter(0)
		require.NoError(t, err)
		var ps []*mp.Process
		kills := 0
		for end := time.Now().Add(d); time.Now().Before(end); {
			for len(ps) < 3 {
				ps = append(ps, begin(t, mixWorker, a))
			}
			require.NoError(t, a.J.Put("x"))
			seen := a.Seen.Load()
			eventually(t, func() bool { return a.Seen.Load() > seen+3 })
			require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(5000))*time.Microsecond))
			if rand.IntN(2) == 0 {
				code, over := ps[0].ExitCode()
				require.False(t, over, "%v", code)
				require.NoError(t, ps[0].Kill())
				require.NoError(t, ps[0].JoinTimeout(patience))
				ps, kills = ps[1:], kills+1
			}
		}
		for _, p := range ps {
			require.NoError(t, p.Kill())
			require.NoError(t, p.JoinTimeout(patience))
		}
		for a.J.Len() > 0 {
			_, err := a.J.GetTimeout(patience)
			require.NoError(t, err)
			require.NoError(t, a.J.TaskDone())
		}
		if err := a.J.JoinTimeout(patience); err != nil {
			require.ErrorIs(t, err, mp.ErrLost)
		}
		require.Zero(t, a.J.Unfinished())
		for range 2 {
			if err := a.S.AcquireTimeout(patience); err != mp.ErrHolderDied {
				require.NoError(t, err)
			}
		}
		require.NoError(t, a.S.ReleaseN(2))
		require.Equal(t, 2, a.S.Value())
		v, err := a.V.Load()
		if err == mp.ErrHolderDied {
			v, err = a.V.Load()
		}
		require.NoError(t, err)
		require.InDelta(t, v[0], v[1], float64(kills+3))
		for a.Q.Len() > 0 {
			_, err := a.Q.GetTimeout(patience)
			require.NoError(t, err)
		}
		t.Log(kills, "kills,", a.Seen.Load(), "steps")
		closeAll(t, a.Q, a.J, a.C, a.L, a.S, a.V)
		return a.Seen.Close()
	})
}
