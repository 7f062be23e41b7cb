package browser

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	spare = false // here it is the code around the browser that is tested
	goleak.VerifyTestMain(m)
}

// A fakeTB notes how the test that has it ends, instead of ending the real one.
type fakeTB struct {
	testing.TB
	failed, skipped string
}

func (f *fakeTB) Helper() {}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fakeTB) Skipf(format string, args ...any) {
	f.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// attempt runs fn as a test of its own and returns how that ended.
func attempt(t *testing.T, fn func(t testing.TB)) *fakeTB {
	f := &fakeTB{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(f)
	}()
	<-done
	return f
}

// page writes a page with that body.
func page(t testing.TB, body string) string {
	file := filepath.Join(t.TempDir(), "a page #1%.html")
	html := "<!doctype html><meta charset=utf-8><title>A page</title><body>" + body
	require.NoError(t, os.WriteFile(file, []byte(html), 0o600))
	return file
}

func TestOpenResults(t *testing.T) {
	file := page(t, `<p id=p>grün</p><img alt="" src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>">
		<script>let late = new Promise(resolve => setTimeout(() => resolve({n: 1, list: [true, null]}), 10))</script>`)
	for script, want := range map[string]string{
		"document.title + ', ' + p.textContent + ' <&>' // with a comment": `"A page, grün <&>"`,
		"late": `{"n":1,"list":[true,null]}`,
		"(await late).n + await (await fetch(URL.createObjectURL(new Blob(['b'])))).text()": `"1b"`,
		"console.log('fine'), console.warn('fine, too')":                                    `null`,
	} {
		t.Run(script, func(t *testing.T) {
			require.JSONEq(t, want, Open(t, file, script))
		})
	}
}

// All that is wrong with a page is said at once.
func TestOpenComplains(t *testing.T) {
	find(t)
	file := page(t, `
		<style>@import 'https://example.org/a.css'</style>
		<img alt='' src=missing.png>
		<img alt='' src=http://127.0.0.1:1/a.png>
		<iframe src=https://example.org/frame></iframe>
		<script>
			console.error('bad', {}, 7)
			console.assert(1 > 2, 'order')
			setTimeout(() => { throw 'late' })
			navigator.sendBeacon('http://example.org/beacon')
			new WebSocket('ws://127.0.0.1:1/socket')
			Promise.reject(new Error('nobody listens'))
			nosuch()
		</script>`)
	f := attempt(t, func(t testing.TB) {
		Open(t, file, "new Promise(resolve => setTimeout(() => resolve(void Promise.reject('at the end')), 20))")
	})
	for _, want := range []string{
		"a request for https://example.org/a.css",
		"missing.png",
		"a request for http://127.0.0.1:1/a.png",
		"a request for https://example.org/frame",
		"console.error: bad Object 7",
		"console.assert: order",
		"Uncaught late",
		"a request for http://example.org/beacon",
		"a connection to ws://127.0.0.1:1/socket",
		"Error: nobody listens",
		"nosuch is not defined",
		"at the end",
	} {
		require.Contains(t, f.failed, want)
	}
}

func TestOpenEndsTheTest(t *testing.T) {
	for name, test := range map[string]struct{ body, script, want string }{
		"script throws":    {"", "document.nosuch.more", "Cannot read properties of undefined"},
		"script rejects":   {"", "Promise.reject(new Error('no'))", "Error: no"},
		"syntax":           {"", "1 +", "SyntaxError"},
		"no JSON":          {"", "0/0", "NaN has no JSON"},
		"dialog":           {"", "alert('hello')", "opens a dialog: hello"},
		"dialog in a page": {"<script>alert('hello')</script>", "1", "opens a dialog: hello"},
	} {
		t.Run(name, func(t *testing.T) {
			find(t)
			file := page(t, test.body)
			f := attempt(t, func(t testing.TB) { Open(t, file, test.script) })
			require.Contains(t, f.failed, test.want)
		})
	}
}

func TestScreenshot(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "a.png")
	Screenshot(t, page(t, "<style>body {background: rgb(0, 128, 255)}</style>"), picture, 380, 600)
	file, err := os.Open(picture)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	require.Equal(t, 380, img.Bounds().Dx())
	require.Equal(t, 600, img.Bounds().Dy())
	r, g, b, _ := img.At(379, 599).RGBA()
	require.Equal(t, [3]uint32{0, 128, 255}, [3]uint32{r >> 8, g >> 8, b >> 8})

	other := filepath.Join(dir, "b.png")
	f := attempt(t, func(t testing.TB) { Screenshot(t, filepath.Join(dir, "missing.html"), other, 100, 100) })
	require.Contains(t, f.failed, "does not open: net::ERR_FILE_NOT_FOUND")
	require.NoFileExists(t, other)
}

func TestOpenIsBounded(t *testing.T) {
	find(t)
	limit = 2 * time.Second
	defer func() { limit = time.Minute }()
	f := attempt(t, func(t testing.TB) { Open(t, page(t, "A page"), "new Promise(() => {})") })
	require.Contains(t, f.failed, "is not done after 2s")
}

// A program that is no browser is named with what it has printed, and nothing of it stays.
func TestBrowserThatDies(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", t.TempDir())
	program := "#!/bin/sh\necho 'no display' >&2\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, names[0]), []byte(program), 0o700))
	t.Run("attempt", func(t *testing.T) {
		find(t)
		f := attempt(t, func(t testing.TB) { Open(t, "a.html", "1") })
		require.Contains(t, f.failed, "no display")
	})
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestNoBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CI", "")
	require.Contains(t, attempt(t, func(t testing.TB) { find(t) }).skipped, "is installed")
	t.Setenv("CI", "true")
	require.Contains(t, attempt(t, func(t testing.TB) { find(t) }).failed, "is installed")
}
