//go:build unix

package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// server returns how to reach a PostgreSQL server: by PGHOST and so on, or in CI one which lives as long as the test, in
// a directory of its own.
func server(t *testing.T) string {
	t.Helper()
	if os.Getenv("PGHOST") != "" {
		return ""
	}
	if os.Getenv("CI") == "" {
		t.Skip("no server: set PGHOST to the host of one, or CI to have a postgres started")
	}
	dir, err := os.MkdirTemp("", "postgres") // not in t.TempDir, which is for the user alone who made it
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	owner := servant(t, dir)
	run := func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(installed(t, program), args...)
		cmd.Dir, cmd.SysProcAttr = dir, owner
		return cmd
	}
	data := filepath.Join(dir, "data")
	out, err := run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "-N").CombinedOutput()
	require.NoError(t, err, string(out))

	addr := free(t)
	host, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	cmd := run("postgres", "-D", data, "-h", host, "-p", port, "-k", "", "-F")
	lines, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt)) // which ends what is connected
		require.NoError(t, cmd.Wait())
	})
	text := ""
	for s := bufio.NewScanner(lines); s.Scan(); {
		if text += s.Text() + "\n"; strings.Contains(s.Text(), "ready to accept connections") {
			return "postgres://postgres@" + addr + "/postgres?sslmode=disable"
		}
	}
	require.FailNow(t, "postgres did not start", text)
	return ""
}

// installed finds a program in the path or where Debian has it, in the newest version.
func installed(t *testing.T, program string) string {
	if found, err := exec.LookPath(program); err == nil {
		return found
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	require.NoError(t, err)
	require.NotEmpty(t, found, program)
	return found[len(found)-1]
}

// servant gives the directory to the user postgres, if that has to run the server: it refuses to be run by root.
func servant(t *testing.T, dir string) *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.Atoi(u.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(u.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
