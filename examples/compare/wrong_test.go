package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"-only ring":    `no workload "ring"; there are ping-pong, thread-ring, skynet, prime-sieve, producer-consumer, sleepers,`,
		"-on coroutine": `no runtime "coroutine"; there are coroutines, goroutines-1, goroutines, threads, gevent, threading`,
		"-runs -1":      "-runs must not be negative",
		"-runs many":    "invalid value",
		"-json -csv":    "exclude one another",
		"skynet":        `unexpected "skynet"`,
		"-fast":         "not defined: -fast",
	} {
		out, errs, code := called(strings.Fields(line)...)
		require.Equal(t, 2, code, line)
		require.Empty(t, out, line)
		require.Contains(t, errs, want)
	}
	_, errs, code := called("-help")
	require.Zero(t, code)
	require.Contains(t, errs, "-quick")
	require.NotContains(t, errs, "-child")
}

func TestWrongAnswersAreErrors(t *testing.T) {
	o, err := parse([]string{"-quick"}, os.Stderr)
	require.NoError(t, err)
	l, err := newLab(o, newProgress(os.Stderr))
	require.NoError(t, err)
	defer l.close()
	wrong := idle
	wrong.answer = func(int) int64 { return 1 }
	for _, c := range contenders {
		if l.missing(t.Context(), c) == "" {
			_, err = l.sample(t.Context(), &wrong, c, 7)
			require.EqualError(t, err, "the answer is 0, not 1", c.name)
		}
	}
}

func TestWrongChildren(t *testing.T) {
	for _, args := range [][]string{nil, {"skynet", "fibers", "1"}, {"skynet", "threads", "x"}, {"nosuch", "threads", "1"}} {
		out, errs, code := called(append([]string{"-child"}, args...)...)
		require.Equal(t, 1, code)
		require.Empty(t, out)
		require.Contains(t, errs, "-child")
	}
}

// Sizes that a workload cannot divide would give wrong answers.
func TestSizesDivide(t *testing.T) {
	last, _ := sift(1000)
	require.EqualValues(t, 7919, last)
	for _, c := range contenders {
		for _, of := range []func(*workload) int{
			func(w *workload) int { return w.normal.of(c) },
			func(w *workload) int { return w.quick.of(c) },
		} {
			require.Zero(t, of(&echo)%clients)
			require.Zero(t, of(&philosophers)%seats)
			require.Regexp(t, "^10*$", strconv.Itoa(of(&skynet)))
		}
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, terminal: true}
	p.begin(2, "idle")
	p.say("run %d", 1)
	p.end()
	require.Equal(t, clearLine+noWrap+"1/2 idle: run 1"+wrapAgain+clearLine, out.String())
}

// Each file fits a page or two, here and below.
func TestFilesAreShort(t *testing.T) {
	for _, pattern := range []string{"*.go", "*/*.go", "*/*.py"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, f := range files {
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			require.LessOrEqual(t, bytes.Count(text, []byte("\n")), 100, f)
		}
	}
}
