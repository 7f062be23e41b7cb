// Package meter times benchmarks by two clocks. On a machine shared with others
// the wall clock also counts the time in which they had the CPU; the process's
// CPU clock does not, so it is the one to compare by. With several threads it
// counts what all of them burn.
package meter

import (
	"testing"
	"time"

	"greenloop/bench/internal/usage"
)

// Unit is the metric that Stop reports beside ns/op.
const Unit = "cpu-ns/op"

// Meter is a measurement under way.
type Meter struct {
	b     *testing.B
	began time.Duration
}

// Start begins to measure; all before was preparation.
func Start(b *testing.B) Meter {
	b.Helper()
	b.ReportAllocs()
	m := Meter{b: b, began: cpu(b)}
	b.ResetTimer()
	return m
}

// Stop reports what each of so many operations took. Their number is given as
// it may differ from b.N, where only whole rounds can be run.
func (m Meter) Stop(ops int) {
	m.b.Helper()
	m.b.StopTimer()
	m.b.ReportMetric(float64(m.b.Elapsed().Nanoseconds())/float64(ops), "ns/op")
	m.b.ReportMetric(float64((cpu(m.b)-m.began).Nanoseconds())/float64(ops), Unit)
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	used, err := usage.Self()
	if err != nil {
		b.Fatal(err)
	}
	return used.Total()
}
