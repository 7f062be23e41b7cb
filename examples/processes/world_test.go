//go:build unix

package main

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/examples/internal/teach"
)

// patience is how long a program may take here. None is expected to come near it.
const patience = time.Minute

// run returns what the nth program prints, in each language, of one run. It checks that nothing is left behind.
func run(t *testing.T, n int) (outputs []string) {
	p, before := programs[n], openFds()
	guard := time.AfterFunc(patience, func() { panic(p.name + " stands still") })
	defer guard.Stop()
	var s stage
	buffers := make([]bytes.Buffer, len(teach.Languages))
	for i, lang := range teach.Languages {
		s = append(s, reader{&buffers[i], course.Text(n, lang).Words})
	}
	require.NoError(t, p.run(s))
	require.Equal(t, before, openFds(), "descriptors left")
	noChildren(t)
	for i := range buffers {
		outputs = append(outputs, buffers[i].String())
	}
	return outputs
}

// openFds counts the descriptors of this process where the system tells.
func openFds() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// noChildren checks that this process has none left, dead ones included.
func noChildren(t *testing.T) {
	t.Helper()
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	require.ErrorIs(t, err, syscall.ECHILD, "child %d is left", pid)
}
