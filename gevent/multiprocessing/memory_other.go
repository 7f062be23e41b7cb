//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package multiprocessing

import (
	"errors"
	"os"
	"runtime"
)

func newMemory(int64) (*os.File, error)            { return nil, errors.ErrUnsupported }
func mapMemory(*os.File, int, int) ([]byte, error) { return nil, errors.ErrUnsupported }
func unmapMemory([]byte)                           {}
func processThere(int) bool                        { return true }
func yieldThread()                                 { runtime.Gosched() }
