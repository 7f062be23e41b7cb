// Package usage asks the kernel what has been used: CPU time and memory, by this
// process, by another, and by all together. Off Linux most of it only returns an error.
package usage

import "time"

// CPU is the processor time that a process has used so far.
type CPU struct {
	User, System time.Duration
}

// Total is user and system time together.
func (c CPU) Total() time.Duration { return c.User + c.System }
