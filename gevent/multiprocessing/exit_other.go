//go:build !linux

package multiprocessing

import "os"

func openPidfd(*os.Process) (sysfd int, ok bool) { return -1, false }
func pidfdExited(int) bool                       { return false }
