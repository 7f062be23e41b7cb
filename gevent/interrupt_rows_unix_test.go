//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The rows of the suite over what only the system can bring.

func addReal(name string, fresh func(t *testing.T) interruptible) bool {
	return addRow(name, suiteRow{fresh: func(t *testing.T) interruptible {
		i := fresh(t)
		i.later = true
		return i
	}, real: true})
}

// readRow is the row of a read from r, into which write writes.
func readRow(t *testing.T, r io.ReadCloser, w io.WriteCloser, closed error) interruptible {
	back := func() { put(t, w, "x") }
	return interruptible{
		call: func() error {
			b := make([]byte, 9)
			n, err := r.Read(b)
			return backed(err, func() { require.Equal(t, "x", string(b[:n])); back() })
		},
		admit: back,
		close: func() { closeAll(t, r, w) }, closed: closed,
		check: func(t *testing.T) {
			require.NoError(t, w.Close())
			left, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Equal(t, "x", string(left))
			require.NoError(t, r.Close())
		},
	}
}

var _ = func() bool {
	for kind, open := range streams {
		addReal("Stream.Read/"+kind, func(t *testing.T) interruptible {
			r, w := open(t)
			return readRow(t, r, w, os.ErrClosed)
		})
		addReal("Stream.Write/"+kind, func(t *testing.T) interruptible {
			r, w := open(t)
			filled := 0
			require.NoError(t, unix.SetNonblock(int(w.fd.sysfd), true))
			for {
				n, err := unix.Write(int(w.fd.sysfd), make([]byte, 512))
				if err == unix.EAGAIN {
					break
				}
				require.NoError(t, err)
				filled += n
			}
			require.NoError(t, unix.SetNonblock(int(w.fd.sysfd), kind == "own"))
			return interruptible{
				call:  func() error { return backed(valueless(w.Write([]byte("y"))), func() { filled++ }) },
				admit: func() { _, err := io.ReadFull(r, make([]byte, 8192)); require.NoError(t, err); filled -= 8192 },
				close: func() { closeAll(t, w, r) }, closed: os.ErrClosed,
				check: func(t *testing.T) {
					require.NoError(t, w.Close())
					left, err := io.ReadAll(r)
					require.NoError(t, err)
					require.Len(t, left, filled, "what was interrupted has written nothing, the others once")
					require.NoError(t, r.Close())
				},
			}
		})
	}
	return true
}()

var _ = addInterruptible("Signals.Wait", func() interruptible {
	s := Notify(syscall.SIGUSR1)
	back := func() { s.deliver(syscall.SIGUSR1) }
	return interruptible{
		call:  func() error { return backed(valueless(s.Wait()), back) },
		timed: func(d time.Duration) error { return backed(valueless(s.WaitTimeout(d)), back) },
		admit: back,
		close: s.Stop, closed: os.ErrClosed,
		check: func(t *testing.T) {
			require.Len(t, s.pending, 1)
			s.Stop()
		},
	}
})

var _ = addReal("WaitSignal", func(t *testing.T) interruptible {
	return interruptible{
		call:  func() error { return valueless(WaitSignal(syscall.SIGUSR1)) },
		admit: func() { require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)) },
	}
})

// Calls that wait for a program, which ends with its input.
var _ = func() bool {
	calls := map[string]struct {
		call  func(c *Cmd) error
		timed func(c *Cmd, d time.Duration) error
	}{
		"Cmd.Run": {(*Cmd).Run, (*Cmd).RunTimeout},
		"Cmd.Output": {func(c *Cmd) error { return valueless(c.Output()) },
			func(c *Cmd, d time.Duration) error { return valueless(c.OutputTimeout(d)) }},
		"Cmd.CombinedOutput": {func(c *Cmd) error { return valueless(c.CombinedOutput()) },
			func(c *Cmd, d time.Duration) error { return valueless(c.CombinedOutputTimeout(d)) }},
	}
	for name, call := range calls {
		addReal(name, func(t *testing.T) interruptible {
			r, w := osPipe(t)
			cat := func() *Cmd {
				c := Command("cat")
				c.Stdin = r
				return c
			}
			return interruptible{
				call:  func() error { return call.call(cat()) },
				timed: func(d time.Duration) error { return call.timed(cat(), d) },
				admit: func() { closeAll(t, w, r) },
				done:  func(t *testing.T) { eventually(t, func() bool { return GetHub().Stats().Live == 1 }) },
				check: func(t *testing.T) { noZombies(t) },
			}
		})
	}
	return addReal("Cmd.Wait", func(t *testing.T) interruptible {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		return interruptible{
			call: c.Wait, timed: c.WaitTimeout, admit: func() { closeAll(t, in) },
			check: func(t *testing.T) { noZombies(t) },
		}
	})
}()

// Dials that wait for the look-up of a name.
var _ = func() bool {
	for name, call := range map[string]func(d *Dialer, network, address string) (net.Conn, error){
		"Dial": (*Dialer).Dial,
		"DialContext": func(d *Dialer, network, address string) (net.Conn, error) {
			return d.DialContext(Context(), network, address)
		},
	} {
		addReal("Dialer."+name, func(t *testing.T) interruptible {
			n, l := newNameServer(), listen(t)
			_, port, err := net.SplitHostPort(l.Addr().String())
			require.NoError(t, err)
			n.addrs["host.test."] = []string{"127.0.0.1"}
			d := &Dialer{Resolver: &Resolver{Net: n.net()}}
			return interruptible{
				call: func() error {
					c, err := call(d, "tcp", "host.test.:"+port)
					return backed(err, func() { closeAll(t, c) })
				},
				admit: n.shut(),
				done:  func(t *testing.T) { closeAll(t, l) },
			}
		})
	}
	return true
}()
