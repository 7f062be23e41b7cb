//go:build coro_slowself

package coro

// The build tag coro_slowself makes self as poor as it can get, a number parsed out of a stack trace, so that a test run
// proves that everything above works with it.
func init() {
	useMark, perGoroutine, slowSelf = false, true, goroutineID
}
