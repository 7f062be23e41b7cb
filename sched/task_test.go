package sched

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Go allocates in size classes: 176, 192, 208, 224 … One word more, and each of a million parked tasks costs 16 bytes.
func TestATaskIsSmall(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("on 64 bits")
	}
	size := unsafe.Sizeof(Task{})
	t.Log(size, "bytes")
	require.LessOrEqual(t, size, uintptr(192))
}
