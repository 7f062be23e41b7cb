package control

import "time"

// Report is what a server says of itself, as one line of JSON.
type Report struct {
	UserMicros   int64 `json:"user_us"`
	SystemMicros int64 `json:"system_us"`
	Messages     int64 `json:"messages"`
	RSS          int64 `json:"rss_bytes"`
	Goroutines   int   `json:"goroutines"`
}

// CPUMicros is the CPU time used, user and system together.
func (r Report) CPUMicros() int64 { return r.UserMicros + r.SystemMicros }

// CPU is the same as a duration.
func (r Report) CPU() time.Duration { return time.Duration(r.CPUMicros()) * time.Microsecond }

// MicrosPerMessage is the CPU time for each message served between an earlier report and this one.
func (r Report) MicrosPerMessage(earlier Report) float64 {
	return float64(r.CPUMicros()-earlier.CPUMicros()) / float64(r.Messages-earlier.Messages)
}
