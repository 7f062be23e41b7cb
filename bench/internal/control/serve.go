// Package control lets a driver question a server under measurement over the
// server's standard input and output, so that the questions cost its event loop nothing.
//
// The server prints "listening on ADDR" first. Then, each line in, one line out:
//
//	report   the Report, as JSON
//	free     gives unused memory back to the kernel first, then the Report
//	profile  writes a CPU profile up to the next "profile"; answers with the Report
//
// At the end of its input the server exits: it never outlives its driver.
package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"

	"greenloop/bench/internal/usage"
)

// Server is the server's side.
type Server struct {
	In          io.Reader
	Out         io.Writer
	Messages    func() int64 // safe from any goroutine; nil if nobody counts
	ProfilePath string       // where "profile" writes; "" if it may not

	profile profile
}

// Serve announces the address and answers until In ends.
func (s *Server) Serve(addr net.Addr) error {
	if _, err := fmt.Fprintf(s.Out, listeningOn+"%s\n", addr); err != nil {
		return fmt.Errorf("control: %w", err)
	}
	lines := bufio.NewScanner(s.In)
	for lines.Scan() {
		if err := s.answer(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (s *Server) answer(command string) error {
	switch command {
	case "report":
	case "free":
		debug.FreeOSMemory()
	case "profile":
		if err := s.profile.toggle(s.ProfilePath); err != nil {
			return err
		}
	default:
		return fmt.Errorf("control: unknown command %q; there are report, free and profile", command)
	}
	report, err := s.report()
	if err != nil {
		return err
	}
	return json.NewEncoder(s.Out).Encode(report)
}

// report reads the CPU time and the count next to each other: one is divided by the other.
func (s *Server) report() (Report, error) {
	var messages int64
	if s.Messages != nil {
		messages = s.Messages()
	}
	cpu, err := usage.Self()
	if err != nil {
		return Report{}, err
	}
	rss, err := usage.RSS()
	if err != nil {
		return Report{}, err
	}
	return Report{
		UserMicros:   cpu.User.Microseconds(),
		SystemMicros: cpu.System.Microseconds(),
		Messages:     messages,
		RSS:          rss,
		Goroutines:   runtime.NumGoroutine(),
	}, nil
}
