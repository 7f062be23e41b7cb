//go:build unix

package netpoll

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestInitialReadinessIsReported(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		a, b := s.pair(t)
		s.closeLater(b)
		put(t, b, "before Add")
		c := s.watch(a)
		require.Equal(t, Readable|Writable, s.await(c, Readable|Writable))
		require.Equal(t, "before Add", c.consume())
		require.Same(t, c, c.watcher.Owner)
	})
}

func TestEdgeIsReportedOnce(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "one")
		require.Zero(t, s.await(c, Readable)&Hangup)
		s.quiet() // though the data is still there
		s.quiet()
		require.Equal(t, "one", c.consume())
		s.quiet()
		put(t, b, "two")
		s.await(c, Readable)
		require.Equal(t, "two", c.consume())
	})
}

func TestDataBetweenReadAndArmIsReported(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "one")
		s.await(c, Readable)
		buf := make([]byte, 100)
		n, err := c.read(buf) // short: the owner may skip the read that would say EAGAIN
		require.NoError(t, err)
		require.Equal(t, 3, n)
		put(t, b, "two")
		require.NoError(t, s.p.Arm(&c.watcher, Readable))
		s.await(c, Readable)
		require.Equal(t, "two", c.consume())
	})
}

func TestWritableAfterPeerDrains(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		for range 3 {
			n := c.fill()
			s.quiet()
			readFull(t, b, n)
			require.Zero(t, s.await(c, Writable)&Hangup)
		}
	})
}

func TestHalfClose(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "last words")
		require.NoError(t, b.closeWrite())
		want := Readable | Hangup
		if s.p.Backend() == "poll" && pollHalfClosed == 0 {
			want = Readable
		}
		s.await(c, want)
		require.Equal(t, "last words", c.consume())
		c.put("still heard")
		readFull(t, b, len("still heard"))
	})
}

func TestPeerClose(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "last words")
		require.NoError(t, b.close())
		s.await(c, everyMode)
		s.quiet() // though it lasts, and nobody has looked
		require.Equal(t, "last words", c.consume())
		_, err := c.write([]byte("unheard"))
		require.ErrorIs(t, err, unix.EPIPE)
	})
}

func TestReset(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		a, b := s.tcpPair(t)
		c := s.watch(a)
		s.await(c, Writable)
		c.consume()
		require.NoError(t, b.abort())
		s.await(c, everyMode)
		_, err := c.read(make([]byte, 1))
		require.ErrorIs(t, err, unix.ECONNRESET)
	})
}

func TestPipeEnds(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		r, w := s.pipe(t)
		reader := s.watch(r)
		put(t, w, "x")
		s.await(reader, Readable)
		require.Equal(t, "x", reader.consume())
		require.NoError(t, w.close())
		s.await(reader, Readable|Hangup)

		r, w = s.pipe(t)
		writer := s.watch(w)
		s.await(writer, Writable)
		writer.fill()
		require.NoError(t, r.close())
		s.await(writer, Writable|Hangup)
	})
}

func TestRemoveDropsWhatTheKernelHolds(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "unseen")
		require.NoError(t, s.p.Remove(&c.watcher))
		s.quiet()
		put(t, b, "unseen too")
		s.quiet()
		require.Zero(t, s.p.Len())
	})
}

func TestRemoveTakesBackWhatWasFetched(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c1, b1 := s.watched()
		c2, b2 := s.watched()
		put(t, b1, "x")
		put(t, b2, "x")
		n, err := s.p.Wait(s.events, patience)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		// The owner of the first event closes the second connection, and its watcher is used for another at once.
		first, second := c1, c2
		if s.events[0].Watcher == &c2.watcher {
			first, second = c2, c1
		}
		require.Same(t, &first.watcher, s.events[0].Watcher)
		require.NoError(t, s.p.Remove(&second.watcher))
		require.NoError(t, s.p.Add(second.fd(), &second.watcher))
		require.Equal(t, Event{}, s.events[1])
		require.Same(t, &first.watcher, s.events[0].Watcher)
	})
}

