package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func BenchmarkDump(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		for name, dump := range map[string]func(h *Hub){
			"tree":   func(h *Hub) { h.takeTree(false).text() },
			"stacks": func(h *Hub) { h.takeTree(true) },
		} {
			b.Run(fmt.Sprintf("%s/greenlets=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				require.NoError(b, Run(func() error {
					for range n {
						Spawn(func() error { return Sleep(time.Hour) })
					}
					Yield()
					for b.Loop() {
						dump(GetHub())
					}
					return nil
				}))
			})
		}
	}
}
