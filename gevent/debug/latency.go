package debug

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"greenloop/sched"
)

// Latency is how long what was ready had to wait for the CPU, and how long it was kept.
type latency struct {
	Hub     int           `json:"hub"`
	Tracked time.Duration `json:"tracked_ns"`
	Delays  histogram     `json:"ready_to_running"`
	Runs    histogram     `json:"runs"`
}

type histogram struct {
	totals
	Buckets []bucket `json:"buckets"` // without those above the longest
	Longest []moment `json:"longest"` // the longest first
}

// A bucket counts what is shorter than Below, and not shorter than that of the bucket before; 0: the last, without an end.
type bucket struct {
	Below time.Duration `json:"below_ns"`
	Count uint64        `json:"count"`
}

// latency returns that up to now. Hub thread only.
func (v *view) latency() latency {
	t := v.track()
	return latency{v.number, t.now - t.began, t.delays.histogram(t.now), t.runs.histogram(t.now)}
}

func (s *spread) histogram(now time.Duration) histogram {
	h := histogram{totals: s.totals(), Buckets: []bucket{}, Longest: make([]moment, len(s.longest))}
	for i, m := range s.longest {
		m.Ago = now - m.Ago
		h.Longest[i] = m
	}
	last := buckets - 1
	for last >= 0 && s.counts[last] == 0 {
		last--
	}
	for i, n := range s.counts[:last+1] {
		b := bucket{bound(i), n}
		if i == buckets-1 {
			b.Below = 0
		}
		h.Buckets = append(h.Buckets, b)
	}
	return h
}

func latencyPage(q *request) (*answer, error) {
	format, err := q.choice("format", "text", "json")
	if err != nil {
		return nil, err
	}
	l, err := ask(q.Context(), q.view, q.handler.patience, q.view.latency)
	return formatted(format, func() texter { return &l }), err
}

func (l *latency) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "hub %d, the last %s\n\n", l.Hub, short(l.Tracked))
	fmt.Fprintln(&b, "From ready to running: how long a greenlet that could go on had to wait for the CPU")
	l.Delays.text(&b)
	fmt.Fprintln(&b, "\nRuns: how long a greenlet kept the CPU until it waited, yielded or ended; all others waited meanwhile")
	l.Runs.text(&b)
	return b.Bytes()
}

const barWidth = 50

func (h histogram) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "%d times, %s on average, %s at the longest\n", h.Count, short(h.Mean()), short(h.Max))
	for _, k := range h.Buckets {
		fmt.Fprintf(b, "%10s %10d %s\n", k.Label(), k.Count, strings.Repeat("#", int(h.Share(k)*barWidth/100+0.99)))
	}
	for i, m := range h.Longest {
		if i == 0 {
			fmt.Fprintln(b, "longest:")
		}
		fmt.Fprintf(b, "%10s %s\n", short(m.For), m)
	}
}

// Mean is the average. Exported for the template, as what follows is.
func (h histogram) Mean() time.Duration {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / time.Duration(h.Count)
}

// Label is the end of the bucket, as text.
func (k bucket) Label() string {
	if k.Below == 0 {
		return "more"
	}
	return "< " + short(k.Below)
}

// Share is the length of a bucket's bar, 100 for the largest bucket.
func (h histogram) Share(k bucket) float64 {
	largest := uint64(1)
	for _, o := range h.Buckets {
		largest = max(largest, o.Count)
	}
	return 100 * float64(k.Count) / float64(largest)
}

// String says whose moment it was, where and when.
func (m moment) String() string {
	text := holder{ID: m.Task, Name: m.Name}.String()
	switch {
	case m.Line != "":
		text += fmt.Sprintf(", up to %s (%s)", m.Line, m.Function)
	case m.WaitedFor != "":
		text += ", after " + sched.Printable(m.WaitedFor)
	case m.Site != "":
		text += ", " + m.Site
	}
	return text + ", " + short(m.Ago) + " ago"
}
