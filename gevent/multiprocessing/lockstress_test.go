//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type stressArgs struct {
	Locks []*mp.Lock
	Name  string // a file, in which whoever has a lock writes who it is
}

var lockStress = mp.Define("lock: stress", func(a stressArgs) error {
	for i := range 4 {
		gevent.Spawn(func() error { return stressed(a, i) })
	}
	for { // greenlets that are killed while they wait
		g := gevent.Spawn(func() error { return stressed(a, 9) })
		if err := gevent.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond); err != nil {
			return err
		}
		g.Kill()
	}
})

// stressed takes the locks again and again, and exits if it is not alone with one.
func stressed(a stressArgs, i int) error {
	f, err := os.OpenFile(a.Name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		at := rand.IntN(len(a.Locks))
		if err := once(a.Locks[at], f, at, fmt.Sprintf("%8d.%d", os.Getpid(), i)); err != nil {
			return err
		}
	}
}

func once(l *mp.Lock, f *os.File, at int, mine string) (err error) {
	switch rand.IntN(4) {
	case 0:
		err = l.AcquireTimeout(time.Duration(rand.IntN(2000)) * time.Microsecond)
	case 1:
		var ok bool
		if ok, err = l.TryAcquire(); !ok {
			return gevent.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
		}
	default:
		err = l.Acquire()
	}
	if err == gevent.ErrTimeout {
		return nil
	}
	if err != nil && !errors.Is(err, mp.ErrHolderDied) {
		return err
	}
	defer l.Release()
	b := make([]byte, len(mine))
	_, _ = f.WriteAt([]byte(mine), int64(at*32))
	if rand.IntN(8) == 0 {
		if err := gevent.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond); err != nil {
			return err
		}
	}
	if _, _ = f.ReadAt(b, int64(at*32)); string(b) != mine {
		fmt.Fprintf(os.Stderr, "NOT ALONE: %s and %s at %d\n", mine, b, at)
		os.Exit(77)
	}
	return nil
}

// Processes that are killed or stopped at any moment, with greenlets that are: nobody waits for ever, and whoever has a
// lock is alone with it. For longer with GREENLOOP_TORTURE.
func TestLockStress(t *testing.T) {
	d := 300 * time.Millisecond
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		d = 2 * patience // run allows for three times that
	}
	run(t, func() error {
		f, err := os.CreateTemp(t.TempDir(), "")
		require.NoError(t, err)
		locks := []*mp.Lock{lock(t), lock(t)}
		a := stressArgs{locks, f.Name()}
		var ps []*mp.Process
		kills, told, worst := 0, 0, time.Duration(0)
		for end := time.Now().Add(d); time.Now().Before(end); {
			if len(ps) < 5 {
				ps = append(ps, begin(t, lockStress, a))
			}
			for at, l := range locks {
				began := time.Now()
				err := l.AcquireTimeout(patience)
				worst = max(worst, time.Since(began))
				if err == mp.ErrHolderDied {
					told++
				} else {
					require.NoError(t, err, at)
				}
				require.NoError(t, l.Release())
			}
			require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(4000))*time.Microsecond))
			i := rand.IntN(len(ps))
			if rand.IntN(4) == 0 {
				pid := ps[i].PID()
				_ = syscall.Kill(pid, syscall.SIGSTOP)
				require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(30))*time.Millisecond))
				_ = syscall.Kill(pid, syscall.SIGCONT)
			} else if len(ps) == 5 {
				code, over := ps[i].ExitCode()
				require.False(t, over, "%v", code)
				require.NoError(t, ps[i].Kill())
				kills++
				p := ps[i]
				ps = append(ps[:i], ps[i+1:]...)
				gevent.Spawn(p.Join)
			}
		}
		for _, p := range ps {
			require.NoError(t, p.Kill())
			require.NoError(t, p.JoinTimeout(patience))
		}
		for _, l := range locks {
			if err := l.AcquireTimeout(time.Second); err != mp.ErrHolderDied {
				require.NoError(t, err)
			}
			require.NoError(t, l.Release())
		}
		t.Log(kills, "kills,", told, "told here, worst wait", worst)
		closeAll(t, locks[0], locks[1], f)
		return nil
	})
}
