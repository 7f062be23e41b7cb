//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package netpoll

func init() {
	everyBackend = append(everyBackend,
		backendTest{"kqueue", func() (func(*registry) (backend, error), world) { return openKqueue, machine{} }},
	)
}
