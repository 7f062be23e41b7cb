//go:build unix

package gevent_test

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A page is what the dumps are written to.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	came chan struct{} // has an entry once something has been written
}

func newPage() *page { return &page{came: make(chan struct{}, 1)} }

func (p *page) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.came <- struct{}{}:
	default:
	}
	return p.text.Write(text)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// has waits, in a greenlet, until the page has the text.
func (p *page) has(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(p.String(), text) {
		require.NoError(t, gevent.Sleep(time.Millisecond))
	}
}

func TestDumpOnSignal(t *testing.T) {
	p := newPage()
	require.NoError(t, gevent.Run(func() error {
		stop := gevent.DumpOnSignal(syscall.SIGUSR1, p)
		defer stop()
		g := gevent.SpawnNamed("sleeper", func() error { return gevent.Sleep(time.Hour) })
		gevent.Yield()
		require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
		p.has(t, `task 2 "sleeper" parked on sleep`)
		p.has(t, "gevent_test.TestDumpOnSignal.func1.1\n")
		stop()
		stop()
		return g.Kill()
	}))
}

// The hub that is asked is blocked: what blocks it is told, and the dump comes once it goes on.
func TestDumpOnSignalOfABlockedHub(t *testing.T) {
	p := newPage()
	line := ""
	require.NoError(t, gevent.Run(func() error {
		stop := gevent.DumpOnSignal(syscall.SIGUSR1, p)
		defer stop()
		require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
		line = after(1)
		<-p.came // blocks the hub
		p.has(t, "hub: 2 greenlets")
		return nil
	}))
	require.Contains(t, p.String(), ", now by main (task 1) at "+line+" (chan receive)")
}

func TestDumpOnSignalAfterTheHub(t *testing.T) {
	p := newPage()
	var stop func()
	require.NoError(t, gevent.Run(func() error { stop = gevent.DumpOnSignal(syscall.SIGUSR1, p); return nil }))
	defer stop()
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
	<-p.came
	require.Equal(t, "hub: it has ended\n", p.String())
}
