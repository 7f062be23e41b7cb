//go:build rawcoro

// Package rawcoro switches with the Go runtime's own, unexported coroutines.
// It is for measuring only: the floor under everything built on iter.Pull.
//
// Build with -tags rawcoro -ldflags=-checklinkname=0. Without the second the
// linker refuses: "invalid reference to runtime.coroswitch".
package rawcoro

import _ "unsafe" // for go:linkname

// slot is the runtime's coro: it holds exactly one suspended goroutine.
type slot struct{}

// newSlot makes a slot with a new goroutine in it that will run body. When
// body returns, whoever sits in the slot goes on.
//
//go:linkname newSlot runtime.newcoro
func newSlot(body func(*slot)) *slot

// swap suspends the caller in the slot and goes on with who sat there.
//
//go:linkname swap runtime.coroswitch
func swap(*slot)
