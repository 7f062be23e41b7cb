package debug

import (
	"cmp"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"time"

	"greenloop/sched"
)

// A spread is a distribution of durations, and the longest of them.
type spread struct {
	counts  [buckets]uint64
	count   uint64
	sum     time.Duration
	longest []moment // the longest first
}

// Buckets grow by two: bucket 0 is below 1.024 µs, bucket 1 below 2.048 µs; the last but one ends at 34 s, the last one
// nowhere.
const (
	buckets = 27
	finest  = 10 // bits
)

// kept is how many of the longest are kept.
const kept = 10

// A moment is one of the longest durations: whose, when, and where.
type moment struct {
	For       time.Duration `json:"for_ns"`
	Ago       time.Duration `json:"ago_ns"` // since it was over; until it is shown, when that was
	Task      uint64        `json:"task"`
	Name      string        `json:"name"`
	Function  string        `json:"function,omitempty"` // that gave up the CPU
	Line      string        `json:"line,omitempty"`     // there, "file:line"
	Site      string        `json:"site,omitempty"`
	WaitedFor string        `json:"waited_for,omitempty"`
}

func momentOf(t *sched.Task, d, now time.Duration) moment {
	return moment{For: d, Ago: now, Task: t.ID(), Name: t.Name(), Site: t.Site().String()}
}

// add counts d, and reports whether it is one of the longest, to be given to keep.
func (s *spread) add(d time.Duration) bool {
	s.counts[min(bits.Len64(uint64(max(d, 0))>>finest), buckets-1)]++
	s.count++
	s.sum += d
	return len(s.longest) < kept || d > s.longest[kept-1].For
}

func (s *spread) keep(m moment) {
	i, _ := slices.BinarySearchFunc(s.longest, m, func(a, b moment) int { return cmp.Compare(b.For, a.For) })
	s.longest = slices.Insert(s.longest, i, m)
	s.longest = s.longest[:min(len(s.longest), kept)]
}

// bound returns where bucket i ends; the last one has no end.
func bound(i int) time.Duration { return 1 << (finest + i) }

// callerLine returns the innermost call on the stack that is the user's own.
func callerLine() (function, line string) {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.File != "" && sched.Users(f.Function, f.File) {
			return f.Function, fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "", ""
		}
	}
}

// textOf describes what was waited for; Sprint survives a String that panics.
func textOf(why sched.Reason) string {
	if why == nil {
		return ""
	}
	return fmt.Sprint(why)
}
