//go:build unix && (netpoll_poll || aix || illumos || solaris)

package netpoll

func openBackend(r *registry) (backend, error) { return openPoll(r) }
