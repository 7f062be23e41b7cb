//go:build race

package multiprocessing_test

import "os"

const raceEnabled = true

// The race detector holds up the end of a process by a second: not that of the children, of which there are many.
func init() { _ = os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0") }
