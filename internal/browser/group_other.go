//go:build !unix

package browser

import "os/exec"

const groups = false

func ownGroup(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
