//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"testing"
)

func TestTalk(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		talk(t, a, b, "from the client")
		talk(t, b, a, "from the server")
		closeAll(t, a, b)
		return nil
	})
}
