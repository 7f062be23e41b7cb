//go:build unix

package main

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// The program ends on a signal: its peers are told.
func TestSignal(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "websocket")
	require.NoError(t, exec.Command("go", "build", "-o", binary, ".").Run())
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0")
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	out := bufio.NewReader(pipe)
	line, err := out.ReadString('\n')
	require.NoError(t, err)
	c, err := dialOutside(strings.TrimSpace(strings.TrimPrefix(line, "listening on ")))
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.WriteMessage(websocket.TextMessage, []byte("hello")))
	_, back, err := c.ReadMessage()
	require.NoError(t, err)
	require.Equal(t, "hello", string(back))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _, err = c.ReadMessage()
	require.True(t, websocket.IsCloseError(err, websocket.CloseGoingAway), "%v", err)
	rest, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	require.Equal(t, "served 1 connections, 1 messages\n", string(rest))
}
