//go:build coro_slowself

package coro

func init() { slowForced = true }
