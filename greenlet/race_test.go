//go:build race

package greenlet

// raceDetector is 1 where the tests run under the race detector.
const raceDetector = 1
