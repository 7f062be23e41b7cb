package multiprocessing

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The descriptor of a process that is watched no longer tells nothing, though a child that is just being started has it
// still: its number may be another process's by then.
func TestDeathIsForgotten(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	require.NoError(t, cmd.Start())
	s := newSources()
	defer s.close()
	began, _ := beginOf(cmd.Process.Pid)
	sysfd, ok := s.addDeath(newIdentity(cmd.Process.Pid, began))
	require.True(t, ok)
	kept, err := unix.Dup(int(sysfd))
	require.NoError(t, err)
	defer unix.Close(kept)
	s.removeDeath(sysfd)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed")
	s.collect(func(int32) {}, func(int32) { t.Error("it has told") })
}
