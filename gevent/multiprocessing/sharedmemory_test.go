//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// memoryNames returns the blocks and drafts whose names begin so.
func memoryNames(t testing.TB, prefix string) (names []string) {
	t.Helper()
	for _, root := range []string{"/dev/shm", os.TempDir()} {
		found, err := filepath.Glob(filepath.Join(root, fmt.Sprint("greenloop-", os.Getuid()), prefix+"*"))
		require.NoError(t, err)
		names = append(names, found...)
	}
	return names
}

// memoryName returns a name that no other test has.
func memoryName() string { return fmt.Sprintf("test-%d-%x", os.Getpid(), rand.Uint64()) }

func memory(t testing.TB, size int) *mp.Memory {
	t.Helper()
	return got[*mp.Memory](t)(mp.CreateMemory(memoryName(), size))
}

func TestMemoryByName(t *testing.T) {
	run(t, func() error {
		a := memory(t, 1000)
		require.Len(t, memoryNames(t, a.Name()), 1)
		info := got[fs.FileInfo](t)(os.Stat(memoryNames(t, a.Name())[0]))
		require.Equal(t, fs.FileMode(0o600), info.Mode())
		require.Equal(t, 1000, a.Size())
		require.Equal(t, make([]byte, 1000), a.Bytes())
		b := got[*mp.Memory](t)(mp.OpenMemory(a.Name()))
		require.Equal(t, 1000, b.Size())
		a.Bytes()[999] = 7
		require.EqualValues(t, 7, b.Bytes()[999])
		require.ErrorIs(t, errOf(mp.CreateMemory(a.Name(), 1)), fs.ErrExist)

		require.NoError(t, a.Close())
		require.Nil(t, a.Bytes())
		require.Zero(t, a.Size())
		require.Equal(t, mp.ErrClosed, a.Close())
		require.Equal(t, mp.ErrClosed, a.Unlink())
		require.NoError(t, errors.Join(got[*mp.Memory](t)(mp.OpenMemory(b.Name())).Close()))
		require.NoError(t, b.Close(), "the last")
		require.ErrorIs(t, errOf(mp.OpenMemory(a.Name())), fs.ErrNotExist)
		require.Empty(t, memoryNames(t, a.Name()))

		c, d := got[*mp.Memory](t)(mp.CreateMemory("", 1)), got[*mp.Memory](t)(mp.CreateMemory("", 1))
		require.NotEqual(t, c.Name(), d.Name())
		closeAll(t, c, d)
		return nil
	})
}

func TestMemoryUnlink(t *testing.T) {
	run(t, func() error {
		a := memory(t, 10)
		b := got[*mp.Memory](t)(mp.OpenMemory(a.Name()))
		require.NoError(t, a.Unlink())
		require.ErrorIs(t, b.Unlink(), fs.ErrNotExist)
		require.ErrorIs(t, errOf(mp.OpenMemory(a.Name())), fs.ErrNotExist)
		other := got[*mp.Memory](t)(mp.CreateMemory(a.Name(), 20))
		require.ErrorIs(t, b.Unlink(), fs.ErrNotExist)
		a.Bytes()[0] = 1
		require.EqualValues(t, 1, b.Bytes()[0])
		require.EqualValues(t, 0, other.Bytes()[0])
		closeAll(t, a, b)
		require.Len(t, memoryNames(t, other.Name()), 1, "the other one's name")
		return other.Close()
	})
}

func TestMemoryErrors(t *testing.T) {
	run(t, func() error {
		for _, name := range []string{"a/b", "/a", ".a", "..", "a\x00", strings.Repeat("a", 201)} {
			require.ErrorIs(t, errOf(mp.CreateMemory(name, 1)), fs.ErrInvalid, name)
			require.ErrorIs(t, errOf(mp.OpenMemory(name)), fs.ErrInvalid, name)
		}
		require.ErrorIs(t, errOf(mp.OpenMemory("")), fs.ErrInvalid)
		for _, size := range []int{0, -1, math.MinInt} {
			require.ErrorIs(t, errOf(mp.CreateMemory("", size)), fs.ErrInvalid)
		}
		name := memoryName()
		require.Error(t, errOf(mp.CreateMemory(name, math.MaxInt-4096)), "more than there is")
		require.Empty(t, memoryNames(t, name))
		path := filepath.Join(memoryDirOf(t), name)
		require.EqualError(t, errOf(mp.OpenMemory(name)),
			fmt.Sprintf("mp: open shared memory %q: open %s: no such file or directory", name, path))
		return nil
	})
	require.Panics(t, func() { _, _ = mp.OpenMemory("x") }, "outside a hub")
}

// memoryDirOf returns where the blocks are.
func memoryDirOf(t testing.TB) string {
	t.Helper()
	m := memory(t, 1)
	defer m.Close()
	return filepath.Dir(memoryNames(t, m.Name())[0])
}

