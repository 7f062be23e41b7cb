package netpoll

import "time"

// A backend asks one kernel interface for readiness. Each GOOS defines, in exactly one open_*.go or in unsupported.go,
//
//	func openBackend(r *registry) (backend, error)
//
// and each backend checks by an assignment, in its own file, that it is one.
type backend interface {
	// add asks for edges of every mode of fd, the present readiness being the first; t comes back with its events.
	// An error leaves nothing registered.
	add(fd int, t token) error
	// remove ends that. It always takes the registration out of the kernel: closing the fd does not while a dup of it lives.
	remove(fd int, t token) error
	// wait calls r.report for at most r.room() kernel events, wakeToken included. It blocks up to timeout, which is
	// never rounded down: below 0 for ever, at 0 not at all. A signal may end it early, without an error.
	wait(timeout time.Duration) error
	// wake ends a running wait, or else the next one. Safe from any goroutine; never called after close.
	wake() error
	// close gives back what the backend holds. No wait is running.
	close() error
	// fd is readable while events are pending, for a host's loop; -1 if there is no such thing.
	fd() int
	// name is what Poller.Backend returns.
	name() string
}

// A rearmer is a backend whose kernel knows only levels. It reports a mode once, then masks it until the owner has used it up.
type rearmer interface {
	arm(t token, m Mode)
}
