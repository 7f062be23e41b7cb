//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"
	"runtime"
)

// newMemory returns a file of that length which has no name any more, and is gone with the last who has it.
func newMemory(size int64) (*os.File, error) {
	f, err := os.CreateTemp("", "greenloop")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return sized(f, size)
}

func yieldThread() { runtime.Gosched() }
