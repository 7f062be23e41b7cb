package gevent

import (
	"bytes"
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func captureLog(t *testing.T, fn func()) string {
	t.Helper()
	var b bytes.Buffer
	former := slog.Default()
	defer slog.SetDefault(former)
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	fn()
	return b.String()
}

func TestParseStack(t *testing.T) {
	s, ok := parseStack(`goroutine 12 [sync.Mutex.Lock, 3 minutes, locked to thread]:
sync.(*Mutex).Lock(...)
	/go/src/sync/mutex.go:46
example.com/m.f({0x1, 0x2}, 0x3?)
	/home/m/f.go:7 +0x2d
created by iter.Pull[...] in goroutine 10
	/go/src/iter/iter.go:271 +0x90`)
	require.True(t, ok)
	require.Equal(t, "12", s.id)
	require.Equal(t, "sync.Mutex.Lock", s.state)
	require.True(t, s.locked)
	require.Equal(t, "10", s.puller)
	require.Equal(t, []frame{
		{"sync.(*Mutex).Lock", "...", "/go/src/sync/mutex.go", "46"},
		{"example.com/m.f", "{0x1, 0x2}, 0x3?", "/home/m/f.go", "7"},
	}, slices.Collect(s.frames()))

	s, ok = parseStack("goroutine 7 gp=0xc0 m=3 mp=0xc1 [running]:\nmain.main()\n\t/m.go:1 +0x1\ncreated by main.f in goroutine 1\n\t/m.go:2 +0x3")
	require.True(t, ok)
	require.Equal(t, "7", s.id)
	require.Equal(t, "running", s.state)
	require.False(t, s.locked)
	require.Empty(t, s.puller)

	for _, bad := range []string{"", "x", "\n", "...additional frames elided..."} {
		_, ok = parseStack(bad)
		require.False(t, ok)
	}
	s, _ = parseStack("goroutine 1 [x]:\nno call\n\tfile\n...\n\tf:1\nmain.f()\n\tno colon")
	require.Equal(t, []frame{{"main.f", "", "", "no colon"}}, slices.Collect(s.frames()))
}

func TestAdvice(t *testing.T) {
	for state, want := range map[string]string{
		"sleep": "gevent.Sleep", "sync.Mutex.Lock": "Lock", "sync.RWMutex.RLock": "RWLock", "chan send": "Queue", "select (no cases)": "Offload",
		"IO wait": "Dial", "syscall": "Offload", "running": "Yield", "runnable": "Yield", "sync.Cond.Wait": "Offload", "semacquire": "Offload",
	} {
		require.Contains(t, adviceFor(state), want, state)
	}
}
