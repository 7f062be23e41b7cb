//go:build unix

package examples

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```\n")

// readmeBlocks returns the pieces of Go in the README: whole programs, and fragments of one.
func readmeBlocks(t *testing.T) (programs, fragments []string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for _, m := range goBlock.FindAllStringSubmatch(string(readme), -1) {
		if strings.HasPrefix(m[1], "package ") {
			programs = append(programs, m[1])
		} else {
			fragments = append(fragments, m[1])
		}
	}
	return programs, fragments
}

// goWith returns what the go command prints for a package that is nowhere but in the overlay.
func goWith(t *testing.T, verb, source string) string {
	t.Helper()
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	here, err := filepath.Abs("readme/main.go")
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{here: file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", verb, "-overlay", overlay, "./readme").CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// The programs of the README work as they are printed.
func TestReadmePrograms(t *testing.T) {
	programs, _ := readmeBlocks(t)
	require.Len(t, programs, 2)
	require.Equal(t, "Ann got \"Ann\"\nBob got \"Bob\"\ndone: <nil>\n", goWith(t, "run", programs[0]))
	require.Equal(t, "[1 4 9 16] <nil>\ndone: <nil>\n", goWith(t, "run", programs[1]))
}

// What a fragment needs around it: the reader of the README knows what main, page, out and file are.
const fragmentHead, fragmentTail = `package readme

import (
	"io"

	"greenloop/gevent"
	"greenloop/sched/eventlog"
)

func fragment(main func() error, page, out, file io.Writer) error {
`, `
	return err
}
`

// The fragments of the README compile.
func TestReadmeFragments(t *testing.T) {
	_, fragments := readmeBlocks(t)
	require.NotEmpty(t, fragments)
	for _, f := range fragments {
		goWith(t, "build", fragmentHead+f+fragmentTail)
	}
}