func TestReusedFDGetsNoStaleEvent(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		old := makeToken(c.watcher.index, c.watcher.generation)
		put(t, b, "for the old one")
		number := c.fd()
		c.drop()

		e, peer := s.pair(t)
		s.closeLater(peer)
		require.Equal(t, number, e.fd())
		fresh := s.watch(e)
		require.Equal(t, old.index(), fresh.watcher.index)
		require.Equal(t, Writable, s.await(fresh, Writable))
		fresh.consume()

		s.p.begin(s.events)
		s.p.report(old, Readable) // as if the kernel had kept it
		require.Empty(t, s.p.batch)
		s.quiet()
		put(t, peer, "for the new one")
		s.await(fresh, Readable)
	})
}

// Closing an fd does not end an epoll registration while a dup of it lives.
func TestRemoveEndsTheRegistrationOfADup(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		s.onMachine(t)
		c, b := s.watched()
		dup, err := unix.Dup(c.fd())
		require.NoError(t, err)
		defer unix.Close(dup)
		c.drop()
		put(t, b, "x")
		s.quiet()
	})
}

func TestMisuse(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, _ := s.watched()
		other := newSuite(t, s.open, s.world)
		defer other.p.Close()
		var w Watcher

		require.ErrorIs(t, s.p.Add(-1, &w), fs.ErrInvalid)
		require.ErrorIs(t, s.p.Add(c.fd(), &c.watcher), fs.ErrExist)
		require.ErrorIs(t, s.p.Add(c.fd(), &w), fs.ErrExist)
		require.ErrorIs(t, other.p.Add(c.fd(), &c.watcher), fs.ErrExist)
		require.ErrorIs(t, s.p.Add(1<<20, &w), unix.EBADF)
		require.ErrorIs(t, s.p.Remove(&w), fs.ErrNotExist)
		require.ErrorIs(t, other.p.Remove(&c.watcher), fs.ErrNotExist)
		_, err := s.p.Wait(nil, 0)
		require.ErrorIs(t, err, fs.ErrInvalid)
		require.Equal(t, 1, s.p.Len())

		require.NoError(t, s.p.Remove(&c.watcher))
		require.ErrorIs(t, s.p.Remove(&c.watcher), fs.ErrNotExist)
		require.NoError(t, s.p.Add(c.fd(), &c.watcher), "a removed watcher can be added again")
	})
}

func TestRemoveAfterCloseSaysSoAndUnregisters(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, _ := s.watched()
		c.gone = true
		require.NoError(t, c.close())
		require.ErrorIs(t, s.p.Remove(&c.watcher), unix.EBADF)
		require.Zero(t, s.p.Len())
	})
}

func TestRegularFileIsRefused(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		s.onMachine(t)
		if s.p.Backend() == "kqueue" {
			t.Skip("kqueue watches files")
		}
		f, err := os.Open("conformance_test.go")
		require.NoError(t, err)
		defer f.Close()
		err = s.p.Add(int(f.Fd()), &Watcher{})
		require.ErrorIs(t, err, fs.ErrPermission)
		require.ErrorContains(t, err, "always ready")
		require.Zero(t, s.p.Len())
	})
}

func TestSmallBatchesStarveNobody(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		conns, peers := map[*Watcher]bool{}, []end{}
		for range 50 {
			c, b := s.watched()
			conns[&c.watcher], peers = true, append(peers, b)
		}
		for _, b := range peers {
			put(t, b, "x")
		}
		require.Equal(t, 50, s.p.Len())
		s.events = make([]Event, 7)
		for len(conns) > 0 {
			got := s.poll(patience)
			require.NotEmpty(t, got)
			for w, m := range got {
				require.NotZero(t, m&Readable)
				require.Contains(t, conns, w, "reported twice, while others wait")
				delete(conns, w)
			}
		}
		s.quiet()
	})
}

