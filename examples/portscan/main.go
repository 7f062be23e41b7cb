// Portscan finds the open TCP ports of a host: a pool of greenlets dials many at a time, on one thread.
//
//	go run ./examples/portscan                          # opens a few ports of its own and finds them
//	go run ./examples/portscan localhost 1-1024,8080
//	go run ./examples/portscan -workers 200 -timeout 300ms 192.0.2.1 1-65535
//
// Scan only what is yours, or where you were asked to.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"greenloop/gevent"
)

func main() {
	workers := flag.Int("workers", 100, "dial this many ports at a time; each takes a file descriptor")
	timeout := flag.Duration("timeout", time.Second, "wait for this long for each port to answer")
	flag.Parse()
	if flag.NArg() > 2 || *workers < 1 || *timeout <= 0 {
		fmt.Fprintln(os.Stderr, "usage: portscan [-workers N] [-timeout DURATION] [host [ports]]; N and DURATION above 0")
		os.Exit(2)
	}
	s := &scan{workers: *workers, timeout: *timeout}
	err := gevent.Run(func() error {
		return gevent.WithSignals(func() error { return run(s, flag.Arg(0), flag.Arg(1)) })
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "portscan:", err)
		os.Exit(1)
	}
}

func run(s *scan, host, spec string) error {
	if host == "" {
		return scanOwn(s)
	}
	if spec == "" {
		spec = "1-1024"
	}
	ports, err := parsePorts(spec)
	if err != nil {
		return err
	}
	// The name is looked up once, and not for each port.
	addrs, err := gevent.GetHub().Resolver().LookupHost(gevent.Context(), host)
	if err != nil {
		return err
	}
	return s.print(addrs[0], ports)
}

// print scans the ports, prints a table of those that are open, and says what the others did.
func (s *scan) print(host string, ports []int) error {
	began := time.Now()
	results, err := s.run(host, ports)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("PORT   STATE  ANSWERED IN\n")
	counts := map[state]int{}
	for _, r := range results {
		counts[r.state]++
		if r.state == open {
			fmt.Printf("%-6d %-6s %v\n", r.port, r.state, r.took.Round(time.Microsecond))
		}
	}
	fmt.Printf("%s: %d ports, %d open, %d closed, %d silent, %d failed, in %v\n", host, len(ports),
		counts[open], counts[closed], counts[silent], counts[failed], took.Round(time.Millisecond))
	if s.failure != nil {
		return fmt.Errorf("some ports could not be tried: %w", s.failure)
	}
	return nil
}
