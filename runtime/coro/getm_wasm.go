package coro

import "unsafe"

// markIsG says that mark returns the goroutine's g, not the thread's m: WebAssembly has one thread, and so one m for
// all goroutines, that would tell nobody apart.
const markIsG = true

// mark returns the g, the runtime's struct for a goroutine, of the caller.
func mark() unsafe.Pointer { return getg() }

// getg returns g.
//
//go:noescape
func getg() unsafe.Pointer

// peek returns the word at addr.
//
//go:noescape
func peek(addr uintptr) uintptr
