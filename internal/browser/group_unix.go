//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// groups says that a process can have a group, so that all its descendants can be ended at once.
const groups = true

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup is for a command that was started and not yet waited for, so that no other group can have its number.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
