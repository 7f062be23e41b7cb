//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"
	"syscall"
)

// masterSignals are what a master obeys.
var masterSignals = map[os.Signal]func(m *Master){
	syscall.SIGTERM: (*Master).stopOrQuit,
	syscall.SIGINT:  (*Master).stopOrQuit,
	syscall.SIGQUIT: (*Master).Quit,
	syscall.SIGHUP:  func(m *Master) { m.hup.Set() },
	syscall.SIGTTIN: func(m *Master) { m.resizeBy(1) },
	syscall.SIGTTOU: func(m *Master) { m.resizeBy(-1) },
}

var (
	ignoredByWorkers           = []os.Signal{syscall.SIGINT, syscall.SIGHUP}
	leaveSignal      os.Signal = syscall.SIGTERM
)

// abort ends a process by a signal at which Go prints what it does.
func abort(p *os.Process) error { return p.Signal(syscall.SIGABRT) }
