package main

import (
	"errors"
	"time"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/loadresult"
	"greenloop/bench/internal/usage"
)

// probe is one way to look at a server: with so many connections to a fresh
// process of it, read one figure off it.
type probe struct {
	unit    string
	conns   string // how many connections unless told
	measure func(d *driver, s *control.Client, conns int) (sample, error)
}

// sample is what one run found.
type sample struct {
	Value float64            `json:"value"`          // in the probe's unit
	Load  *loadresult.Result `json:"load,omitempty"` // in mode cpu: as seen by the clients
	// Others is, in mode cpu, the part of the two CPUs that neither server nor
	// clients used: other processes and guests. Much of it spoils the figures.
	Others float64 `json:"others,omitempty"`
}

var probes = map[string]probe{
	"cpu":  {unit: "µs of CPU per message", conns: "64,1000", measure: measureCPU},
	"idle": {unit: "ms of CPU in an idle second", conns: "1000", measure: measureIdle},
	"rss":  {unit: "bytes of RSS per connection", conns: "10000", measure: measureRSS},
}

// measureCPU divides the server's CPU time by the messages it served, both taken
// by the server itself at the ends of the measured time.
func measureCPU(d *driver, s *control.Client, conns int) (sample, error) {
	return d.underLoad(s.Addr, conns, s.Report)
}

// underLoad has mark called at the beginning and at the end of the measured time.
func (d *driver) underLoad(addr string, conns int, mark func() (control.Report, error)) (res sample, err error) {
	l, err := d.startLoad(addr, conns, "-json", "-duration", d.duration.String())
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	if err := l.expect(loadresult.Measuring); err != nil {
		return sample{}, err
	}
	busyBefore, err := d.busy()
	if err != nil {
		return sample{}, err
	}
	before, err := mark()
	if err != nil {
		return sample{}, err
	}
	seen, err := l.result()
	if err != nil {
		return sample{}, err
	}
	after, err := mark()
	if err != nil {
		return sample{}, err
	}
	busy, err := d.busy()
	if err != nil {
		return sample{}, err
	}
	return sample{
		Value:  after.MicrosPerMessage(before),
		Load:   &seen,
		Others: others(busy-busyBefore, after.CPU()-before.CPU(), seen),
	}, nil
}

// busy is how long both CPUs together have been used, by whomever.
func (d *driver) busy() (time.Duration, error) {
	server, err := usage.Busy(d.serverCPU)
	if err != nil {
		return 0, err
	}
	client, err := usage.Busy(d.clientCPU)
	return server + client, err
}

// others is the part of both CPUs that was used by neither side. The kernel
// counts in hundredths of a second, so a little less than nothing may come out.
func others(busy, server time.Duration, seen loadresult.Result) float64 {
	clients := seen.ClientCPU * float64(seen.Elapsed)
	return max(0, (float64(busy-server)-clients)/float64(2*seen.Elapsed))
}

// The time in which a server that has just been spoken to comes to rest, and the
// time for which it is then watched.
const (
	settling = 500 * time.Millisecond
	idling   = time.Second
)

// measureIdle reads the server's CPU clock from outside: asking would wake it.
func measureIdle(d *driver, s *control.Client, conns int) (res sample, err error) {
	l, err := d.startLoad(s.Addr, conns, "-hold")
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	time.Sleep(settling)
	before, err := usage.Process(s.Pid())
	if err != nil {
		return sample{}, err
	}
	time.Sleep(idling)
	after, err := usage.Process(s.Pid())
	return sample{Value: float64(after-before) / float64(time.Millisecond)}, err
}

// measureRSS compares the memory before and with the connections, each of which
// has been served one message; unused memory is given back first both times.
func measureRSS(d *driver, s *control.Client, conns int) (res sample, err error) {
	before, err := s.Free()
	if err != nil {
		return sample{}, err
	}
	l, err := d.startLoad(s.Addr, conns, "-hold")
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	after, err := s.Free()
	return sample{Value: float64(after.RSS-before.RSS) / float64(conns)}, err
}
