//go:build rawcoro

package switching

import (
	"testing"

	"greenloop/bench/switch/rawcoro"
)

func BenchmarkRawCoroswitch(b *testing.B) {
	benchmarkRings(b, func(size int) ring { return rawcoro.NewRing(size) })
}
