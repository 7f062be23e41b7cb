//go:build unix

package examples

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// With no argument it crawls its own site, of which each page is found once.
func TestCrawlerByItself(t *testing.T) {
	binary := build(t, "crawler")
	for _, workers := range []string{"1", "8"} {
		out, errs, code := runToEnd(t, binary, "-workers", workers)
		require.Zero(t, code, errs)
		require.Regexp(t, fmt.Sprintf(`\n62 pages, 1 broken, up to %s at a time, in \S+\n$`, workers), out)
		for n := 2; n <= 60; n++ {
			require.Len(t, regexp.MustCompile(fmt.Sprintf(`(?m)^   200 .*/page/%d$`, n)).FindAllString(out, -1), 1)
		}
		require.Regexp(t, `(?m)^   301 .*  http://127\.0\.0\.1:\d+/old$`, out)
		require.Regexp(t, `(?m)^   404 .*  http://127\.0\.0\.1:\d+/missing\?a=1&b=2$`, out)
		require.NotContains(t, out, "elsewhere")
	}
}

// crawled is a site of net/http.
func crawled(t *testing.T, page func(w http.ResponseWriter, r *http.Request)) string {
	s := httptest.NewServer(http.HandlerFunc(page))
	t.Cleanup(s.Close)
	return s.URL
}

// A page that never comes, one that breaks off and one without an end cost that page and nothing else.
func TestCrawlerOfABadSite(t *testing.T) {
	url := crawled(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/silent":
			<-r.Context().Done()
		case "/broken":
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "half of")
		case "/endless":
			for r.Context().Err() == nil {
				_, _ = w.Write(make([]byte, 1<<16))
			}
		case "/text":
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, `<a href="/not-a-link">`)
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<A class=x HREF='silent'><a href="/broken"><a href="endless"><a href="/text"><a href="//[::1">
				<a href="/#here"><a href="javascript:alert(1)"><a name="none"> <a href="http://elsewhere.invalid/">`)
		}
	})
	out, errs, code := runToEnd(t, build(t, "crawler"), "-timeout", "2s", url)
	require.Zero(t, code, errs)
	require.Regexp(t, `(?m)^failed +http://[^/]+/silent: .*timed out.*$`, out)
	require.Regexp(t, `(?m)^failed +http://[^/]+/broken: .*EOF`, out)
	require.Regexp(t, `(?m)^   200 1048576      0  http://[^/]+/endless$`, out)
	require.Regexp(t, `(?m)^   200      22      0  http://[^/]+/text$`, out)
	require.Regexp(t, `\n5 pages, 2 broken, up to 4 at a time, `, out)
}

func TestCrawlerVisitsNoMoreThanItMay(t *testing.T) {
	url := crawled(t, func(w http.ResponseWriter, r *http.Request) { // each page leads to another one
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="%sx"></a>`, r.URL.Path)
	})
	out, errs, code := runToEnd(t, build(t, "crawler"), "-max", "20", url)
	require.Zero(t, code, errs)
	require.Contains(t, out, "\n20 pages, 0 broken, ")
}

// A signal ends it in the middle; what it has found is printed.
func TestCrawlerInterrupted(t *testing.T) {
	asked := make(chan struct{})
	url := crawled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(asked)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<a href="/slow"></a>`)
	})
	cmd := exec.CommandContext(t.Context(), build(t, "crawler"), url)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, 1, exit.ExitCode())
	require.Contains(t, errs.String(), "crawler: ")
	require.Contains(t, out.String(), "\n1 pages, 0 broken, ")
}

func TestCrawlerBadArguments(t *testing.T) {
	binary := build(t, "crawler")
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"127.0.0.1:80"}, "crawler: ", 1},
		{[]string{"ftp://127.0.0.1/"}, "is not the URL of a site", 1},
		{[]string{"-workers", "0"}, "usage: crawler ", 2},
		{[]string{"-max", "0"}, "usage: crawler ", 2},
		{[]string{"a", "b"}, "usage: crawler ", 2},
	} {
		out, errs, code := runToEnd(t, binary, c.args...)
		require.Equal(t, c.code, code, c.args)
		require.Contains(t, errs, c.want)
		require.Empty(t, out)
	}
}
