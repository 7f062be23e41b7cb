package eventlog

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// An event in the ring is as large as the documentation says.
func TestSizeOfAnEntry(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 96, unsafe.Sizeof(entry{}))
	}
}
