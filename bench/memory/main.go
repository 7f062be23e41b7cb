// Memory measures what a parked task costs beside a parked goroutine: many of
// one kind are made in a fresh process each, which then looks at itself.
//
//	go run ./memory -n 100000,1000000 -runs 3
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

func run() error {
	counts := flag.String("n", "100000,1000000", "how many to park")
	runs := flag.Int("runs", 3, "runs of each kind, in turn")
	asJSON := flag.Bool("json", false, "print every run as JSON")
	only := flag.String("kind", "", "park this kind in this process and report on it as JSON: what the fresh processes do")
	flag.Parse()
	if *only != "" {
		return look(*only, *counts)
	}
	if *runs < 1 {
		return fmt.Errorf("-runs %d: at least 1", *runs)
	}
	for field := range strings.SplitSeq(*counts, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("-n %s: %q is no number of tasks", *counts, field)
		}
		t, err := measure(n, *runs)
		if err != nil {
			return err
		}
		if *asJSON {
			err = json.NewEncoder(os.Stdout).Encode(t)
		} else {
			err = t.print(os.Stdout)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// measure runs each kind in turn, each time in a process of its own.
func measure(n, runs int) (*table, error) {
	t := newTable(n)
	for range runs {
		for i, k := range kinds {
			m, err := inFreshProcess(k.name, n)
			if err != nil {
				return nil, fmt.Errorf("%d of kind %s: %w", n, k.name, err)
			}
			t.Rows[i].Runs = append(t.Rows[i].Runs, m)
		}
	}
	return t, nil
}

func inFreshProcess(kind string, n int) (cost, error) {
	exe, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	cmd := exec.Command(exe, "-kind", kind, "-n", strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return cost{}, err
	}
	var c cost
	return c, json.Unmarshal(out, &c)
}

// look parks n of a kind and prints what they cost. The process ends there: to
// unpark them all would only take time.
func look(kind, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if k.name != kind {
			continue
		}
		before, err := takeFootprint()
		if err != nil {
			return err
		}
		k.park(n, func() {
			after, err := takeFootprint()
			if err == nil {
				err = json.NewEncoder(os.Stdout).Encode(after.since(before, n))
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "memory:", err)
				os.Exit(1)
			}
			os.Exit(0)
		})
		return errors.New("ended before it was measured")
	}
	return fmt.Errorf("no kind %q", kind)
}
