//go:build (darwin || dragonfly || freebsd || netbsd || openbsd) && !netpoll_poll

package netpoll

func openBackend(r *registry) (backend, error) { return openKqueue(r) }
