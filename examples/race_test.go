//go:build unix && race

package examples

// raceEnabled says that the examples are to be built as this test was.
const raceEnabled = true
