package coro

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearby(t *testing.T) {
	th := Enter()
	require.Equal(t, useMark, th.Nearby(), "where it is cheap it is right")
	done := make(chan bool)
	go func() { done <- th.Nearby() }()
	require.False(t, <-done, "on another goroutine")
	require.NoError(t, th.Leave())
}
