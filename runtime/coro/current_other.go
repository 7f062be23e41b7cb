//go:build !linux

package coro

// threadID is nil: package syscall knows no call for it that all these systems share.
var threadID func() uintptr
