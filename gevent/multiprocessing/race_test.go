//go:build race

package multiprocessing_test

const raceEnabled = true
