//go:build unix && !race

package examples

const raceEnabled = false
