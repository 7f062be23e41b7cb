//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func init() {
	roles["ignores its children"] = func() {
		signal.Ignore(syscall.SIGCHLD) // so the system reaps them
		err := gevent.Run(func() error {
			p, err := exits.Start("nil")
			if err != nil {
				return err
			}
			err = p.Join()
			code, over := p.ExitCode()
			fmt.Println(code, over, p.IsAlive(), p.Err())
			return err
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A process that somebody else has reaped has ended; how, nobody knows.
func TestProcessReapedByOthers(t *testing.T) {
	out, err := roleOf("ignores its children").CombinedOutput()
	require.NoError(t, err, string(out))
	const want = "255 true false mp: the process has ended, but another part of the program has taken its exit status\n"
	require.Equal(t, want, string(out))
}
