// Package loadresult is what the load generator tells the driver.
package loadresult

import (
	"fmt"
	"time"
)

// The lines that the generator prints before its result.
const (
	Connected = "connected" // with the number of connections: each has been answered once
	Measuring = "measuring" // the warm-up is over
)

// Result is what one run of the generator found.
type Result struct {
	Messages  int64         `json:"messages"`
	Elapsed   time.Duration `json:"elapsed_ns"`
	PerSecond float64       `json:"messages_per_second"`
	Latency   Latency       `json:"latency_ns"`
	// ClientCPU is the part of one CPU that the generator used. Near 1 it is the
	// generator that was measured, not the server's throughput.
	ClientCPU float64 `json:"client_cpu"`
	// ServerCPU is what the server used meanwhile, ServerUser about how much of it in user mode; 0 if nobody asked for it.
	ServerCPU  time.Duration `json:"server_cpu_ns,omitempty"`
	ServerUser time.Duration `json:"server_user_ns,omitempty"`
}

// Latency is the time from sending a batch to having all of it back.
type Latency struct {
	P50  time.Duration `json:"p50"`
	P90  time.Duration `json:"p90"`
	P99  time.Duration `json:"p99"`
	P999 time.Duration `json:"p999"`
	Max  time.Duration `json:"max"`
}

// String is the result in one line.
func (r Result) String() string {
	return fmt.Sprintf("%d messages in %v, %.0f/s; latency p50 %v, p90 %v, p99 %v, p99.9 %v, max %v; client CPU %.0f%%",
		r.Messages, r.Elapsed.Round(time.Millisecond), r.PerSecond,
		r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.P999, r.Latency.Max, 100*r.ClientCPU)
}
