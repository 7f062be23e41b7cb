//go:build linux && !netpoll_poll

package netpoll

func openBackend(r *registry) (backend, error) { return openEpoll(r) }
