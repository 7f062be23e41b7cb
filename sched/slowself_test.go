//go:build coro_slowself

package sched

func init() { goroutineIdentity = true }
