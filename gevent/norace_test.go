//go:build !race

package gevent

const raceEnabled = false
