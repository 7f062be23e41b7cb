package multiprocessing

import (
	"os"
	"sync"
)

// An identity tells a process from all others that are or were: its number, which the system gives again, in the upper
// half, and when it began, in the lower one, which is 0 where that cannot be found out. It is never zero.
type identity uint64

func newIdentity(pid int, began uint32) identity { return identity(uint32(pid))<<32 | identity(began) }

func (id identity) pid() int { return int(id >> 32) }

// me is the current process.
var me = sync.OnceValue(func() identity {
	pid := os.Getpid()
	began, _ := beginOf(pid)
	return newIdentity(pid, began)
})

// alive reports whether the process has not ended. It asks the system, which takes some ten microseconds, unless this
// process is meant.
func (id identity) alive() bool {
	if id == me() {
		return true
	}
	began, there := beginOf(id.pid())
	return there && (began == 0 || uint32(id) == 0 || began == uint32(id))
}
