// Http measures HTTP servers that all answer the same request alike, in turn: A B C … A B C …, each time a fresh process
// on one core with the load generator on the other.
//
//	go run ./http                                            every server, 64 and 1,000 connections
//	go run ./http -conns 64 -pipeline 16                     16 requests at a time
//	go run ./http -only c,greenlets,goroutines -runs 9       some servers, more often
//	go run ./http -only c,c                                  how large the noise is
//	go run ./http -hubs 1,2 -conns 64                        one hub and two, on both cores
//
// Ratios are to the server -base, run by run.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	var d driver
	only := flag.String("only", "", "the servers, instead of all: "+strings.Join(names(servers), ","))
	base := flag.String("base", "c", "the server to compare with; the first if that is not among them")
	conns := flag.String("conns", "64,1000", "numbers of connections")
	pipeline := flag.String("pipeline", "1", "requests sent before their answers are waited for, or several such numbers")
	flag.IntVar(&d.runs, "runs", 5, "runs of each server")
	flag.DurationVar(&d.duration, "duration", 3*time.Second, "length of a run")
	flag.IntVar(&d.serverCPU, "servercpu", 0, "CPU of the servers")
	flag.IntVar(&d.clientCPU, "clientcpu", 1, "CPU of the load generator")
	hubs := flag.String("hubs", "", "compare these numbers of hubs of the server greenlets by requests a second")
	work := flag.Duration("work", 50*time.Microsecond, "with -hubs: CPU time that each request costs besides")
	profile := flag.String("profile", "", "write a CPU profile of the last server (of Go), in a run that does not count")
	asJSON := flag.Bool("json", false, "print everything measured, as JSON")
	flag.Parse()
	loads, err := parseLoads(*conns, *pipeline)
	if err != nil {
		return err
	}
	if d.runs < 1 || d.duration <= 0 {
		return errors.New("-runs and -duration must be above 0")
	}
	chosen, err := choose(*only)
	if *hubs != "" {
		chosen, err = d.spread(*hubs, *work)
	}
	if err != nil {
		return err
	}
	d.dir, err = os.MkdirTemp("", "http")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	if err := d.prepare(chosen); err != nil {
		return err
	}
	return d.run(loads, *base, *asJSON, *profile)
}

// run measures under each load and prints as it goes.
func (d *driver) run(loads []load, base string, asJSON bool, profile string) error {
	for _, l := range loads {
		c, err := d.compare(l, base)
		if err != nil {
			return err
		}
		if asJSON {
			err = json.NewEncoder(os.Stdout).Encode(c)
		} else {
			err = c.print(os.Stdout)
		}
		if err != nil {
			return err
		}
	}
	if profile == "" {
		return nil
	}
	return d.profile(profile, loads[0])
}

// load is what the clients do.
type load struct {
	Conns    int `json:"conns"`
	Pipeline int `json:"pipeline"`
}

// parseLoads combines numbers of connections and of requests under way.
func parseLoads(conns, pipeline string) ([]load, error) {
	many, err := parseCounts("-conns", conns)
	if err != nil {
		return nil, err
	}
	deep, err := parseCounts("-pipeline", pipeline)
	if err != nil {
		return nil, err
	}
	var loads []load
	for _, p := range deep {
		for _, c := range many {
			loads = append(loads, load{c, p})
		}
	}
	return loads, nil
}

// parseCounts reads numbers above 0: "64,1000".
func parseCounts(name, list string) ([]int, error) {
	var counts []int
	for field := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s %s: %q is no number above 0", name, list, field)
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// choose returns the servers of a list of names, in its order; all if it is empty.
func choose(list string) ([]server, error) {
	if list == "" {
		return servers, nil
	}
	var chosen []server
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(servers, func(s server) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only %s: no server %q; there are %s", list, name, strings.Join(names(servers), ", "))
		}
		chosen = append(chosen, servers[i])
	}
	return chosen, nil
}

func names(list []server) []string {
	var names []string
	for _, s := range list {
		names = append(names, cmp.Or(s.row, s.name))
	}
	return names
}
