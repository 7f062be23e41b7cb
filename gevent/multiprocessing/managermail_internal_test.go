//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Who waits for room is told when another one sends what was pending.
func TestManagerMailHurry(t *testing.T) {
	inHub(t, func() {
		c, other, err := NewConnections()
		require.NoError(t, err)
		m := newManagerMail(c, 2*maxPending, func() {})
		gevent.Yield() // its greenlet waits for something to send
		m.open()
		m.pending = append(m.pending, make([]byte, maxPending+1)...)
		waiting := gevent.Spawn(m.await)
		gevent.Yield()
		m.post()
		m.hurry() // before the greenlet has had its turn
		require.NoError(t, waiting.GetTimeout(time.Minute))
		b, err := other.RecvBytes()
		require.NoError(t, err)
		require.Len(t, b, maxPending+1)
		m.end()
		c.sever()
		require.NoError(t, other.Close())
	})
}
