package gevent

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal returns the two sides of a pseudo-terminal: the keyboard and screen of one who types, and what a program has.
func terminal(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	keys = os.NewFile(uintptr(fd), "keys")
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	fd, err = unix.Open(fmt.Sprint("/dev/pts/", n), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	require.NoError(t, err)
	return keys, os.NewFile(uintptr(fd), "tty")
}

// A program reads lines from its terminal while its other greenlets run, and the terminal stays as its shell has it.
func TestNewStreamOfATerminal(t *testing.T) {
	run(t, func() error {
		keys, tty := terminal(t)
		s, err := NewStream(tty)
		require.NoError(t, err)
		reader := Spawn(func() error { expect(t, s, "a line\n"); return nil })
		parked(t, reader)
		put(t, keys, "a li")
		require.NoError(t, Sleep(1))
		parked(t, reader)
		put(t, keys, "ne\n")
		require.NoError(t, reader.Get())
		flags, err := unix.FcntlInt(uintptr(s.fd.sysfd), unix.F_GETFL, 0)
		require.NoError(t, err)
		require.Zero(t, flags&unix.O_NONBLOCK)

		put(t, s, "output")
		expect(t, keys, "a line\r\noutput")
		put(t, keys, "\x04") // Ctrl-D
		_, err = s.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		reader = Spawn(func() error { _, err := s.Read(make([]byte, 1)); return err })
		parked(t, reader)
		require.NoError(t, keys.Close())
		if err := reader.Get(); err != io.EOF { // the terminal is gone
			require.ErrorIs(t, err, syscall.EIO)
		}
		require.NoError(t, s.Close())
		return tty.Close()
	})
}
