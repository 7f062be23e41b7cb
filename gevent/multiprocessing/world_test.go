//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// patience is how long a test waits for what must come. It is reached by failing tests only.
const patience = 30 * time.Second

var errMade = errors.New("made for a test")

// roleVariable names what a test runs in a program of its own, without calling Main.
const roleVariable = "MULTIPROCESSING_TEST_ROLE"

var roles = map[string]func(){}

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil && os.Getenv("MULTIPROCESSING_TEST_EARLY") != "" {
		role()
		return
	}
	mp.Main()
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		role()
		return
	}
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go's own poller keeps a few descriptors from its first use on
	}
	os.Exit(m.Run())
}

// roleOf returns this program in a role.
func roleOf(role string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	return c
}

// run runs main in a hub, in bounded time, requires that it succeeds, and checks that it leaves nothing behind,
// processes least of all.
func run(t testing.TB, main func() error) {
	t.Helper()
	before := openFds()
	guard := time.AfterFunc(4*patience, func() { panic("the hub stands still") })
	defer guard.Stop()
	require.NoError(t, gevent.Run(func() error {
		defer func() {
			if t.Failed() { // else the hub would wait for them
				for _, p := range mp.ActiveChildren() {
					_ = p.Kill()
				}
			}
		}()
		err := gevent.WithTimeout(3*patience, main)
		for _, p := range mp.ActiveChildren() {
			if err != nil {
				_ = p.Kill()
			}
		}
		gevent.Yield()
		return err
	}))
	goleak.VerifyNone(t)
	noZombies(t)
	require.Equal(t, before, openFds(), "descriptors left")
}

// openFds counts the process's descriptors where the system tells.
func openFds() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// noZombies checks that this process has no child, where the system tells.
func noZombies(t testing.TB) {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		rest := string(stat[bytes.LastIndexByte(stat, ')')+1:])
		var state string
		var parent int
		_, err = fmt.Sscan(rest, &state, &parent)
		require.NoError(t, err)
		require.NotEqual(t, os.Getpid(), parent, "a child is left: %s", stat)
	}
}

// eventually waits, in a greenlet, for what other processes do.
func eventually(t testing.TB, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !what(); {
		require.True(t, time.Now().Before(deadline), "it never happened")
		require.NoError(t, gevent.Sleep(time.Millisecond))
	}
}

// pipe is Pipe that cannot fail.
func pipe[T any](t testing.TB) (*mp.Receiver[T], *mp.Sender[T]) {
	t.Helper()
	r, s, err := mp.Pipe[T]()
	require.NoError(t, err)
	return r, s
}

func duplex[S, R any](t testing.TB) (*mp.Conn[S, R], *mp.Conn[R, S]) {
	t.Helper()
	a, b, err := mp.Duplex[S, R]()
	require.NoError(t, err)
	return a, b
}

func closeAll(t testing.TB, closers ...io.Closer) {
	t.Helper()
	for _, c := range closers {
		require.NoError(t, c.Close())
	}
}

// got requires that a value came.
func got[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// begin starts a target.
func begin[A any](t testing.TB, target *mp.Target[A], args A) *mp.Process {
	t.Helper()
	p, err := target.Start(args)
	require.NoError(t, err)
	return p
}

// ends requires that the process ends with that code.
func ends(t testing.TB, p *mp.Process, want int) {
	t.Helper()
	require.NoError(t, p.JoinTimeout(patience))
	code, over := p.ExitCode()
	require.True(t, over)
	require.Equal(t, want, code, p.Name())
}
