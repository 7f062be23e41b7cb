//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// bareSession returns a session with an object of each kind, numbered from 1, and the other end of its connection.
func bareSession(t testing.TB) (*managerSession, *Connection) {
	t.Helper()
	c, other, err := NewConnections()
	require.NoError(t, err)
	server := &managerServer{
		limit: 1 << 20, objects: map[uint64]*managerEntry{}, named: map[string]uint64{}, sessions: map[*managerSession]struct{}{},
	}
	s := &managerSession{
		server: server, c: c, mail: newManagerMail(c, 1<<20, func() {}),
		waiting: map[uint64]*managerCall{}, taken: map[uint64]loan{}, held: map[*managedLock]struct{}{},
	}
	for _, kind := range []string{
		kindOfDict, kindOfList, kindOfQueue, kindOfLock, kindOfRLock, kindOfSemaphore, kindOfEvent, kindOfBarrier,
		kindOfCondition,
	} {
		server.add(managerEntry{object: managedKinds[kind](&fieldReader{}), kind: kind})
	}
	return s, other
}

// request returns a request of one client.
func request(number, object uint64, op managerOp, args ...byte) []byte {
	return append(append(appendUint(appendUint(nil, number), object), byte(op)), args...)
}

// Whatever a client sends, the manager lives, and what waits is a call that came.
func FuzzManagerRequest(f *testing.F) {
	for object := uint64(0); object < 11; object++ {
		for op := range opMethod + 1 {
			first := request(1, object, op, 1, 'a', 1, 'b')
			f.Add(append(append([]byte{byte(len(first))}, first...), request(2, object, op)...))
		}
	}
	f.Add(request(1, 0, opCreate, 4, 'l', 'i', 's', 't', 0, 0, 255, 255, 255, 255, 127))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := gevent.Run(func() error {
			s, other := bareSession(t)
			n := 0
			for len(data) > 0 {
				size := min(int(data[0]), len(data)-1)
				s.handle(&fieldReader{rest: data[1 : 1+size]})
				data = data[1+size:]
				n++
			}
			require.LessOrEqual(t, len(s.waiting), n)
			for number, c := range s.waiting {
				require.True(t, c.number == number && !c.settled && (c.line != nil || c.worker != nil))
			}
			s.end()
			for _, e := range s.server.objects {
				l, ok := e.object.(*managedLock)
				if d, is := e.object.(*managedCondition); is {
					l, ok = &d.managedLock, true
					require.Zero(t, d.waiting.n)
				}
				require.True(t, !ok || l.depth == 0 && l.line.n == 0, "a lock outlives its client")
			}
			return other.Close()
		})
		require.NoError(t, err)
	})
}

// A client that speaks another language, sends too much or stops in the middle loses its connection, and no other one.
func TestManagerHostileClient(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{Key: []byte("key"), Limit: 1 << 16})
		require.NoError(t, err)
		d, err := DictOf[string, int](m)
		require.NoError(t, err)
		for _, bytes := range []string{
			"\x00\x00\x00\x00", "\x00\x00\x00\x01\x80", "\x00\x00\x00\x03\x01\x00", "\x7f\xff\xff\xff",
			"\xff\xff\xff\xff\xff\xff\xff\xff",
			"\xff\xff\xff\xfe\x00\x00\x00\x01\x00\x00\x00\x00", "\x00\x01", strings.Repeat("\xff", 1<<17),
		} {
			c, err := Dial(m.Address(), []byte("key"))
			require.NoError(t, err)
			b, err := c.RecvBytes() // hello
			require.NoError(t, err)
			require.Len(t, b, 2+len(binary.AppendUvarint(nil, 1<<16)))
			raw := c.conn.(*gevent.UnixConn)
			_, _ = raw.Write([]byte(bytes)) // it may be closed already
			_ = raw.CloseWrite()
			_, err = c.RecvBytes()
			require.Equal(t, io.EOF, err, "%.20q", bytes)
			require.NoError(t, c.Close())
		}
		n, err := Add(d, "a", 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, m.Shutdown())
	})
}

// A client that never reads is not read any more either, once its answers are many; nobody else waits for it.
func TestManagerDeafClient(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{Key: []byte("key")})
		require.NoError(t, err)
		l, err := ListOf(m, strings.Repeat("x", 1<<16))
		require.NoError(t, err)
		c, err := Dial(m.Address(), []byte("key"))
		require.NoError(t, err)
		ask := request(1, l.object, opListGet, 0)
		for c.SendBytesTimeout(10*time.Millisecond, ask) == nil { // until the manager has had enough
		}
		for s := range m.server.sessions {
			require.LessOrEqual(t, len(s.mail.pending), maxPending+1<<17)
		}
		n, err := l.Len()
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, c.Close())
		require.NoError(t, m.Shutdown())
	})
}

