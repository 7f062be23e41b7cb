package raw

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeadLengthAgainstSearch(t *testing.T) {
	for range 100_000 {
		b := make([]byte, rand.IntN(24))
		for i := range b {
			b[i] = "\r\n\r\nx"[rand.IntN(5)]
		}
		want := bytes.Index(b, []byte("\r\n\r\n")) + 4
		if want == 3 {
			want = 0
		}
		require.Equal(t, want, headLength(b), "%q", b)
	}
}

func TestHeads(t *testing.T) {
	n, end := heads([]byte("a\r\n\r\nb: c\r\n\r\nd\r\n"))
	require.Equal(t, 2, n)
	require.Equal(t, len("a\r\n\r\nb: c\r\n\r\n"), end)
}
