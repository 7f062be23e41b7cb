//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// script makes a program that can be given for Python.
func script(t *testing.T, lines string) (file string) {
	file = filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"+lines), 0o700))
	return file
}

func TestPythonThatFailsIsSkippedWithItsReason(t *testing.T) {
	python := script(t, "echo Traceback >&2; echo \"ModuleNotFoundError: No module named 'gevent'\" >&2; exit 1\n")
	out, errs, code := called("-quick", "-runs", "1", "-only", "ping-pong", "-on", "gevent", "-python", python)
	require.Zero(t, code, errs)
	require.Contains(t, out, "exit status 1: ModuleNotFoundError: No module named 'gevent'\n")
}

// In a directory with a folder gevent, "import gevent" succeeds without the module.
func TestFolderIsNoModule(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "gevent"), 0o700))
	o, err := parse([]string{"-quick"}, io.Discard)
	require.NoError(t, err)
	if _, err := exec.LookPath(o.python); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	o.python = script(t, "exec "+o.python+" -S \"$@\"\n") // without what is installed
	l, err := newLab(o, newProgress(io.Discard))
	require.NoError(t, err)
	defer l.close()
	t.Chdir(dir)
	require.Contains(t, l.missing(t.Context(), contenders[4]), "gevent")
}

// An interrupt ends the process that measures, and does not wait for what that has started.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	pid, pipe := filepath.Join(dir, "pid"), filepath.Join(dir, "pipe")
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	end, err := os.OpenFile(pipe, os.O_RDWR, 0) // who reads it waits until it is closed
	require.NoError(t, err)
	defer func() { _, _ = os.Remove(pipe), end.Close() }()
	python := script(t, "case $2 in */ping-pong.py) ;; *) exec echo {} ;; esac\n"+
		"echo $$ >"+pid+".new; mv "+pid+".new "+pid+"; cat "+pipe+"; true\n")
	o, err := parse([]string{"-quick", "-runs", "1", "-only", "ping-pong", "-on", "threading", "-python", python}, io.Discard)
	require.NoError(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { ended <- compare(ctx, o, io.Discard, io.Discard) }()
	require.Eventually(t, func() bool { _, err := os.Stat(pid); return err == nil }, time.Minute, time.Millisecond)
	interrupt()
	select {
	case err := <-ended:
		require.EqualError(t, err, "ping-pong on threading: interrupted")
	case <-time.After(time.Minute):
		require.Fail(t, "it waits for what the process has started")
	}
	text, err := os.ReadFile(pid)
	require.NoError(t, err)
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.ErrorIs(t, unix.Kill(n, 0), unix.ESRCH, "the process has been left")
}

func TestShortened(t *testing.T) {
	require.Equal(t, "a\nb", shortened(" a\nb\n"))
	text := shortened("fatal error\n" + strings.Repeat("goroutine\n", 1000) + "exit")
	require.Regexp(t, `^fatal error\n(goroutine\n){11}… 984 lines …\n(goroutine\n){5}exit$`, text)
	require.Equal(t, 18, strings.Count(shortened(strings.Repeat("x\n", 19)), "\n"))
}
