package main

import (
	"math"
	"strconv"

	"greenloop/examples/compare/report"
)

// How figures are printed in the tables: three digits that count, and a unit.

// duration prints nanoseconds.
func duration(ns float64) string {
	switch {
	case ns < 999.5: // what is more is rounded to the next unit
		return digits(ns) + " ns"
	case ns < 999.5e3:
		return digits(ns/1e3) + " µs"
	case ns < 999.5e6:
		return digits(ns/1e6) + " ms"
	}
	return digits(ns/1e9) + " s"
}

func seconds(s float64) string { return duration(s * 1e9) }

func bytesOf(n int64) string {
	switch {
	case n < 1<<20:
		return digits(float64(n)/(1<<10)) + " KiB"
	case n < 1<<30:
		return digits(float64(n)/(1<<20)) + " MiB"
	}
	return digits(float64(n)/(1<<30)) + " GiB"
}

// count prints a number in groups of three, "–" if it is not known.
func count(n int64) string {
	if n < 0 {
		return "–"
	}
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// ratio prints a ratio to coroutines.
func ratio(r report.Result) string {
	if r.Skipped != "" || r.Ratio == 0 {
		return "–"
	}
	return digits(r.Ratio) + "×"
}

// digits prints three digits that count, or all of those before the point if there are more.
func digits(v float64) string {
	if v == 0 {
		return "0"
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64) // 9.999 is 10.0
	power := int(math.Floor(math.Log10(rounded)))
	return strconv.FormatFloat(v, 'f', max(2-power, 0), 64)
}
