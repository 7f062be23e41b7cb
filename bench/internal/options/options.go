// Package options reads the flags that all servers under measurement share, so
// that they run under the same conditions.
package options

import (
	"flag"
	"fmt"
	"runtime"

	"greenloop/bench/internal/affinity"
	"greenloop/bench/internal/nofile"
)

// BufferSize is each connection's read buffer, in bytes.
const BufferSize = 4 << 10

// Options are the conditions of a run.
type Options struct {
	Addr        string
	MessageSize int    // bytes; turns the bytes served into messages
	ProfilePath string // "" for no profile
}

// Apply reads the command line and puts its part about the process into effect.
// It starts the program anew to pin it, so call it first thing in main.
func Apply() (Options, error) {
	var o Options
	flag.StringVar(&o.Addr, "addr", "127.0.0.1:0", "listen here")
	flag.IntVar(&o.MessageSize, "size", 64, "bytes in a message, to count messages by")
	flag.StringVar(&o.ProfilePath, "cpuprofile", "", "where the control command \"profile\" writes")
	cpu := flag.Int("cpu", -1, "pin to this CPU; -1 for none")
	procs := flag.Int("procs", 1, "GOMAXPROCS")
	conns := flag.Int("maxconns", 16_000, "connections to have open files for")
	flag.Parse()
	if o.MessageSize < 1 {
		return Options{}, fmt.Errorf("-size %d: at least 1", o.MessageSize)
	}
	if err := affinity.Pin(*cpu); err != nil {
		return Options{}, err
	}
	if err := nofile.Need(*conns); err != nil {
		return Options{}, err
	}
	runtime.GOMAXPROCS(*procs)
	return o, nil
}
