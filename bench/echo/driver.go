package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"greenloop/bench/internal/control"
)

// programs is where the servers and the load generator are built from.
const programs = "greenloop/bench/"

// driver holds what is the same for all runs.
type driver struct {
	dir                  string // with the programs built
	servers              []string
	runs                 int
	duration             time.Duration
	size, pipeline       int
	serverCPU, clientCPU int
}

// build compiles the servers and the load generator into a directory of its own.
func (d *driver) build(tags string) error {
	dir, err := os.MkdirTemp("", "echo")
	if err != nil {
		return err
	}
	d.dir = dir
	args := []string{"build", "-tags", tags, "-o", dir + string(filepath.Separator), programs + "load"}
	built := map[string]bool{}
	for _, server := range d.servers {
		if !built[server] {
			built[server] = true
			args = append(args, programs+"echo/"+server)
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the servers: %w (run it inside the bench module)", err)
	}
	return nil
}

func (d *driver) clean() error { return os.RemoveAll(d.dir) }

// startServer runs a fresh process of a server.
func (d *driver) startServer(name string, args ...string) (*control.Client, error) {
	args = append([]string{"-cpu", strconv.Itoa(d.serverCPU), "-size", strconv.Itoa(d.size)}, args...)
	return control.Start(filepath.Join(d.dir, name), args...)
}

// startLoad runs a load generator against a server and returns once it is connected.
func (d *driver) startLoad(addr string, conns int, args ...string) (*load, error) {
	args = append([]string{
		"-addr", addr, "-conns", strconv.Itoa(conns), "-cpu", strconv.Itoa(d.clientCPU),
		"-size", strconv.Itoa(d.size), "-pipeline", strconv.Itoa(d.pipeline),
	}, args...)
	return startLoad(filepath.Join(d.dir, "load"), args...)
}

// compare measures all servers in turn, as many times as there are runs.
func (d *driver) compare(p probe, conns int) (*comparison, error) {
	c := newComparison(p.unit, conns, d.servers)
	for range d.runs {
		for i, server := range d.servers {
			s, err := d.measure(p, server, conns)
			if err != nil {
				return nil, fmt.Errorf("%s, %d connections: %w", server, conns, err)
			}
			c.Servers[i].Samples = append(c.Servers[i].Samples, s)
		}
	}
	c.summarize()
	return c, nil
}

func (d *driver) measure(p probe, server string, conns int) (res sample, err error) {
	s, err := d.startServer(server)
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	return p.measure(d, s, conns)
}

// profile makes one more run of the last server, under the profiler.
func (d *driver) profile(path string, conns int) (err error) {
	s, err := d.startServer(d.servers[len(d.servers)-1], "-cpuprofile", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	_, err = d.underLoad(s.Addr, conns, s.Profile)
	return err
}
