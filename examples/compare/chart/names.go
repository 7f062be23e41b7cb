package chart

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"greenloop/examples/compare/report"
)

// A runtime is what a reader sees of a runtime's name: the same one everywhere.
type runtime struct{ label, family string }

var runtimes = map[string]runtime{
	"coroutines":   {"coroutines", "green"},
	"goroutines-1": {"goroutines, 1 core", "go"},
	"goroutines":   {"goroutines, all cores", "go"},
	"threads":      {"OS threads", "go"},
	"gevent":       {"Python gevent", "python"},
	"threading":    {"Python threads", "python"},
}

// label returns the name itself for a runtime that is not known here.
func label(name string) string { return cmp.Or(runtimes[name].label, name) }

// family says which colour a runtime has: a class of the style sheet.
func family(name string) string { return cmp.Or(runtimes[name].family, "go") }

// runs says of what a figure is the median.
func runs(r *report.Report) string {
	words := fmt.Sprintf("%d runs", r.Runs)
	if r.Runs == 1 {
		words = "one run"
	}
	if r.Quick {
		words += " at small sizes"
	}
	return words
}

// machine is the line that says where the figures come from.
func machine(m report.Machine) string {
	words := []string{m.Model, fmt.Sprintf("%d CPUs", m.CPUs), m.OS + "/" + m.Arch, m.Go, m.Python, m.Date}
	if m.Python != "" {
		words[4] = "Python " + m.Python
	}
	if began, err := time.Parse(time.RFC3339, m.Date); err == nil {
		words[5] = began.UTC().Format("2006-01-02 15:04 UTC")
	}
	if m.CPUs == 1 {
		words[1] = "1 CPU"
	}
	known := words[:0]
	for _, w := range words {
		if w != "" && w != "/" {
			known = append(known, w)
		}
	}
	return strings.Join(known, " · ")
}
