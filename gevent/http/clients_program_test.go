//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bytes"
	"context"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// clientPatience bounds the run of a client, which is a process of its own and may wait for a processor.
const clientPatience = 3 * patience

// A clientProgram is an HTTP client that others have written.
type clientProgram struct {
	t    *testing.T
	path string
}

// findClient finds a program. Without it the test is skipped, but not where all of them are to be there.
func findClient(t *testing.T, name string) *clientProgram {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		clientMissing(t, name)
	}
	return &clientProgram{t, path}
}

func clientMissing(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
}

// run runs the program on a goroutine while the hub serves it, and returns what it prints: on its output, and beside that.
func (p *clientProgram) run(input string, args ...string) (out, beside string) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	_, err := gevent.Await(func(context.Context) (struct{}, error) {
		ctx, cancel := context.WithTimeout(context.Background(), clientPatience)
		defer cancel()
		cmd := exec.CommandContext(ctx, p.path, args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
		return struct{}{}, cmd.Run()
	})
	require.NoError(p.t, err, "%s %q\n%s%s", p.path, args, &stdout, &stderr)
	return stdout.String(), stderr.String()
}

// clientCertificate writes the certificate of borrowedCertificate to a file, and returns its name.
func clientCertificate(t *testing.T, der []byte) string {
	path := filepath.Join(t.TempDir(), "certificate.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
