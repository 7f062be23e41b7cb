//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// inProcess runs a role in a process of its own.
func inProcess(role string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// A server without descriptors pauses longer and longer, and serves all that have waited once there are some.
func TestServerOutOfDescriptors(t *testing.T) {
	out, err := inProcess("out of descriptors").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func init() { roles["out of descriptors"] = func() error { return Run(outOfDescriptors) } }

func outOfDescriptors() error {
	limit := syscall.Rlimit{Cur: 64, Max: 64}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	l, err := Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var clients []net.Conn
	for range 3 {
		c, err := Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		clients = append(clients, c)
	}
	var filling []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) {
			break
		} else if err != nil {
			return err
		}
		filling = append(filling, f)
	}

	if _, err := Dial("tcp", l.Addr().String()); !errors.Is(err, syscall.EMFILE) {
		return fmt.Errorf("dial: %w", err)
	}
	if _, err := Listen("tcp", "127.0.0.1:0"); !errors.Is(err, syscall.EMFILE) {
		return fmt.Errorf("listen: %w", err)
	}
	_, err = await(func() (int, error) { return clients[0].Read(make([]byte, 1)) })
	if !errors.Is(err, syscall.EMFILE) {
		return fmt.Errorf("first use on a goroutine: %w", err)
	}

	var failures []time.Time
	s := &StreamServer{Handler: echo, OnError: func(c net.Conn, err error) {
		if c != nil || !errors.Is(err, syscall.EMFILE) {
			panic(err)
		}
		failures = append(failures, time.Now())
		if len(failures) == 4 {
			for _, f := range filling {
				_ = f.Close()
			}
		}
	}}
	serving := Spawn(func() error { return s.Serve(l) })
	for i, c := range clients {
		text := fmt.Sprint("client ", i)
		if _, err := c.Write([]byte(text)); err != nil {
			return err
		}
		answer := make([]byte, len(text))
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != text {
			return fmt.Errorf("%q: %w", answer, err)
		}
	}
	if len(failures) != 4 {
		return fmt.Errorf("%d failures to accept, not 4", len(failures))
	}
	for i, pause := range []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond} {
		if got := failures[i+1].Sub(failures[i]); got < pause {
			return fmt.Errorf("pause %d took %v, less than %v", i, got, pause)
		}
	}
	for _, c := range clients {
		if err := c.Close(); err != nil {
			return err
		}
	}
	if killed := s.Stop(patience); killed != 0 {
		return fmt.Errorf("%d killed", killed)
	}
	if err := serving.Get(); err != ErrServerClosed {
		return err
	}
	return nil
}
