package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"greenloop/examples/compare/report"
)

// machine describes where this runs.
func machine(ctx context.Context, python string) report.Machine {
	return report.Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0), Model: model(ctx), Go: runtime.Version(),
		Python: pythonVersion(ctx, python), Date: time.Now().Format(time.RFC3339),
	}
}

// model returns the processor's name, "" if the system does not tell it.
func model(ctx context.Context) string {
	if runtime.GOOS == "darwin" {
		return printed(ctx, "sysctl", "-n", "machdep.cpu.brand_string")
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// pythonVersion returns the versions of Python and of its gevent, "" if there is no Python.
func pythonVersion(ctx context.Context, python string) string {
	version := printed(ctx, python, "-c", "import platform; print(platform.python_version())")
	if gevent := printed(ctx, python, "-c", "import gevent; print(gevent.__version__)"); gevent != "" {
		version += ", gevent " + gevent
	}
	return version
}

// printed returns what a command prints, "" if it fails.
func printed(ctx context.Context, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
