//go:build unix

package netpoll

import (
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wakeCounter counts what Wake costs.
type wakeCounter struct {
	backend
	wakes atomic.Int32
}

func (c *wakeCounter) wake() error {
	c.wakes.Add(1)
	return c.backend.wake()
}

func TestWakesBeforeWaitAreOne(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		counter := &wakeCounter{backend: s.p.backend}
		s.p.backend = counter
		for round := int32(1); round <= 3; round++ {
			for range 100 {
				require.NoError(t, s.p.Wake())
			}
			require.Equal(t, round, counter.wakes.Load())
			before := time.Now()
			require.Empty(t, s.poll(patience), "a wake-up is not an event")
			require.Less(t, time.Since(before), patience)
			s.quiet()
		}
	})
}

func TestWakeEndsARunningWait(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		const wakers, each = 4, 100
		var sent atomic.Int32
		var running sync.WaitGroup
		for range wakers {
			running.Go(func() {
				for range each {
					sent.Add(1)
					if err := s.p.Wake(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for seen := int32(0); seen < wakers*each; {
			before := time.Now()
			require.Empty(t, s.poll(patience))
			require.Less(t, time.Since(before), patience, "a wake-up was lost after %d", seen)
			seen = sent.Load()
		}
		running.Wait()
		s.poll(0) // a late one may be left
		s.quiet()
	})
}

func TestWakePassesAmongEvents(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c1, b1 := s.watched()
		c2, b2 := s.watched()
		put(t, b1, "x")
		put(t, b2, "x")
		require.NoError(t, s.p.Wake())
		s.events = make([]Event, 1)
		got := map[*Watcher]Mode{}
		for s.p.woken.Load() || len(got) < 2 {
			for w, m := range s.poll(patience) {
				got[w] |= m
			}
		}
		require.NotZero(t, got[&c1.watcher]&Readable)
		require.NotZero(t, got[&c2.watcher]&Readable)
		s.quiet()
	})
}

func TestWakeMayComeDuringClose(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		var running sync.WaitGroup
		started := make(chan struct{}, 2)
		for range 2 {
			running.Go(func() {
				for {
					err := s.p.Wake()
					select {
					case started <- struct{}{}:
					default:
					}
					if err != nil {
						if !errors.Is(err, fs.ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		<-started
		for range 5 {
			s.poll(patience)
		}
		require.NoError(t, s.p.Close())
		running.Wait()
	})
}
