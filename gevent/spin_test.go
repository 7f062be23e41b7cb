package gevent_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestHubSpin(t *testing.T) {
	require.NoError(t, gevent.Run(func() error {
		tries := 0
		require.True(t, gevent.GetHub().Spin(time.Hour, func() bool { tries++; return tries == 2 }))
		gevent.Spawn(func() error { return nil })
		require.False(t, gevent.GetHub().Spin(time.Hour, func() bool { return true }), "another greenlet is ready")
		return nil
	}))
}
