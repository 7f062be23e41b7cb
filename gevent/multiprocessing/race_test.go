//go:build race

package multiprocessing_test

import "os"

const raceEnabled = true

// A program with the race detector waits a second before it exits. Children need not.
func init() {
	if os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
}
