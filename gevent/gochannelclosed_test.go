//go:build !race

package gevent

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A channel that is closed while somebody sends is a mistake, which the race detector reports by itself. Without it the
// sender panics, as a goroutine would.
func TestChannelClosedUnderSender(t *testing.T) {
	run(t, func() error {
		ch := make(chan int)
		text := ""
		g := Spawn(func() error {
			defer func() { text = fmt.Sprint(recover()) }()
			return Send(ch, 1)
		})
		parked(t, g)
		close(ch)
		require.NoError(t, g.Get())
		require.Equal(t, "send on closed channel", text)
		return nil
	})
}