var (
	memoryTaken = mp.Define("memory: writes and waits", func(a memoryArgs) error {
		a.Memory.Bytes()[a.At] = 1
		if err := a.Told.Send(true); err != nil {
			return err
		}
		return gevent.Sleep(time.Hour)
	})
	memoryForgets = mp.Define("memory: does not close", func(name string) error {
		m, err := mp.OpenMemory(name)
		if err != nil {
			return err
		}
		m.Bytes()[0] = 9
		return m.Unlink()
	})
)

type memoryArgs struct {
	Memory, Same *mp.Memory
	At           int
	Told         *mp.Sender[bool]
}

// A block that has travelled is used by both: it lives until both are gone, in whatever way.
func TestMemoryTravels(t *testing.T) {
	run(t, func() error {
		for _, unlinked := range []bool{false, true} {
			m := memory(t, 10)
			if unlinked {
				require.NoError(t, m.Unlink())
			}
			told, s := pipe[bool](t)
			p := begin(t, memoryTaken, memoryArgs{m, m, 3, s})
			require.True(t, got[bool](t)(told.Recv()))
			require.EqualValues(t, 1, m.Bytes()[3])
			name := m.Name()
			require.NoError(t, m.Close())
			if !unlinked {
				again := got[*mp.Memory](t)(mp.OpenMemory(name))
				require.EqualValues(t, 1, again.Bytes()[3])
				require.NoError(t, again.Close())
			}
			require.NoError(t, p.Kill())
			require.NoError(t, p.Join())
			require.Empty(t, memoryNames(t, name), "the parent has removed it")
			require.NoError(t, told.Close())
		}
		r, s := pipe[*mp.Memory](t)
		m := memory(t, 10)
		require.NoError(t, s.Send(m))
		require.NoError(t, m.Close())
		require.Len(t, memoryNames(t, m.Name()), 1, "on its way")
		require.ErrorIs(t, s.Send(m), mp.ErrClosed)
		m = got[*mp.Memory](t)(r.Recv())
		closeAll(t, r, s, m)
		require.Empty(t, memoryNames(t, m.Name()))
		return nil
	})
}

// The end of a hub gives up what is open; the bytes are there still.
func TestMemoryOpenAtTheEnd(t *testing.T) {
	var left, killed *mp.Memory
	run(t, func() error {
		m := memory(t, 5)
		ends(t, begin(t, memoryForgets, m.Name()), 0)
		require.EqualValues(t, 9, m.Bytes()[0])
		g := gevent.Spawn(func() (err error) {
			killed, err = mp.CreateMemory(memoryName(), 1)
			return err
		})
		gevent.Yield()
		require.NoError(t, g.Kill())
		left = memory(t, 10)
		return m.Close()
	})
	require.Nil(t, killed)
	left.Bytes()[0] = 1
	require.Empty(t, memoryNames(t, left.Name()))
	require.Equal(t, mp.ErrClosed, left.Unlink())
	require.NoError(t, left.Close())
	require.Empty(t, memoryNames(t, fmt.Sprint("test-", os.Getpid())))
}

// What is no block is not opened, whoever has put it there.
func TestMemoryOfStrangeFiles(t *testing.T) {
	run(t, func() error {
		m := memory(t, 1)
		dir := filepath.Dir(memoryNames(t, m.Name())[0])
		link := filepath.Join(dir, memoryName())
		require.NoError(t, os.Symlink(m.Name(), link))
		require.Error(t, errOf(mp.OpenMemory(filepath.Base(link))))
		require.NoError(t, os.Remove(link))
		short := filepath.Join(dir, memoryName())
		f := got[*os.File](t)(os.Create(short))
		require.Error(t, errOf(mp.OpenMemory(filepath.Base(short))), "swept, or too short")
		require.NoError(t, f.Close())
		_ = os.Remove(short)

		// A creator was killed before its block had its name, or right after that.
		early, late := filepath.Join(dir, ".draft-"+memoryName()), filepath.Join(dir, ".draft-"+memoryName())
		require.NoError(t, got[*os.File](t)(os.Create(early)).Close())
		require.NoError(t, os.Link(filepath.Join(dir, m.Name()), late))
		require.NoError(t, memory(t, 1).Close())
		require.NoFileExists(t, early)
		require.NoFileExists(t, late)
		require.FileExists(t, filepath.Join(dir, m.Name()))
		return m.Close()
	})
}

func BenchmarkCreateMemory(b *testing.B) {
	bench(b, func() error {
		for b.Loop() {
			m, err := mp.CreateMemory("", 4096)
			if err != nil {
				return err
			}
			if err := m.Close(); err != nil {
				return err
			}
		}
		return nil
	})
}
