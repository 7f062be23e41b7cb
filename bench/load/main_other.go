//go:build !linux

package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Fprintln(os.Stderr, "load: drives epoll itself and so runs on Linux only, not on", runtime.GOOS)
	os.Exit(1)
}
