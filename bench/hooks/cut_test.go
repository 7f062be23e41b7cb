package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.go")
	require.NoError(t, os.WriteFile(name, []byte(`package x

func f(s *S) {
	if s.hooks != nil {
		s.told()
	}
	if s.hooks != nil && s.hooks.Other != nil {
		s.told()
	}
	if s.other != nil || s.hooks == nil {
		s.kept()
	}
}
`), 0o600))
	text, cuts, err := cut(name)
	require.NoError(t, err)
	require.Equal(t, 2, cuts)
	require.NotContains(t, string(text), "told")
	require.Contains(t, string(text), "kept")
	text, _, err = cut("x_test.go")
	require.NoError(t, err)
	require.Nil(t, text)
}

// The copy is a package that compiles, with the sources of today.
func TestCopyBuilds(t *testing.T) {
	overlay, err := writeCopy(t.TempDir(), "../../sched", "bare")
	require.NoError(t, err)
	out, err := goCommand("test", "-c", "-o", os.DevNull, "-vet=off", "-tags=bare", "-overlay="+overlay, ".")
	require.NoError(t, err, string(out))
}

func goCommand(args ...string) ([]byte, error) { return exec.Command("go", args...).CombinedOutput() }
