// Package primitives measures what greenlets use between them, each beside what
// goroutines use for the same work, in the same run: queues, channels, locks,
// timers, spawns and joins, events, pools.
//
// The ways to do one work are sub-benchmarks of one benchmark: greenloop, or
// greenloop=… where it has several, and go, or go=…, with one P and with the
// default number. With one P goroutines do what greenlets do: one runs at a time.
// With several they may also run side by side, which costs them cache misses and
// wake-ups of threads, and brings them the other cores.
//
// Each benchmark counts what it has done, and fails if that is not what it was
// to do.
package primitives
