//go:build amd64 || arm64

package eventlog

const hasTicks = true

// ticks returns a counter that runs at a constant rate on the processors of the last fifteen years.
func ticks() uint64
