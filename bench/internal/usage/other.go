//go:build !linux

package usage

import (
	"errors"
	"time"
)

var errLinuxOnly = errors.New("usage: this is read from Linux's kernel; run the benchmark there")

// Process fails off Linux.
func Process(int) (time.Duration, error) { return 0, errLinuxOnly }

// ProcessUser fails off Linux.
func ProcessUser(int) (time.Duration, error) { return 0, errLinuxOnly }

// RSS fails off Linux.
func RSS() (int64, error) { return 0, errLinuxOnly }

// Busy fails off Linux.
func Busy(int) (time.Duration, error) { return 0, errLinuxOnly }

// BusyAll fails off Linux.
func BusyAll() (time.Duration, error) { return 0, errLinuxOnly }
