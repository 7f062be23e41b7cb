// The current g is in thread-local storage, one word at an offset that the assembler and the linker know as TLS. The
// form in two instructions is the one of get_tls and g in runtime/go_tls.h, right on every GOOS; where one
// instruction is enough, the assembler makes one of it. g.m is the seventh word of g: struct g in runtime/runtime2.go.

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-4
	MOVL	TLS, CX
	MOVL	0(CX)(TLS*1), AX
	MOVL	AX, ret+0(FP)
	RET

// func getm() unsafe.Pointer
TEXT ·getm(SB), NOSPLIT, $0-4
	MOVL	TLS, CX
	MOVL	0(CX)(TLS*1), AX
	MOVL	24(AX), AX
	MOVL	AX, ret+0(FP)
	RET

// func peek(addr uintptr) uintptr
TEXT ·peek(SB), NOSPLIT, $0-8
	MOVL	addr+0(FP), AX
	MOVL	(AX), AX
	MOVL	AX, ret+4(FP)
	RET
