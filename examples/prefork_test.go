//go:build unix

package examples

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// preforkAsk returns the answer, and the process in it.
func preforkAsk(t *testing.T, s *server, path string) (text, pid string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: limit}
	resp, err := client.Get("http://" + s.addr + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b), regexp.MustCompile(`process (\d+)`).FindString(string(b))
}

// It answers from worker processes, which a SIGHUP replaces, and ends in good order.
func TestPreforkServesReloadsAndStops(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	s := start(t, build(t, "prefork"), "-bind", "127.0.0.1:0,unix:"+socket, "-workers", "1", "-greeting", "hi")
	text, old := preforkAsk(t, s, "/")
	require.Regexp(t, `^hi from worker 0, process \d+\n$`, text)
	_, err := os.Stat(socket)
	require.NoError(t, err)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, func() bool {
		_, now := preforkAsk(t, s, "/")
		return now != old
	}, limit, time.Millisecond, "a new worker takes over")
	text, _ = preforkAsk(t, s, "/slow?s=0")
	require.Contains(t, text, "had a rest")
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.True(t, strings.HasPrefix(rest, "master is process "), rest)
	require.NoFileExists(t, socket)
	require.Contains(t, s.errs.String(), "worker exited")
	require.NotContains(t, s.errs.String(), "died")
}
