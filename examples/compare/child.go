package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"greenloop/gevent"
)

// A sample is what one process has measured of its work, and prints. Python's print the same.
type sample struct {
	Answer     int64   `json:"answer"`
	Seconds    float64 `json:"seconds"`
	CPU        float64 `json:"cpu"`        // seconds
	OSSwitches int64   `json:"osSwitches"` // while it worked
	Memory     int64   `json:"memory"`     // bytes, peak of the whole process
	Switches   int64   `json:"switches"`   // that the hub has counted
}

// idle is a process that does nothing, whose memory is taken off that of the others.
var idle = workload{
	name:       "idle",
	answer:     func(int) int64 { return 0 },
	coroutines: func(int) (int64, error) { return 0, nil },
	goroutines: func(int, starter) (int64, error) { return 0, nil },
}

// child is what a process does that was started to measure: compare -child WORKLOAD RUNTIME SIZE.
func child(args []string, out io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("-child takes a workload, a runtime and a size, not %q", args)
	}
	all := append([]*workload{&idle}, workloads...)
	w := slices.IndexFunc(all, func(w *workload) bool { return w.name == args[0] })
	c := slices.IndexFunc(contenders, func(c contender) bool { return c.name == args[1] })
	size, err := strconv.Atoi(args[2])
	if w < 0 || c < 0 || err != nil {
		return fmt.Errorf("-child: no workload %q, no runtime %q, or no number %q", args[0], args[1], args[2])
	}
	s, err := all[w].measure(contenders[c], size)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(s)
}

// measure does the work as one of Go's runtimes.
func (w *workload) measure(c contender, size int) (s sample, err error) {
	if c.start != nil {
		done := make(chan struct{})
		c.start(func() {
			defer close(done)
			s, err = around(func() (int64, error) { return w.goroutines(size, c.start) })
		})
		<-done
		return s, err
	}
	err = gevent.Run(func() (err error) {
		before := gevent.GetHub().Stats().Switches
		s, err = around(func() (int64, error) { return w.coroutines(size) })
		s.Switches = int64(gevent.GetHub().Stats().Switches - before)
		return err
	})
	return s, err
}

// around measures work and nothing else.
func around(work func() (int64, error)) (s sample, err error) {
	before, err := usageNow()
	if err != nil {
		return s, err
	}
	start := time.Now()
	if s.Answer, err = work(); err != nil {
		return s, err
	}
	s.Seconds = time.Since(start).Seconds()
	after, err := usageNow()
	s.CPU, s.OSSwitches = after.cpu-before.cpu, after.switches-before.switches
	if err == nil {
		s.Memory, err = peakMemory()
	}
	return s, err
}
