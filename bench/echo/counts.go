package main

import (
	"fmt"
	"strconv"
	"strings"
)

// parseCounts reads numbers of connections: "64,1000".
func parseCounts(list string) ([]int, error) {
	var counts []int
	for field := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-conns %s: %q is no number of connections", list, field)
		}
		counts = append(counts, n)
	}
	return counts, nil
}
