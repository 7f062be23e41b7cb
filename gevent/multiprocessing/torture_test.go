//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// tortureRounds is how often a torture kills somebody.
func tortureRounds() int {
	switch {
	case os.Getenv("GREENLOOP_TORTURE") != "":
		return 500
	case raceEnabled:
		return 5
	}
	return 20
}

const victims = 3

// A tortureBoard is what victims and their torturer tell one another in memory of their own.
type tortureBoard struct {
	kills      atomic.Uint64 // odd while somebody is being killed
	over       atomic.Bool
	violations atomic.Int64
	items      atomic.Int64 // guarded by the condition
	consumed   atomic.Int64
	locked     [victims]atomic.Int64
	rlocked    [victims]atomic.Int64
	tokens     [victims]atomic.Int64
	calls      [victims]atomic.Int64
}

func mapBoard(f *os.File) (*tortureBoard, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, int(unsafe.Sizeof(tortureBoard{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return (*tortureBoard)(unsafe.Pointer(unsafe.SliceData(b))), nil
}

// within notes that a victim has something of which all together may have no more than most, and then that it has not.
func (b *tortureBoard) within(cells *[victims]atomic.Int64, victim int, most int64) {
	before := b.kills.Load()
	cells[victim].Add(1)
	sum := int64(0)
	for i := range cells {
		sum += cells[i].Load()
	}
	if sum > most && before%2 == 0 && b.kills.Load() == before {
		b.violations.Add(1)
	}
	if rand.IntN(4) == 0 {
		gevent.Yield()
	}
	cells[victim].Add(-1)
}

type tortureArgs struct {
	Victim int
	Board  string
	Kit    *kit
}

var tortured = mp.Define("torture: a victim", func(a tortureArgs) error {
	f, err := os.OpenFile(a.Board, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	board, err := mapBoard(f)
	if err != nil {
		return err
	}
	gevent.Spawn(func() error { return a.run(board) }) // two greenlets of each process
	return a.run(board)
})

// mended is err, unless somebody has died: what they left is what this test counts.
func mended(err error) error {
	if err == mp.ErrHolderDied {
		return nil
	}
	return err
}

func (a tortureArgs) run(b *tortureBoard) error {
	for !b.over.Load() {
		b.calls[a.Victim].Add(1)
		if err := a.step(b); err != nil {
			return err
		}
		gevent.Yield()
	}
	return nil
}

func (a tortureArgs) step(b *tortureBoard) error {
	k := a.Kit
	switch rand.IntN(6) {
	case 0:
		if err := mended(k.Lock.Acquire()); err != nil {
			return err
		}
		b.within(&b.locked, a.Victim, 1)
		return k.Lock.Release()
	case 1:
		if err := errors.Join(mended(k.RLock.Acquire()), k.RLock.Acquire()); err != nil {
			return err
		}
		b.within(&b.rlocked, a.Victim, 1)
		return errors.Join(k.RLock.Release(), k.RLock.Release())
	case 2:
		if err := mended(k.Bounded.Acquire()); err != nil {
			return err
		}
		b.within(&b.tokens, a.Victim, 2)
		return k.Bounded.Release()
	case 3:
		if rand.IntN(2) == 0 {
			return k.Event.Clear()
		}
		return k.Event.Set()
	case 4:
		if _, err := k.Barrier.WaitTimeout(time.Duration(rand.IntN(3)) * time.Millisecond); err != nil {
			return k.Barrier.Reset()
		}
		return nil
	default:
		return a.consume(b)
	}
}

// consume waits for an item.
func (a tortureArgs) consume(b *tortureBoard) (err error) {
	c := a.Kit.Condition
	if err := notifyHeirs(c, c.Acquire()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Release()) }()
	for b.items.Load() == 0 && !b.over.Load() {
		if err := notifyHeirs(c, c.Wait()); err != nil {
			return err
		}
	}
	if b.items.Load() > 0 {
		b.items.Add(-1)
		b.consumed.Add(1)
	}
	return nil
}

// notifyHeirs does for who has died with the lock what that one may have been about to do.
func notifyHeirs(c *mp.Condition, err error) error {
	if err == mp.ErrHolderDied {
		return c.NotifyAll()
	}
	return err
}

// Victims are killed at any moment, in and between all calls: nobody waits for ever, nobody has what others have, no
// notification and no token is lost.
func TestTorture(t *testing.T) {
	name := filepath.Join(t.TempDir(), "board")
	f, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(int64(unsafe.Sizeof(tortureBoard{}))))
	board, err := mapBoard(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	run(t, func() error {
		k := newKit(t)
		k.Barrier.Close()
		k.Barrier = newBarrier(t, 2)
		var ps [victims]*mp.Process
		for i := range ps {
			ps[i] = begin(t, tortured, tortureArgs{i, name, k})
		}
		producer := gevent.Spawn(func() error { return produce(k, board) })
		lives := func(i int) {
			calls := board.calls[i].Load()
			eventually(t, func() bool { return board.calls[i].Load() > calls || !ps[i].IsAlive() })
			require.True(t, ps[i].IsAlive(), "victim %d has ended", i)
		}
		for range tortureRounds() {
			i := rand.IntN(victims)
			lives(i)
			require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(3000))*time.Microsecond))
			board.kills.Add(1)
			require.NoError(t, ps[i].Kill())
			ends(t, ps[i], -int(syscall.SIGKILL))
			for _, cells := range []*[victims]atomic.Int64{&board.locked, &board.rlocked, &board.tokens} {
				cells[i].Store(0)
			}
			board.kills.Add(1)
			ps[i] = begin(t, tortured, tortureArgs{i, name, k})
		}
		for i := range ps {
			lives(i)
		}
		board.over.Store(true)
		require.NoError(t, producer.GetTimeout(patience))
		for i, p := range ps {
			eventually(t, func() bool { // those who waited when we last notified all
				require.NoError(t, mended(k.Condition.With(k.Condition.NotifyAll)))
				return !p.IsAlive()
			})
			ends(t, p, 0)
			require.Zero(t, board.locked[i].Load()+board.rlocked[i].Load()+board.tokens[i].Load())
		}
		require.Zero(t, board.violations.Load())
		require.Positive(t, board.consumed.Load())
		for _, l := range []mp.Locker{k.Lock, k.RLock} {
			require.NoError(t, mended(l.AcquireTimeout(patience)))
			require.NoError(t, l.Release())
		}
		for range 2 {
			require.NoError(t, mended(k.Bounded.AcquireTimeout(patience)), "no token is lost")
		}
		require.Equal(t, gevent.ErrTimeout, k.Bounded.AcquireTimeout(0), "nor is one too many")
		require.Equal(t, mp.ErrNotHeld, k.Bounded.ReleaseN(3))
		k.close(t)
		return nil
	})
}

// produce makes one item after the other, and waits until somebody has taken it.
func produce(k *kit, b *tortureBoard) error {
	c := k.Condition
	for !b.over.Load() {
		err := notifyHeirs(c, c.Acquire())
		if err != nil {
			return err
		}
		if b.items.Load() == 0 {
			b.items.Add(1)
			err = c.Notify(1)
		}
		if err := errors.Join(err, c.Release(), gevent.Sleep(50*time.Microsecond)); err != nil {
			return err
		}
	}
	return nil
}
