// Echo measures echo servers in turn: A B A B …, each time a fresh process on
// one core with the load generator on the other.
//
//	go run ./echo -runs 7 -conns 64,1000 -duration 3s    CPU time per message
//	go run ./echo -mode idle                             CPU time of silent connections
//	go run ./echo -mode rss                              memory of a silent connection
//
// The first of -servers is the base: the others are compared with it run by run.
// Give one twice (-servers gonet,gonet) to see how far apart the machine sets
// two equal things.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run() error {
	var d driver
	servers := flag.String("servers", "gonet,greenloop", "the servers, the base first")
	mode := flag.String("mode", "cpu", "what to measure: cpu, idle or rss")
	conns := flag.String("conns", "", "numbers of connections (default 64,1000; idle 1000; rss 10000)")
	flag.IntVar(&d.runs, "runs", 7, "runs of each server")
	flag.DurationVar(&d.duration, "duration", 3*time.Second, "length of a run in mode cpu")
	flag.IntVar(&d.size, "size", 64, "bytes in a message")
	flag.IntVar(&d.pipeline, "pipeline", 1, "messages sent before their echoes are waited for")
	flag.IntVar(&d.serverCPU, "servercpu", 0, "CPU of the servers")
	flag.IntVar(&d.clientCPU, "clientcpu", 1, "CPU of the load generator")
	profile := flag.String("profile", "", "in mode cpu: write a CPU profile of the last server, in a run that does not count")
	tags := flag.String("tags", "", "build tags for the servers")
	asJSON := flag.Bool("json", false, "print everything measured, as JSON")
	flag.Parse()

	p, found := probes[*mode]
	if !found {
		return fmt.Errorf("-mode %s: there are cpu, idle and rss", *mode)
	}
	if *conns == "" {
		*conns = p.conns
	}
	counts, err := parseCounts(*conns)
	if err != nil {
		return err
	}
	if d.runs < 1 {
		return fmt.Errorf("-runs %d: at least 1", d.runs)
	}
	d.servers = strings.Split(*servers, ",")
	if err := d.build(*tags); err != nil {
		return err
	}
	return errors.Join(d.run(p, counts, *asJSON, *profile), d.clean())
}

// run measures with each number of connections and prints as it goes.
func (d *driver) run(p probe, counts []int, asJSON bool, profile string) error {
	for _, conns := range counts {
		c, err := d.compare(p, conns)
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
	return d.profile(profile, counts[0])
}