func TestManyWatchers(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		pairs := 5000
		var limit unix.Rlimit
		require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
		if uint64(limit.Cur) < 12_000 {
			pairs = max(int(limit.Cur)/2-100, 10)
		}
		if _, ok := s.world.(machine); !ok {
			pairs = 200 // the fake kernel is made for reading, not for speed
		}
		s.events = make([]Event, 512)
		conns := map[*Watcher]*conn{}
		for range pairs {
			a, b := s.pair(t)
			for _, e := range []end{a, b} {
				c := s.watch(e)
				conns[&c.watcher] = c
			}
		}
		require.Equal(t, 2*pairs, s.p.Len())
		for seen := map[*Watcher]bool{}; len(seen) < len(conns); {
			got := s.poll(patience)
			require.NotEmpty(t, got)
			for w, m := range got {
				seen[w] = m&Writable != 0 || seen[w]
			}
		}
		s.quiet()
	})
}

func TestClose(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		c, b := s.watched()
		put(t, b, "x")
		s.poll(patience)
		require.NoError(t, s.p.Wake())
		require.NoError(t, s.p.Close())
		require.Equal(t, Event{}, s.events[0])
		require.Zero(t, s.p.Len())
		require.Equal(t, -1, s.p.Fd())

		_, err := s.p.Wait(s.events, 0)
		for _, err := range []error{err, s.p.Close(), s.p.Wake(), s.p.Wake(), s.p.Remove(&c.watcher), s.p.Add(c.fd(), &c.watcher)} {
			require.ErrorIs(t, err, fs.ErrClosed)
		}

		next := newSuite(t, s.open, s.world)
		require.NoError(t, next.p.Add(c.fd(), &c.watcher), "its watchers are free for another poller")
		next.await(c, Readable)
		require.NoError(t, next.p.Close())
	})
}

func TestFdIsReadableWhileEventsArePending(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		s.onMachine(t)
		if s.p.Backend() == "poll" {
			require.Equal(t, -1, s.p.Fd())
			return
		}
		readable := func() bool {
			fds := []unix.PollFd{{Fd: int32(s.p.Fd()), Events: unix.POLLIN}}
			n, err := unix.Poll(fds, 0)
			require.NoError(t, err)
			return n == 1
		}
		c, b := s.watched()
		require.False(t, readable())
		put(t, b, "x")
		require.True(t, readable())
		s.await(c, Readable)
		require.False(t, readable())
		require.NoError(t, s.p.Wake())
		require.True(t, readable())
		s.quiet()
		require.False(t, readable())
	})
}

func TestTimeoutIsNotRoundedDown(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		for _, timeout := range []time.Duration{time.Nanosecond, 300 * time.Microsecond, 1200 * time.Microsecond} {
			waits := 0
			for deadline := time.Now().Add(timeout); ; waits++ {
				left := time.Until(deadline)
				if left <= 0 {
					break
				}
				require.Empty(t, s.poll(left))
			}
			require.LessOrEqual(t, waits, 10, "one, and what signals ended early; a busy loop makes hundreds")
		}
	})
}

func TestWaitDoesNotAllocate(t *testing.T) {
	conform(t, func(t *testing.T, s *suite) {
		s.onMachine(t)
		c, b := s.watched()
		one, buf := []byte("x"), make([]byte, 10)
		require.Zero(t, testing.AllocsPerRun(20, func() {
			_, e1 := b.write(one)
			n, e2 := s.p.Wait(s.events, patience)
			_, e3 := c.read(buf)
			e4 := s.p.Arm(&c.watcher, Readable)
			e5 := s.p.Wake()
			if err := errors.Join(e1, e2, e3, e4, e5); err != nil || n > 1 {
				t.Error(n, err)
			}
		}))
	})
}

func TestOpenNamesItsBackend(t *testing.T) {
	p, err := Open()
	require.NoError(t, err)
	require.Contains(t, []string{"epoll", "kqueue", "poll"}, p.Backend())
	require.NoError(t, p.Close())
}

func TestModeString(t *testing.T) {
	require.Equal(t, "none", Mode(0).String())
	require.Equal(t, "Readable|Hangup", (Readable | Hangup).String())
	require.Equal(t, "Readable|Writable|Hangup|invalid", Mode(0xff).String())
}
