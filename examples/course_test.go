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

// course runs the lessons with these arguments, and LANG as it is given.
func course(t *testing.T, lang string, args ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, build(t, "lessons"), args...)
	cmd.Env = append(cmd.Environ(), "LC_ALL=", "LANG="+lang)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.True(t, errors.As(err, &exit), err)
		code = exit.ExitCode()
	}
	return o.String(), e.String(), code
}

// What a lesson prints is compared in its own package; here it is the program around them.
func TestCourseListsItsLessons(t *testing.T) {
	list, errs, code := course(t, "C")
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.Contains(t, list, "\n  7  Greenlets: switching by hand\n     Two functions, each with")
	require.Contains(t, list, "go run ./examples/lessons all")

	byFlag, _, code := course(t, "C", "-lang", "zh")
	require.Zero(t, code)
	require.Contains(t, byFlag, "\n  7  greenlet：手动切换\n")
	byEnvironment, _, _ := course(t, "zh_CN.UTF-8")
	require.Equal(t, byFlag, byEnvironment)
	english, _, _ := course(t, "zh_CN.UTF-8", "-lang", "en")
	require.Equal(t, list, english)
	require.Equal(t, strings.Count(list, "\n"), strings.Count(byFlag, "\n"))
}

func TestCourseRunsWhatIsAskedFor(t *testing.T) {
	seventh, errs, code := course(t, "C", "7")
	require.Zero(t, code, errs)
	require.True(t, strings.HasPrefix(seventh, "7. Greenlets: switching by hand\n"), seventh)
	require.Contains(t, seventh, "\n    main: goes on, its Switch has returned served\n")
	require.NotContains(t, seventh, "package main")

	sourced, _, code := course(t, "C", "7", "-source")
	require.Zero(t, code)
	require.Contains(t, sourced, "examples/lessons/07_greenlet.go:\n")
	require.Contains(t, sourced, "\n    func byHand(s *stage) error {\n")

	third, _, code := course(t, "C", "3")
	require.Zero(t, code)
	both, _, code := course(t, "C", "7", "3")
	require.Zero(t, code)
	require.Equal(t, seventh+"\n"+third, both)
}

func TestCourseSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"99", `lessons: there is no lesson "99": there are `},
		{"0", `lessons: there is no lesson "0": there are `},
		{"greenlet", `lessons: there is no lesson "greenlet": there are `},
		{"99 -lang zh", `lessons: 没有第 "99" 课：一共 `},
		{"7 99", `lessons: there is no lesson "99": there are `},
		{"-lang tlh", "lessons: no lesson in the language \"tlh\", only in [\"en\" \"zh\"]\n"},
		{"-nonsense", "flag provided but not defined: -nonsense\n"},
	} {
		out, errs, code := course(t, "C", strings.Fields(c.args)...)
		require.Equal(t, 2, code, c.args)
		require.Empty(t, out, c.args)
		require.True(t, strings.HasPrefix(errs, c.want), errs)
	}
	out, errs, code := course(t, "C", "-h")
	require.Zero(t, code)
	require.Empty(t, out)
	require.Contains(t, errs, "-source")
}
