//go:build 386 || amd64 || arm || arm64 || loong64 || mips || mipsle || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x

package coro

import "unsafe"

// The three functions below are the whole of the assembly, the same on every GOARCH. They rest on two facts of the
// runtime: where an architecture keeps the current g (the file asm_GOARCH.s of the package runtime), and the order of
// the first fields of the struct g (runtime2.go): stack.lo, stack.hi, stackguard0, stackguard1, _panic, _defer, m.
// checkLayout tests both before anything relies on them.

// markIsG says that mark returns the goroutine's g, not the thread's m.
const markIsG = false

// mark returns the m, the runtime's struct for the OS thread, that runs the caller.
func mark() unsafe.Pointer { return getm() }

// getm returns g.m.
//
//go:noescape
func getm() unsafe.Pointer

// getg returns g, the runtime's struct for the running goroutine.
//
//go:noescape
func getg() unsafe.Pointer

// peek returns the word at addr. It is written in assembly because addr is not known to be a pointer before the
// self-check has passed, and Go code may not hold what is not one in an unsafe.Pointer.
//
//go:noescape
func peek(addr uintptr) uintptr
