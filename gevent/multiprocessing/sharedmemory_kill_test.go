//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

const memoryRoleName = "MULTIPROCESSING_TEST_MEMORY"

func init() {
	roles["memory"] = func() {
		prefix := os.Getenv(memoryRoleName)
		go func() { // not to outlive a test that fails
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}()
		err := gevent.Run(func() error {
			fmt.Println("begun")
			for {
				if err := memoryStep(prefix); err != nil {
					return err
				}
			}
		})
		fmt.Println(err)
		os.Exit(1)
	}
}

// memoryStep does one of what unrelated processes may do with four blocks.
func memoryStep(prefix string) error {
	name := fmt.Sprint(prefix, rand.IntN(4))
	var m *mp.Memory
	var err error
	if rand.IntN(2) == 0 {
		m, err = mp.CreateMemory(name, 64)
	} else {
		m, err = mp.OpenMemory(name)
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	words := memoryWords(m)
	words[0].CompareAndSwap(0, rand.Uint64()) // which block it is
	again, err := mp.OpenMemory(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if words[1].Load() == 0 {
			return errors.New("a block that is used has lost its name")
		}
	case err != nil:
		return err
	default:
		other := memoryWords(again)
		other[0].CompareAndSwap(0, rand.Uint64())
		if other[0].Load() != words[0].Load() && words[1].Load() == 0 {
			return errors.New("a block that is used has lost its name to another one")
		}
		if err := again.Close(); err != nil {
			return err
		}
	}
	if rand.IntN(4) == 0 {
		words[1].Store(1)
		if err := m.Unlink(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return m.Close()
}

func memoryWords(m *mp.Memory) *[2]atomic.Uint64 {
	return (*[2]atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(m.Bytes())))
}

// Processes that are no relatives make, open, unlink and close blocks of the same names, and are killed at any moment.
// The others are not harmed, and no file is left.
func TestMemoryUsersKilled(t *testing.T) {
	rounds := 10
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		rounds *= 40
	}
	prefix := memoryName()
	type worker struct {
		kill func()
		out  *bufio.Reader
	}
	begun := func() worker {
		c := roleOf("memory", memoryRoleName+"="+prefix)
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		w := worker{out: bufio.NewReader(out)}
		w.kill = func() {
			require.NoError(t, c.Process.Kill())
			said, err := io.ReadAll(w.out)
			require.NoError(t, err)
			require.Empty(t, string(said), "it failed")
			_ = in.Close()
			_ = c.Wait()
		}
		line, err := w.out.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "begun\n", line)
		return w
	}
	run(t, func() error {
		var workers []worker
		for n := range rounds {
			workers = append(workers, begun())
			for range 20 {
				require.NoError(t, memoryStep(prefix))
			}
			if n >= 2 {
				workers[0].kill()
				workers = workers[1:]
			}
		}
		for _, w := range workers {
			w.kill()
		}
		m := memory(t, 1) // removes what is left
		require.Empty(t, memoryNames(t, prefix))
		require.NoError(t, m.Close())
		return nil
	})
}
