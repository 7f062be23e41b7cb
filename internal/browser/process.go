package browser

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

var names = []string{"chromium", "chromium-browser", "google-chrome"}

// spare is set where a browser would only cost time: the race detector sees nothing of what happens in it, and the same tests
// run without the detector, too.
var spare = raceEnabled

// find returns the path of a browser; without one it skips the test, or fails it under CI.
func find(t testing.TB) string {
	t.Helper()
	if spare {
		t.Skipf("browser: the race detector has nothing to see in a page; run this test without it")
	}
	if !groups {
		t.Skip("browser: this system cannot hand pipes to a browser nor end all its processes")
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("browser: none of %v is installed", names)
	}
	t.Skipf("browser: none of %v is installed", names)
	return ""
}

// start starts a browser, to be ended by the test's cleanup.
func start(t testing.TB) *session {
	t.Helper()
	path := find(t)
	// Not t.TempDir, whose path has the test's name in it: that of a socket, in here, may have some 100 bytes.
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("browser: %v", err)
		}
	})
	theirIn, to := pipe(t)
	from, theirOut := pipe(t)
	deadline := time.Now().Add(limit)
	if err := errors.Join(to.SetDeadline(deadline), from.SetDeadline(deadline)); err != nil {
		t.Fatalf("browser: %v", err)
	}
	cmd := exec.Command(path, append(flags, "--user-data-dir="+dir)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, where --remote-debugging-pipe looks for them
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// Every process of the browser has its stderr: Wait returns when the last one has ended, and none is left to write to
	// dir, which is removed then.
	cmd.WaitDelay = 10 * time.Second
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("browser: %v", err)
	}
	theirIn.Close() // so that the browser's end of the pipes is the only one, and its death can be seen
	theirOut.Close()
	end := sync.OnceValue(func() string {
		killGroup(cmd)
		_ = cmd.Wait() // says that it was killed
		return stderr.String()
	})
	t.Cleanup(func() { end() })
	return &session{t: t, to: to, from: bufio.NewReader(from), end: end}
}

var flags = []string{
	"--headless", "--remote-debugging-pipe",
	"--no-sandbox", // root has no sandbox; the pages are our own
	"--disable-gpu", "--hide-scrollbars",
	"--disable-dev-shm-usage", // which is small in containers
	"--disable-breakpad", "--disable-extensions", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--host-resolver-rules=MAP * ~NOTFOUND", // a request that is complained about does not go out either
}

// pipe returns both ends of a new pipe, which the cleanup closes if nothing else has.
func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	t.Cleanup(func() {
		r.Close()
		w.Close()
	})
	return r, w
}
