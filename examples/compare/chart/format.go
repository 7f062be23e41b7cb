package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

const none = "–"

// duration returns a time with three digits in the largest unit that it has one of.
func duration(ns float64) string {
	for _, unit := range []struct {
		ns   float64
		name string
	}{{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}} {
		if ns >= 0.9995*unit.ns { // which is rounded to 1
			return digits(ns/unit.ns, 3) + unit.name
		}
	}
	if ns <= 0 {
		return "0"
	}
	return digits(ns, 3) + " ns"
}

// round returns a time of the axis, such as 0.5 µs, without the noughts that say how exact a time is.
func round(ns float64) string {
	value, unit, _ := strings.Cut(duration(ns), " ")
	if strings.Contains(value, ".") {
		value = strings.TrimRight(strings.TrimRight(value, "0"), ".")
	}
	return strings.TrimSpace(value + " " + unit)
}

// ratio returns how many times as long as coroutines something takes.
func ratio(r float64) string {
	if r <= 0 {
		return none
	}
	return digits(r, 2) + "×"
}

// digits returns v, which is above 0, with n significant digits, or all of those before the point if there are more.
func digits(v float64, n int) string {
	if v >= 1000 {
		return humanize.Comma(int64(math.Round(v)))
	}
	_, exponent, _ := strings.Cut(rounded(v, n), "e")
	power, _ := strconv.Atoi(exponent)
	return strconv.FormatFloat(v, 'f', max(0, n-1-power), 64)
}

// rounded returns v with n significant digits and an exponent.
func rounded(v float64, n int) string { return strconv.FormatFloat(v, 'e', n-1, 64) }

func count(n int64) string {
	if n < 0 {
		return none
	}
	return humanize.Comma(n)
}

// memory is 0 for what needs less than an idle process did.
func memory(bytes int64) string { return humanize.IBytes(uint64(max(0, bytes))) }
