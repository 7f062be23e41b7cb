package netpoll

func init() {
	everyBackend = append(everyBackend,
		backendTest{"epoll", func() (func(*registry) (backend, error), world) { return openEpoll, machine{} }},
		backendTest{"epoll-milliseconds", func() (func(*registry) (backend, error), world) { return openOldEpoll, machine{} }},
	)
}

// openOldEpoll is epoll on a kernel without epoll_pwait2.
func openOldEpoll(r *registry) (backend, error) {
	b, err := openEpoll(r)
	if err == nil {
		b.(*epoll).nanoseconds = false
	}
	return b, err
}
