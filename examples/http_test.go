//go:build unix

package examples

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// webSite starts the example with a directory that has a page in it, and a link that leads out of it.
func webSite(t *testing.T, args ...string) *server {
	dir := t.TempDir()
	public := filepath.Join(dir, "public")
	require.NoError(t, os.MkdirAll(filepath.Join(public, "sub"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(public, "sub", "page.html"), []byte("<!doctype html>page"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(public, "large"), []byte(strings.Repeat("0123456789", 300_000)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	require.NoError(t, os.Symlink("../secret", filepath.Join(public, "out")))
	return start(t, build(t, "http"), append([]string{"-addr", "127.0.0.1:0", "-dir", public}, args...)...)
}

func TestHTTPWithCurl(t *testing.T) {
	curl := needs(t, "curl")
	s := webSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ask := func(path string, args ...string) string {
		t.Helper()
		args = append([]string{"-sS", "--path-as-is", "-w", "%{http_code} %{content_type}"}, args...)
		out, err := exec.CommandContext(ctx, curl, append(args, "http://"+s.addr+path)...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	const plain, json, html = " text/plain; charset=utf-8", " application/json", " text/html; charset=utf-8"
	require.Contains(t, ask("/"), "\n200"+plain)
	require.Equal(t, "hello, <b>you\n200"+plain, ask("/hello/%3Cb%3Eyou"))
	require.Equal(t, "404 page not found\n404"+plain, ask("/nowhere"))
	require.Equal(t, "Method Not Allowed\n405"+plain, ask("/hello/you", "-d", "x"))

	require.Equal(t, "[]\n200"+json, ask("/notes"))
	require.Equal(t, "{\"id\":1,\"text\":\"buy buns\"}\n201"+json, ask("/notes", "-d", `{"text": "buy buns"}`))
	require.Equal(t, "{\"id\":2,\"text\":\"包子\"}\n201"+json, ask("/notes", "-d", `{"id": 7, "text": "包子"}`))
	for _, bad := range []string{"", "{", `{"text": 1}`, `{}`, `{"text": "a"} more`} {
		require.Contains(t, ask("/notes", "-d", bad), "\n400"+plain, bad)
	}
	large := filepath.Join(t.TempDir(), "large.json")
	require.NoError(t, os.WriteFile(large, []byte(`{"text": "`+strings.Repeat("x", 64<<10)+`"}`), 0o600))
	require.Contains(t, ask("/notes", "-d", "@"+large), "413")
	require.Contains(t, ask("/notes", "-d", "@"+large, "-H", "Transfer-Encoding: chunked"), "413")
	require.Equal(t, "[{\"id\":1,\"text\":\"buy buns\"},{\"id\":2,\"text\":\"包子\"}]\n200"+json, ask("/notes"))

	require.Equal(t, "<!doctype html>page200"+html, ask("/files/sub/page.html"))
	require.Equal(t, "page206"+html, ask("/files/sub/page.html", "-r", "-4"))
	require.Equal(t, strings.Repeat("0123456789", 300_000)+"200"+plain, ask("/files/large"))
	for _, path := range []string{"none", "sub", "", "out", "..%2fsecret", "sub/..%2f..%2fsecret", "%2fetc%2fpasswd", "a%00b"} {
		require.Equal(t, "404 page not found\n404"+plain, ask("/files/"+path), path)
	}
	require.Equal(t, "line 1 of 3\nline 2 of 3\nline 3 of 3\n200"+plain, ask("/stream?n=3"))
	for _, n := range []string{"", "0", "-1", "1001", "x"} {
		require.Equal(t, "n is a number from 1 to 1000\n400"+plain, ask("/stream?n="+n))
	}
	rest, err := s.stop(os.Interrupt)
	require.NoError(t, err, s.errs.String())
	require.Empty(t, rest+s.errs.String())
}

// webStream asks for a stream and returns it when its first line has come.
func webStream(t *testing.T, s *server, n string) (*http.Response, *bufio.Reader) {
	resp, err := http.Get("http://" + s.addr + "/stream?n=" + n)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	r := bufio.NewReader(resp.Body)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "line 1 of "+n+"\n", line)
	return resp, r
}

// After a signal an answer that has begun is finished.
func TestHTTPFinishesWhatIsInFlight(t *testing.T) {
	s := webSite(t, "-grace", "50s")
	_, r := webStream(t, s, "5")
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	more, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "line 2 of 5\nline 3 of 5\nline 4 of 5\nline 5 of 5\n", string(more))
	out, err := io.ReadAll(s.out)
	require.NoError(t, err)
	require.NoError(t, s.cmd.Wait(), s.errs.String())
	require.Empty(t, string(out))
}

// What takes longer than the grace is cut off, and the client sees that it is not whole.
func TestHTTPGraceIsBounded(t *testing.T) {
	s := webSite(t, "-grace", "10ms")
	_, r := webStream(t, s, "1000")
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Equal(t, "some connections were cut off\n", rest)
	_, err = io.ReadAll(r)
	require.Error(t, err)
}

func TestHTTPBadDirectory(t *testing.T) {
	_, errs, code := runToEnd(t, build(t, "http"), "-dir", filepath.Join(t.TempDir(), "none"))
	require.Equal(t, 1, code)
	require.Contains(t, errs, "http: ")
}
