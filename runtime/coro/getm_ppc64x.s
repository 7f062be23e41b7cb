//go:build ppc64 || ppc64le

// The current g is in a register of its own, R30, which the assembler calls g: runtime/asm_ppc64x.s.
// g.m is the seventh word of g: struct g in runtime/runtime2.go.

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVD	g, ret+0(FP)
	RET

// func getm() unsafe.Pointer
TEXT ·getm(SB), NOSPLIT, $0-8
	MOVD	48(g), R3
	MOVD	R3, ret+0(FP)
	RET

// func peek(addr uintptr) uintptr
TEXT ·peek(SB), NOSPLIT, $0-16
	MOVD	addr+0(FP), R3
	MOVD	(R3), R3
	MOVD	R3, ret+8(FP)
	RET
