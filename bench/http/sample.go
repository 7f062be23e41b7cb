package main

import (
	"errors"
	"time"

	"greenloop/bench/internal/loadresult"
)

// sample is what one run found.
type sample struct {
	Micros float64           `json:"us_per_request"` // CPU time of the server
	User   float64           `json:"user"`           // the part of it in user mode, roughly
	Server float64           `json:"server_cpu"`     // the CPUs that it used; below 1 it waited for clients
	Others float64           `json:"others"`         // the CPUs that neither side used
	Load   loadresult.Result `json:"load"`
}

func newSample(seen loadresult.Result, busy time.Duration) (sample, error) {
	if seen.Messages == 0 || seen.ServerCPU == 0 {
		return sample{}, errors.New("nothing was answered in the time measured; give it more with -duration")
	}
	elapsed := seen.Elapsed.Seconds()
	s := sample{
		Micros: float64(seen.ServerCPU) / float64(time.Microsecond) / float64(seen.Messages),
		User:   float64(seen.ServerUser) / float64(seen.ServerCPU),
		Server: seen.ServerCPU.Seconds() / elapsed,
		Load:   seen,
	}
	// The kernel counts in hundredths of a second: a little less than nothing may come out.
	s.Others = max(0, busy.Seconds()/elapsed-s.Server-seen.ClientCPU)
	return s, nil
}
