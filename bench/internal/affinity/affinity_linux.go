// Package affinity ties a whole process to one CPU, so that a server and its
// load generator do not share a core and the kernel does not move them about.
package affinity

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Pin restricts the process to the given CPU; a negative one leaves it alone.
// It executes the program anew, because an affinity set on a running process
// holds for one thread only and would leave the Go runtime believing in more
// CPUs than it has. So call it first thing in main: it returns only when the
// process is pinned already, or with an error.
func Pin(cpu int) error {
	if cpu < 0 {
		return nil
	}
	var want, now unix.CPUSet
	want.Set(cpu)
	if err := unix.SchedGetaffinity(0, &now); err != nil {
		return fmt.Errorf("affinity: read the CPUs allowed: %w", err)
	}
	if now == want {
		return nil
	}
	runtime.LockOSThread() // exec keeps the affinity of the thread that calls it
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &want); err != nil {
		return fmt.Errorf("affinity: pin to CPU %d: %w", cpu, err)
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("affinity: find the program: %w", err)
	}
	return fmt.Errorf("affinity: start again on CPU %d: %w", cpu, unix.Exec(exe, os.Args, os.Environ()))
}
