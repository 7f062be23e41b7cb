//go:build !unix

package main

import (
	"errors"
	"runtime"
)

// errSystem says why there is nothing to measure with.
var errSystem = errors.New("CPU time, memory and context switches are measured on Unix only, not on " + runtime.GOOS)

func usageNow() (usage, error) { return usage{}, errSystem }

func peakMemory() (int64, error) { return 0, errSystem }
