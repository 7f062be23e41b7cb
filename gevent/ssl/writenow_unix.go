//go:build unix

package ssl

import "syscall"

// writeNow writes as much of b as the system takes now, and returns how much. Why it takes none does not matter: whoever
// writes the rest finds out.
func writeNow(sysfd uintptr, b []byte) int {
	n, _ := syscall.Write(int(sysfd), b)
	return max(n, 0)
}
