//go:build !race

package greenlet

const raceDetector = 0
