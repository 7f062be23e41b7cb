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
	"greenloop/bench/internal/work"
)

// server is one of the programs that are compared.
type server struct {
	name string
	row  string   // what it is called in the table, if not by its name
	args []string // beside -cpu
	// build makes the program in dir and returns the command that runs it; errMissing if this machine lacks what it takes.
	build func(dir, name string) ([]string, error)
}

// servers are all there are. What each is, bench/README.md says.
var servers = []server{
	{name: "c", build: buildC},
	{name: "greenlets", build: buildGo},
	{name: "goroutines", build: buildGo},
	{name: "nethttp", build: buildGo},
	{name: "geventhttp", build: buildGo},
	{name: "fasthttp", build: buildGo},
	{name: "pywsgi", build: findPython},
}

// errMissing says that a server cannot run here, which is no reason not to measure the others.
var errMissing = errors.New("not here")

// source is the directory of this command within the module, where go run and go test are to be started.
func source(elements ...string) (string, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "greenloop/bench/http").Output()
	if err != nil {
		return "", fmt.Errorf("find the sources: %w (run it inside the bench module)", err)
	}
	return filepath.Join(append([]string{string(out[:len(out)-1])}, elements...)...), nil
}

func buildC(dir, name string) ([]string, error) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return nil, fmt.Errorf("%w: no C compiler (cc)", errMissing)
	}
	file, err := source("c", "epoll.c")
	if err != nil {
		return nil, err
	}
	program := filepath.Join(dir, name)
	return []string{program}, loudly(compiler, "-O2", "-Wall", "-Wextra", "-o", program, file)
}

func buildGo(dir, name string) ([]string, error) {
	program := filepath.Join(dir, name)
	return []string{program}, loudly("go", "build", "-o", program, "greenloop/bench/http/"+name)
}

func findPython(_, _ string) ([]string, error) {
	// Not the first python3 of PATH: Debian's gevent is for Debian's interpreter.
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import gevent.pywsgi").Run(); err != nil {
		return nil, fmt.Errorf("%w: %s has no gevent (python3-gevent)", errMissing, python)
	}
	file, err := source("python", "pywsgi.py")
	return []string{python, file}, err
}

// loudly runs a compiler, which says itself what is wrong.
func loudly(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

// program is a server that has been built.
type program struct {
	row     string
	command []string
}

// start runs a fresh process, on the given CPU or, if that is negative, on any.
func (p *program) start(cpu int, args ...string) (*control.Client, error) {
	all := append(p.command[1:len(p.command):len(p.command)], "-cpu", strconv.Itoa(cpu))
	return control.Start(p.command[0], append(all, args...)...)
}

// spread makes servers out of numbers of hubs. Nothing is tied to a CPU: the generator needs some of what the last hub
// could use, little where a request costs its server much more, and the throughput is what tells.
func (d *driver) spread(counts string, cost time.Duration) ([]server, error) {
	hubs, err := parseCounts("-hubs", counts)
	if err != nil {
		return nil, err
	}
	rounds, err := work.Rounds(cost)
	if err != nil {
		return nil, err
	}
	d.serverCPU, d.clientCPU, d.throughput = -1, -1, true
	var spread []server
	for _, n := range hubs {
		count := strconv.Itoa(n)
		spread = append(spread, server{name: "greenlets", row: "hubs=" + count, build: buildGo,
			args: []string{"-hubs", count, "-procs", count, "-rounds", strconv.Itoa(rounds)}})
	}
	return spread, nil
}
