//go:build unix

package examples

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// processes runs the programs with these arguments, and LANG as it is given.
func processes(t *testing.T, lang string, args ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, build(t, "processes"), args...)
	cmd.Env = append(cmd.Environ(), "LC_ALL=", "LANG="+lang, "GORACE=atexit_sleep_ms=0")
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.True(t, errors.As(err, &exit), err)
		code = exit.ExitCode()
	}
	return o.String(), e.String(), code
}

// What a program prints is compared in its own package; here it is what is around them.
func TestProcessesListsItsPrograms(t *testing.T) {
	list, errs, code := processes(t, "C")
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.Contains(t, list, "\n  pipe      A pipe between two processes\n            What one sends")
	require.Contains(t, list, "go run ./examples/processes all")

	byFlag, _, code := processes(t, "C", "-lang", "zh")
	require.Zero(t, code)
	require.Contains(t, byFlag, "\n  pipe      两个进程之间的管道\n")
	byEnvironment, _, _ := processes(t, "zh_CN.UTF-8")
	require.Equal(t, byFlag, byEnvironment)
}

// A child of the program is its target, whatever its parent's arguments are, and not the program again.
func TestProcessesRunsWhatIsAskedFor(t *testing.T) {
	plain, errs, code := processes(t, "C", "pipe")
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.True(t, strings.HasPrefix(plain, "pipe: A pipe between two processes\n"), plain)
	require.Contains(t, plain, "\n      ready? READY!\n")
	require.NotContains(t, plain, "package main")

	sourced, errs, code := processes(t, "C", "pipe", "-lang", "zh", "-source")
	require.Zero(t, code, errs)
	require.Contains(t, sourced, "examples/processes/pipe.go：\n")
	require.Contains(t, sourced, "\n    func talk(s stage) error {\n")
	require.Contains(t, sourced, "\n      ready？READY！\n")
}

func TestProcessesSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"threads", `processes: there is no program "threads", only pipe, tickets, queue, primes, manager, all` + "\n"},
		{"pipe threads -lang zh", `processes: 没有名为 "threads" 的程序，只有 pipe, `},
		{"-lang tlh", "processes: no text in the language \"tlh\", only in [\"en\" \"zh\"]\n"},
		{"-nonsense", "flag provided but not defined: -nonsense\n"},
	} {
		out, errs, code := processes(t, "C", strings.Fields(c.args)...)
		require.Equal(t, 2, code, c.args)
		require.Empty(t, out, c.args)
		require.True(t, strings.HasPrefix(errs, c.want), errs)
	}
	out, errs, code := processes(t, "C", "-h")
	require.Zero(t, code)
	require.Empty(t, out)
	require.Contains(t, errs, "-source")
}
