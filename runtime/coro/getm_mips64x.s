//go:build mips64 || mips64le

// The current g is in a register of its own, R30, which the assembler calls g: runtime/asm_mips64x.s.
// g.m is the seventh word of g: struct g in runtime/runtime2.go.

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVV	g, ret+0(FP)
	RET

// func getm() unsafe.Pointer
TEXT ·getm(SB), NOSPLIT, $0-8
	MOVV	48(g), R1
	MOVV	R1, ret+0(FP)
	RET

// func peek(addr uintptr) uintptr
TEXT ·peek(SB), NOSPLIT, $0-16
	MOVV	addr+0(FP), R1
	MOVV	(R1), R1
	MOVV	R1, ret+8(FP)
	RET
