package eventlog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A line that is too long is cut between two characters.
func TestCodeIsCutBetweenCharacters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "long.go")
	require.NoError(t, os.WriteFile(file, []byte("// first\n//"+strings.Repeat("包", codeWidth)+"\n// last\n"), 0o600))
	code := codeAround([]Line{{File: file, Line: 2}})[file]
	require.Equal(t, map[int]string{1: "// first", 2: "//" + strings.Repeat("包", (codeWidth-2)/3), 3: "// last"}, code)
}
