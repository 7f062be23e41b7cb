//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package multiprocessing

import "os"

// Nothing of this is reached: there are no processes.

var (
	masterSignals    map[os.Signal]func(m *Master)
	ignoredByWorkers           = []os.Signal{os.Interrupt}
	leaveSignal      os.Signal = os.Interrupt
)

func abort(p *os.Process) error { return p.Kill() }
