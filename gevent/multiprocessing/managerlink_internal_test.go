//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Nothing is remembered of a hub that has ended, and of a connection that was closed.
func TestManagerClientsForgotten(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		for range 2 {
			_, err = ListOf(m, 1)
			require.NoError(t, err)
			require.Len(t, managerClients.of, 1)
			require.NoError(t, m.place.hangUp())
			require.Empty(t, managerClients.of)
		}
		for range 2 {
			_, err = DialManager(m.Address(), []byte("wrong"))
			require.ErrorIs(t, err, ErrAuthentication)
			require.Empty(t, managerClients.of)
		}
		_, err = DialManager(m.Address(), m.place.key)
		require.NoError(t, err)
	})
	require.Empty(t, managerClients.of)
}

// Calls of many greenlets at once make one connection.
func TestManagerOneConnection(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		var all []*gevent.Result[*ListProxy[int]]
		for range 10 {
			all = append(all, gevent.Go(func() (*ListProxy[int], error) { return ListOf(m, 1) }))
		}
		require.NoError(t, all[0].Kill()) // the one that dials
		for _, g := range all[1:] {
			_, err := g.Get()
			require.NoError(t, err)
		}
		require.Len(t, m.server.sessions, 1)
		require.NoError(t, m.Shutdown())
	})
}

// A manager that ends right after its first message is gone.
func TestManagerGoneAtOnce(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		accepting := gevent.Spawn(func() error {
			for {
				c, err := l.Accept()
				if err != nil {
					return err
				}
				require.NoError(t, c.SendBytes([]byte{0, byte(noteHello), 100}))
				require.NoError(t, c.Close())
			}
		})
		m := &Manager{place: &managerPlace{l.Address(), []byte("key")}}
		for range 5 {
			_, err = ListOf[int](m)
			require.ErrorIs(t, err, ErrNoManager)
		}
		require.NoError(t, l.Close())
		require.Equal(t, ErrClosed, accepting.Get())
	})
}

// Callers that give up on a manager that reads nothing do not fill the memory.
func TestManagerDeaf(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		accepting := gevent.Go(l.Accept)
		q := &QueueProxy[[]byte]{proxy: proxy{&managerPlace{l.Address(), []byte("key")}, 1}}
		item := make([]byte, 1<<18)
		putting := gevent.Spawn(func() error { return q.Put(item) })
		c, err := accepting.Get()
		require.NoError(t, err)
		require.NoError(t, c.SendBytes(append([]byte{0, byte(noteHello)}, appendUint(nil, 1<<20)...)))
		for range 30 {
			require.Equal(t, gevent.ErrTimeout, q.PutTimeout(item, time.Millisecond))
		}
		require.LessOrEqual(t, len(q.place.client().link.mail.pending), maxPending+1<<19)
		require.NoError(t, c.Close())
		require.Equal(t, ErrUncertain, putting.Get())
		require.NoError(t, l.Close())
	})
}

// An object whose maker was interrupted is dropped, if it has no name.
func TestManagerMakerKilled(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		lock, err := m.Lock()
		require.NoError(t, err)
		for turns := range 12 {
			making := gevent.Go(func() (*ListProxy[int], error) { return ListOf(m, 1) })
			for range turns {
				gevent.Yield()
			}
			made := making.Ready()
			require.NoError(t, making.Kill())
			for range 2 { // round trips: the answer, and what the client says to it
				_, err = lock.Locked()
				require.NoError(t, err)
			}
			if !made {
				require.Len(t, m.server.objects, 1, turns)
				continue
			}
			l, err := making.Get()
			require.NoError(t, err)
			require.NoError(t, l.Drop())
		}
		require.NoError(t, m.Shutdown())
	})
}

// The end of a manager does not take the address from who listens there now.
func TestManagerKeepsOthersAddress(t *testing.T) {
	inHub(t, func() {
		path := filepath.Join(t.TempDir(), "socket")
		m, err := StartManager(ManagerConfig{Address: path, Key: []byte("key")})
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		other, err := ServeManager(ManagerConfig{Address: path, Key: []byte("key")})
		require.NoError(t, err)
		require.NoError(t, m.Shutdown())
		_, err = other.Lock()
		require.NoError(t, err)
		require.NoError(t, other.Shutdown())
	})
}

