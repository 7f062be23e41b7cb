package eventlog_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A pageLock is a lock that knows its holder.
type pageLock struct {
	holder  *sched.Task
	waiters sched.WaitQueue
}

func (l *pageLock) String() string         { return "the lock" }
func (l *pageLock) Holders() []*sched.Task { return []*sched.Task{l.holder} }

func (l *pageLock) acquire(s *schedtest.Sim, deadline time.Duration) error {
	for l.holder != nil {
		if err := l.waiters.WaitUntil(s.Scheduler, l, deadline); err != nil {
			return err
		}
	}
	l.holder = s.Current()
	return nil
}

func (l *pageLock) release() {
	l.holder = nil
	l.waiters.Wake()
}

// pageBakery is a program with everything in it that a page shows.
func pageBakery(s *schedtest.Sim, l *eventlog.Log) {
	var lock pageLock
	var buns sched.WaitQueue
	tray := 0
	baker := s.Spawn("baker", func() {
		for range 3 {
			_ = s.Sleep(2 * time.Second)
			tray++
			l.Note(fmt.Sprintf("bun %d is done", tray))
			buns.Wake()
		}
	})
	for _, name := range []string{"guest A", "guest B"} {
		s.Spawn(name, func() {
			if buns.WaitUntil(s.Scheduler, sched.Why("a bun"), s.After(5*time.Second)) != nil {
				return
			}
			if lock.acquire(s, s.After(time.Second)) == nil {
				_ = s.Sleep(3 * time.Second)
				lock.release()
			}
		})
	}
	alarm := sched.NewTimer(func() { buns.WakeAll() })
	s.StartTimer(alarm, s.After(time.Hour))
	late := new(sched.Task)
	s.StartLater(late, "late", sched.Func(func() {
		_ = lock.acquire(s, sched.Never)
		l.Pass("late", "inner")
		s.Yield()
		lock.release()
	}), 4*time.Second)
	idle := s.Spawn("idler", func() { _ = s.Park(sched.Why("better times")) })
	_, _ = baker.Join(), late.Join()
	s.StopTimer(alarm)
	s.Kill(idle)
	s.Settle()
}

// pageFile writes r's page to a file of its own.
func pageFile(t *testing.T, r *eventlog.Recording, o eventlog.HTMLOptions) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, r.WriteHTML(&page, o))
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, page.Bytes(), 0o600))
	return file
}