// More objects or waiting calls than the manager takes do it no harm: it says no.
func TestManagerBounds(t *testing.T) {
	objects, waiting := maxObjects, maxWaiting
	defer func() { maxObjects, maxWaiting = objects, waiting }()
	maxObjects, maxWaiting = 1000, 100
	inHub(t, func() {
		s, other := bareSession(t)
		for number := range uint64(110) {
			s.handle(&fieldReader{rest: request(number+1, 3, opQueueGet, 0)})
		}
		require.Len(t, s.waiting, 100)
		entry := s.server.objects[1]
		for id := range uint64(1000) {
			s.server.objects[id+1] = entry
		}
		s.handle(&fieldReader{rest: append(request(1<<30, 0, opCreate), 4, 'l', 'o', 'c', 'k', 0, 0)})
		require.Len(t, s.server.objects, 1000)
		s.end()
		require.NoError(t, other.Close())
	})
}

// What a client that dies had not got yet goes to those who wait, and to the front, in the order that it had.
func TestManagerGivesBackInOrder(t *testing.T) {
	inHub(t, func() {
		s, other := bareSession(t)
		next := &managerSession{
			server: s.server, c: other, mail: newManagerMail(other, 1<<20, func() {}),
			waiting: map[uint64]*managerCall{}, taken: map[uint64]loan{},
		}
		q := s.server.objects[3].object.(*managedQueue)
		q.items = [][]byte{{'a'}, {'b'}, {'c'}, {'d'}, {'e'}}
		for number := range uint64(4) {
			s.handle(&fieldReader{rest: request(number+1, 3, opQueueGet, 0)})
		}
		require.Equal(t, 1, q.size())
		q.items = q.items[:q.first]
		for number := range uint64(2) {
			next.handle(&fieldReader{rest: request(number+1, 3, opQueueGet, 0)})
		}
		s.end()
		require.Equal(t, "\x00\x00\x00\x03\x01\x00a\x00\x00\x00\x03\x02\x00b", string(next.mail.pending))
		require.Equal(t, [][]byte{{'c'}, {'d'}}, q.items[q.first:])
		next.end()
		require.Equal(t, [][]byte{{'a'}, {'b'}, {'c'}, {'d'}}, q.items[q.first:])
	})
}

// An answer that is too long is not made first.
func TestManagerLongAnswer(t *testing.T) {
	inHub(t, func() {
		s, other := bareSession(t)
		s.server.objects[1].object.(managedDict)["a"] = make([]byte, 1<<20)
		s.server.objects[2].object.(*managedList).items = [][]byte{make([]byte, 1<<20)}
		for number, op := range []managerOp{opDictItems, opDictValues, opDictKeys} {
			s.handle(&fieldReader{rest: request(uint64(number)+1, 1, op)})
		}
		s.handle(&fieldReader{rest: request(9, 2, opListSlice, 0, 2)})
		require.Less(t, cap(s.mail.pending), 1<<10)
		require.Contains(t, string(s.mail.pending), "\x03\x00\x01\x01a", "the keys are told")
		s.end()
		require.NoError(t, other.Close())
	})
}

// A client that comes in the very moment of the end is not served any more.
func TestManagerShutdownMeetsClient(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		gevent.Yield()
		c, other, err := NewConnections()
		require.NoError(t, err)
		require.NoError(t, m.server.listener.done.Put(arrival{c: c})) // it is the accepting greenlet's already
		require.NoError(t, m.Shutdown())
		_, err = other.RecvBytesTimeout(time.Minute)
		require.Equal(t, io.EOF, err)
		require.Empty(t, m.server.sessions)
		require.NoError(t, other.Close())
	})
}

// A lock that was dropped is not remembered by whoever held it.
func TestManagerDroppedLock(t *testing.T) {
	inHub(t, func() {
		s, other := bareSession(t)
		s.handle(&fieldReader{rest: request(1, 4, opLockAcquire, 1, 0)})
		require.Len(t, s.held, 1)
		s.handle(&fieldReader{rest: request(2, 0, opDrop, 4)})
		require.Empty(t, s.held)
		s.end()
		require.NoError(t, other.Close())
	})
}

// managedLate takes as long to be made as managedLateMay is not set.
var (
	managedLate = DefineManaged("made late", func(int) (int, error) {
		err := managedLateMay.Wait()
		return 0, err
	})
	managedLateMay *gevent.Event
)

// An object whose maker was gone when it was done is not kept.
func TestManagerMakerGone(t *testing.T) {
	inHub(t, func() {
		s, other := bareSession(t)
		before := len(s.server.objects)
		managedLateMay = new(gevent.Event)
		create := appendBytes(appendBytes(appendBytes(request(1, 0, opCreate), kindOfType), ""), managedLate.name)
		s.handle(&fieldReader{rest: append(create, make([]byte, 8)...)})
		making := s.waiting[1].worker
		gevent.Yield()
		managedLateMay.Set() // from now on it waits for nothing
		s.handle(&fieldReader{rest: request(0, 0, opCancel, 1)})
		require.NoError(t, making.Join())
		require.Len(t, s.server.objects, before)
		s.end()
		require.NoError(t, other.Close())
	})
}