// A connection that takes nothing any more is over, also if nothing else tells of its end.
func TestManagerCannotSend(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		accepting := gevent.Go(l.Accept)
		q := &QueueProxy[int]{proxy: proxy{&managerPlace{l.Address(), []byte("key")}, 1}}
		getting := gevent.Go(q.Get)
		c, err := accepting.Get()
		require.NoError(t, err)
		require.NoError(t, c.SendBytes(append([]byte{0, byte(noteHello)}, appendUint(nil, 1<<20)...)))
		_, err = c.RecvBytes() // the request
		require.NoError(t, err)
		require.NoError(t, c.conn.(*gevent.UnixConn).CloseRead())
		require.Equal(t, ErrUncertain, gevent.WithTimeout(time.Minute, func() error { return q.Put(1) }))
		_, err = getting.Get()
		require.Equal(t, ErrUncertain, err)
		require.NoError(t, c.Close())
		require.NoError(t, l.Close())
	})
}

// Greenlets that wait for the same attempt to connect share its outcome.
func TestManagerOneAttempt(t *testing.T) {
	before := handshakeTimeout
	handshakeTimeout = 20 * time.Millisecond
	defer func() { handshakeTimeout = before }()
	inHub(t, func() {
		mute, err := gevent.Listen("unix", filepath.Join(t.TempDir(), "mute"))
		require.NoError(t, err)
		m := &Manager{place: &managerPlace{mute.Addr().String(), []byte("key")}}
		attempts := 0
		accepting := gevent.Spawn(func() error {
			for {
				if _, err := mute.Accept(); err != nil {
					return err
				}
				attempts++
			}
		})
		var all []*gevent.Greenlet
		for range 10 {
			all = append(all, gevent.Spawn(func() error { _, err := m.Lock(); return err }))
		}
		gevent.Yield()
		all[0].Throw(ErrClosed) // that is its own affair
		require.Equal(t, ErrClosed, all[0].Get())
		for _, g := range all[1:] {
			require.ErrorIs(t, g.Get(), ErrAuthentication)
		}
		require.LessOrEqual(t, attempts, 2)
		_, err = m.Lock()
		require.ErrorIs(t, err, ErrAuthentication)
		require.NoError(t, mute.Close())
		require.Error(t, accepting.Get())
	})
}

// A connection is closed however often the greenlet that reads it is killed.
func TestManagerLinkKilledTwice(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		_, err = m.Lock()
		require.NoError(t, err)
		link := m.place.client().link
		one, two := gevent.Spawn(m.place.hangUp), gevent.Spawn(m.place.hangUp)
		require.NoError(t, one.Get())
		require.NoError(t, two.Get())
		require.ErrorIs(t, link.c.conn.WaitRead(), net.ErrClosed)
		_, err = m.Lock()
		require.NoError(t, err)
		var session *managerSession
		for s := range m.server.sessions {
			session = s
		}
		stopping := gevent.Spawn(m.Shutdown)
		gevent.Yield()
		require.NoError(t, stopping.Kill())
		require.NoError(t, session.greenlet.Join())
		require.ErrorIs(t, session.c.conn.WaitRead(), net.ErrClosed)
		require.NoError(t, m.Shutdown())
	})
}

// A lock that was got just before the connection broke is that connection's.
func TestManagerLockLostAtOnce(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		accepting := gevent.Go(l.Accept)
		lock := &LockProxy{proxy{&managerPlace{l.Address(), []byte("key")}, 1}}
		locking := gevent.Spawn(func() error { return lock.With(func() error { return nil }) })
		c, err := accepting.Get()
		require.NoError(t, err)
		require.NoError(t, c.SendBytes(append([]byte{0, byte(noteHello)}, appendUint(nil, 1<<20)...)))
		_, err = c.RecvBytes()
		require.NoError(t, err)
		require.NoError(t, c.SendBytes(appendInt([]byte{1, byte(statusDone)}, 1)))
		require.NoError(t, c.Close())
		require.Equal(t, ErrNotHeld, locking.Get())
		require.Empty(t, managerClients.of)
		require.NoError(t, l.Close())
	})
}

// What a manager says as it goes is read, though requests do not come through to it any more.
func TestManagerSaysGoodbyeToTheDeaf(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		accepting := gevent.Go(l.Accept)
		q := &QueueProxy[int]{proxy: proxy{&managerPlace{l.Address(), []byte("key")}, 1}}
		getting := gevent.Go(q.Get)
		c, err := accepting.Get()
		require.NoError(t, err)
		require.NoError(t, c.SendBytes([]byte{0, byte(noteHello), 100}))
		_, err = c.RecvBytes() // the request
		require.NoError(t, err)
		q.place.client().link.mail.broken()
		gevent.Yield()
		require.NoError(t, c.SendBytes([]byte{0, byte(noteFarewell)}))
		require.NoError(t, c.Close())
		_, err = getting.Get()
		require.ErrorIs(t, err, ErrNoManager)
		require.NoError(t, l.Close())
	})
}
