// Compare runs benchmarks in turn and prints medians and ratios.
//
//	go run ./compare -runs 7 -base Gosched/procs=1 ./switch
//	go run ./compare -runs 7 -base GoroutineOneByOne/procs=1 ./spawn
//	go run ./compare -runs 7 -base /go/procs=1 ./primitives
//
// "go test -count 7" measures the first benchmark seven times, then the second:
// a machine that slows down in between falsifies the comparison. Here each run
// is all of them, and ratios are within a run. A base with a slash in front is for
// each benchmark its own sub-benchmark of that name. With -raw also the benchmarks that
// need the build tag rawcoro and its linker flag.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"greenloop/bench/internal/meter"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run() error {
	var s suite
	runs := flag.Int("runs", 7, "runs of all benchmarks")
	base := flag.String("base", "", "the benchmark to compare with, without \"Benchmark\"; or /NAME, of each benchmark the sub-benchmark of that name (default the first)")
	metric := flag.String("metric", meter.Unit, "what to compare: "+meter.Unit+", ns/op, B/op or allocs/op")
	flag.StringVar(&s.bench, "bench", ".", "run only the benchmarks that match")
	flag.DurationVar(&s.benchtime, "benchtime", 300*time.Millisecond, "time for each benchmark in each run")
	raw := flag.Bool("raw", false, "with raw runtime.coroswitch")
	flags := flag.String("build", "", "further `flags` of go test, separated by spaces")
	flag.Parse()
	if flag.NArg() == 0 || *runs < 1 {
		return errors.New("usage: compare [-runs N] [-base NAME] PACKAGE...; at least one run")
	}
	if err := s.build(flag.Args(), *raw, strings.Fields(*flags)); err != nil {
		return err
	}
	r := newResults()
	for i := range *runs {
		out, err := s.run()
		if err != nil {
			return errors.Join(err, s.clean())
		}
		if err := r.add(i, out, *metric); err != nil {
			return errors.Join(err, s.clean())
		}
	}
	return errors.Join(r.print(os.Stdout, *base, *metric), s.clean())
}

// suite is the test programs and how to run them.
type suite struct {
	dir       string // with the test programs
	programs  []string
	bench     string
	benchtime time.Duration
}

// build compiles the packages' test programs into a directory of their own.
func (s *suite) build(packages []string, raw bool, flags []string) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	s.dir = dir
	args := []string{"test", "-c", "-o", dir + string(filepath.Separator)}
	if raw {
		args = append(args, "-tags", "rawcoro", "-ldflags=-checklinkname=0")
	}
	args = append(args, flags...)
	cmd := exec.Command("go", append(args, packages...)...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("build the benchmarks: %w", err), s.clean())
	}
	s.programs, err = filepath.Glob(filepath.Join(dir, "*.test"))
	return err
}

// run runs all benchmarks once and returns what they print.
func (s *suite) run() ([]byte, error) {
	var all []byte
	for _, program := range s.programs {
		cmd := exec.Command(program, "-test.run", "^$", "-test.bench", s.bench, "-test.benchtime", s.benchtime.String())
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
		}
		all = append(all, out...)
	}
	return all, nil
}

func (s *suite) clean() error { return os.RemoveAll(s.dir) }
