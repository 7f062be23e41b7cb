//go:build !unix

package netpoll

import (
	"errors"
	"fmt"
	"runtime"
)

func openBackend(*registry) (backend, error) {
	return nil, fmt.Errorf("no readiness poller for %s, whose system calls do not tell readiness: %w", runtime.GOOS, errors.ErrUnsupported)
}
