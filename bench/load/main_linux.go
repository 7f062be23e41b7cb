package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"greenloop/bench/internal/affinity"
	"greenloop/bench/internal/loadresult"
	"greenloop/bench/internal/nofile"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run() error {
	var p plan
	flag.StringVar(&p.addr, "addr", "", "the server, HOST:PORT, or several, separated by commas (required)")
	flag.IntVar(&p.conns, "conns", 64, "connections")
	flag.BoolVar(&p.web, "http", false, "send HTTP requests, for the answer of package hello, instead of messages to be echoed")
	flag.IntVar(&p.size, "size", 64, "bytes in an echoed message, at least 8")
	flag.IntVar(&p.pipeline, "pipeline", 1, "messages sent before their answers are waited for")
	flag.DurationVar(&p.warmup, "warmup", 300*time.Millisecond, "load that is not counted, before the duration")
	flag.DurationVar(&p.duration, "duration", 5*time.Second, "how long to measure")
	flag.IntVar(&p.pid, "pid", 0, "process id of the server, to measure its CPU time as well; 0 for none")
	cpu := flag.Int("cpu", -1, "pin to this CPU; -1 for none")
	hold := flag.Bool("hold", false, "keep the connections silent until standard input ends")
	asJSON := flag.Bool("json", false, "print the result as JSON")
	flag.Parse()
	if err := p.check(); err != nil {
		return err
	}
	if err := affinity.Pin(*cpu); err != nil {
		return err
	}
	if err := nofile.Need(p.conns); err != nil {
		return err
	}
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // everything is allocated at the start

	l, err := connect(p)
	if err != nil {
		return err
	}
	defer l.close()
	fmt.Println(loadresult.Connected, p.conns)
	if *hold {
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
	res, err := l.measure(os.Stdout)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(res)
	}
	_, err = fmt.Println(res)
	return err
}
