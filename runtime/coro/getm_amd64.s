// The current g is in thread-local storage, one word at an offset that the assembler and the linker know as TLS. The
// form in two instructions is the one of get_tls and g in runtime/go_tls.h, right on every GOOS; where one
// instruction is enough, the assembler makes one of it. (Go code on amd64 has g in R14, too, but ABI0 does not promise it.)
// g.m is the seventh word of g: struct g in runtime/runtime2.go.

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), AX
	MOVQ	AX, ret+0(FP)
	RET

// func getm() unsafe.Pointer
TEXT ·getm(SB), NOSPLIT, $0-8
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), AX
	MOVQ	48(AX), AX
	MOVQ	AX, ret+0(FP)
	RET

// func peek(addr uintptr) uintptr
TEXT ·peek(SB), NOSPLIT, $0-16
	MOVQ	addr+0(FP), AX
	MOVQ	(AX), AX
	MOVQ	AX, ret+8(FP)
	RET
