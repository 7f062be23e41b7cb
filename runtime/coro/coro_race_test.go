//go:build race

package coro

func init() { raceEnabled = true }
