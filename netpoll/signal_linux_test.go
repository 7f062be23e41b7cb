package netpoll

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestSignalEndsWaitEarly(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		s.onMachine(t)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread, returned, stopped := unix.Gettid(), make(chan struct{}), make(chan error)
		go func() {
			for {
				select {
				case <-returned:
					stopped <- nil
					return
				default:
				}
				if err := unix.Tgkill(os.Getpid(), thread, unix.SIGURG); err != nil {
					stopped <- err
					return
				}
				runtime.Gosched()
			}
		}()
		before := time.Now()
		n, err := s.p.Wait(s.events, patience)
		close(returned)
		require.NoError(t, errors.Join(err, <-stopped))
		require.Zero(t, n)
		require.Less(t, time.Since(before), patience)
	})
}
