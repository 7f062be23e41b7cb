//go:build unix

package netpoll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// onFake runs test on the kqueue backend with its kernel at hand.
func onFake(t *testing.T, test func(t *testing.T, s *suite, k *fakeKernel)) {
	for name, withPipe := range map[string]bool{"user event": false, "pipe": true} {
		t.Run(name, func(t *testing.T) {
			k := newFakeKernel()
			open, world := openFake(k, withPipe)
			s := newSuite(t, open, world)
			t.Cleanup(func() {
				require.Zero(t, s.p.Len())
				require.NoError(t, s.p.Close())
				require.Empty(t, k.files)
			})
			test(t, s, k)
		})
	}
}

func TestKqueueAddSurvivesARefusedWriteFilter(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		for _, refusal := range []error{unix.EPIPE, unix.EBADF, unix.EINVAL} {
			a, b := k.streams()
			k.refuse[noteKey{a.fd(), writeFilter}] = refusal
			require.NoError(t, b.close())
			c := s.watch(a)
			s.await(c, Readable|Hangup)
			c.drop() // the missing write filter is no error
		}
	})
}

func TestKqueueAddFailsWhole(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		a, b := k.streams()
		s.closeLater(b)
		for _, f := range []filter{readFilter, writeFilter} {
			k.refuse = map[noteKey]error{{a.fd(), f}: unix.ENOMEM}
			require.ErrorIs(t, s.p.Add(a.fd(), &Watcher{}), unix.ENOMEM)
			require.Zero(t, s.p.Len())
			for _, q := range k.queues() {
				require.NotContains(t, q.notes, noteKey{a.fd(), readFilter})
				require.NotContains(t, q.notes, noteKey{a.fd(), writeFilter})
			}
		}
		require.NoError(t, a.close())
	})
}

func TestKqueueInterrupts(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		a, b := k.streams()
		s.closeLater(b)
		k.interrupts = 3 // after its changes were applied, says FreeBSD
		c := s.watch(a)
		require.Zero(t, k.interrupts)
		s.await(c, Writable)

		k.interrupts = 1
		require.Empty(t, s.poll(patience), "a signal ends Wait early, without an error")

		k.interrupts = 2
		require.NoError(t, s.p.Wake())
		k.interrupts = 0
		require.Empty(t, s.poll(patience))

		k.interrupts = 1
		c.drop()
	})
}

func TestKqueueDropsStrayEvents(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		c, _ := s.watched()
		old := makeToken(c.watcher.index, c.watcher.generation)
		c.drop()
		fresh, _ := s.watched()
		k.stray = []kevent{
			{ident: fresh.fd(), filter: readFilter, udata: old},
			{ident: 99, filter: writeFilter, flags: evEOF, udata: makeToken(99, 1)},
		}
		s.quiet()
		require.Empty(t, k.stray)
	})
}

func TestKqueueErrorEventSendsTheOwnerToLook(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		c, _ := s.watched()
		k.stray = []kevent{{ident: c.fd(), filter: readFilter, flags: evError, data: int64(unix.EIO), udata: makeToken(c.watcher.index, c.watcher.generation)}}
		require.Equal(t, everyMode, s.poll(0)[&c.watcher])
	})
}

func TestKqueueJoinsBothFiltersInOneEvent(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		c, b := s.watched()
		n := c.fill()
		put(t, b, "x")
		readFull(t, b, n)
		require.Equal(t, map[*Watcher]Mode{&c.watcher: Readable | Writable}, s.poll(0))
	})
}

func TestKqueueWakesNeverFillThePipe(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		for range fakeCapacity + 2 {
			require.NoError(t, s.p.Wake())
			before := k.calls
			s.poll(time.Second)
			require.Equal(t, before+1, k.calls)
			require.False(t, s.p.woken.Load(), "the wake-up was lost")
		}
	})
}

func TestKqueueCallsPerOperation(t *testing.T) {
	onFake(t, func(t *testing.T, s *suite, k *fakeKernel) {
		a, b := k.streams()
		s.closeLater(b)
		k.calls = 0
		c := s.watch(a)
		require.Equal(t, 1, k.calls)
		s.poll(0)
		require.Equal(t, 2, k.calls)
		c.drop()
		require.Equal(t, 3, k.calls)
	})
}

// The fake kernel is held to the manual page, where the backend does not go.
func TestFakeKernel(t *testing.T) {
	k := newFakeKernel()
	kq, err := k.kqueue()
	require.NoError(t, err)
	a, b := k.streams()
	read := kevent{ident: a.fd(), filter: readFilter, flags: evAdd, udata: 7}
	missing := kevent{ident: a.fd(), filter: writeFilter, flags: evDelete}
	closed := kevent{ident: 99, filter: readFilter, flags: evAdd}
	events := make([]kevent, 4)

	_, err = k.kevent(kq, []kevent{missing}, nil, 0)
	require.Equal(t, unix.ENOENT, err)
	n, err := k.kevent(kq, []kevent{missing, closed, read}, events, 0)
	require.NoError(t, err)
	require.Equal(t, []int64{int64(unix.ENOENT), int64(unix.EBADF)}, []int64{events[0].data, events[1].data})
	require.Equal(t, 2, n)
	require.NotZero(t, events[0].flags&evError)

	put(t, b, "level")
	for range 2 { // without EV_CLEAR it is a level
		n, err = k.kevent(kq, nil, events, 0)
		require.NoError(t, err)
		require.Equal(t, []kevent{{ident: a.fd(), filter: readFilter, data: 5, udata: 7}}, events[:n])
	}
	require.NoError(t, a.close())
	n, err = k.kevent(kq, nil, events, 0)
	require.NoError(t, err)
	require.Zero(t, n, "closing an fd takes its knotes away")
	_, err = k.kevent(a.fd(), nil, events, 0)
	require.Equal(t, unix.EBADF, err)
}
