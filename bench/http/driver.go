package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/usage"
)

// driver holds what is the same for all runs.
type driver struct {
	dir                  string // with the programs built
	programs             []program
	runs                 int
	duration             time.Duration
	serverCPU, clientCPU int
	throughput           bool // compare requests a second, not CPU time
}

// prepare builds the load generator and the servers. What this machine cannot run is left out, with a word.
func (d *driver) prepare(chosen []server) error {
	if err := loudly("go", "build", "-o", d.generator(), "greenloop/bench/load"); err != nil {
		return err
	}
	for _, s := range chosen {
		row := cmp.Or(s.row, s.name)
		command, err := s.build(d.dir, s.name)
		if errors.Is(err, errMissing) {
			fmt.Fprintf(os.Stderr, "http: without %s: %v\n", row, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row, err)
		}
		d.programs = append(d.programs, program{row, append(command, s.args...)})
	}
	if len(d.programs) == 0 {
		return errors.New("no server is left to be measured")
	}
	return nil
}

func (d *driver) generator() string { return filepath.Join(d.dir, "load") }

// compare measures all servers in turn, as many times as there are runs.
func (d *driver) compare(l load, base string) (*comparison, error) {
	c := newComparison(l, d.throughput, d.programs)
	for range d.runs {
		for i := range d.programs {
			s, err := d.measure(&d.programs[i], l)
			if err != nil {
				return nil, fmt.Errorf("%s, %d connections: %w", d.programs[i].row, l.Conns, err)
			}
			c.Servers[i].Samples = append(c.Servers[i].Samples, s)
		}
	}
	c.summarize(base)
	return c, nil
}

func (d *driver) measure(p *program, l load) (res sample, err error) {
	s, err := p.start(d.serverCPU)
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	return d.underLoad(s, l, func() error { return nil })
}

// profile makes one more run of the last server, under the profiler.
func (d *driver) profile(path string, l load) (err error) {
	s, err := d.programs[len(d.programs)-1].start(d.serverCPU, "-cpuprofile", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	_, err = d.underLoad(s, l, func() error {
		_, err := s.Profile()
		return err
	})
	return err
}

// underLoad runs the generator against a server; mark is called at the beginning and at the end of the measured time.
func (d *driver) underLoad(s *control.Client, l load, mark func() error) (res sample, err error) {
	g, err := startGenerator(d.generator(), "-http", "-json", "-addr", s.Addr, "-pid", strconv.Itoa(s.Pid()),
		"-conns", strconv.Itoa(l.Conns), "-pipeline", strconv.Itoa(l.Pipeline),
		"-cpu", strconv.Itoa(d.clientCPU), "-duration", d.duration.String())
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, g.wait()) }()
	if err := g.measuring(); err != nil {
		return sample{}, err
	}
	before, err := usage.BusyAll()
	if err != nil {
		return sample{}, err
	}
	if err := mark(); err != nil {
		return sample{}, err
	}
	seen, err := g.result()
	if err != nil {
		return sample{}, err
	}
	after, err := usage.BusyAll()
	if err != nil {
		return sample{}, err
	}
	if err := mark(); err != nil {
		return sample{}, err
	}
	return newSample(seen, after-before)
}
