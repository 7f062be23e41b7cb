//go:build unix

package netpoll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must come. It is reached by failing tests only.
const patience = 30 * time.Second

// suite is a poller under test, with the world of its fds.
type suite struct {
	world
	t      testing.TB
	p      *Poller
	name   string
	events []Event
	open   func(*registry) (backend, error)
}

// conform runs test on every backend, and checks that neither a watcher nor an fd is left.
func conform(t *testing.T, test func(t *testing.T, s *suite)) {
	for _, b := range everyBackend {
		t.Run(b.name, func(t *testing.T) {
			open, world := b.setup()
			before := world.open()
			s := newSuite(t, open, world)
			s.name = b.name
			t.Cleanup(func() {
				require.Zero(t, s.p.Len(), "watchers left")
				_ = s.p.Close()
				require.Equal(t, before, world.open(), "fds left")
			})
			test(t, s)
		})
	}
}

func newSuite(t testing.TB, openBackend func(*registry) (backend, error), w world) *suite {
	p, err := open(openBackend)
	require.NoError(t, err)
	return &suite{world: w, t: t, p: p, events: make([]Event, 64), open: openBackend}
}

// onMachine skips what needs real fds.
func (s *suite) onMachine(t *testing.T) {
	if _, ok := s.world.(machine); !ok {
		t.Skip("needs real fds")
	}
}

// conn keeps the owner's side of the contract.
type conn struct {
	end
	watcher Watcher
	s       *suite
	gone    bool
}

// watch adds an end; it is removed and closed with the test, unless it was before.
func (s *suite) watch(e end) *conn {
	c := &conn{end: e, s: s}
	c.watcher.Owner = c
	require.NoError(s.t, s.p.Add(e.fd(), &c.watcher))
	s.t.Cleanup(c.drop)
	return c
}

// drop removes, then closes.
func (c *conn) drop() {
	if c.gone {
		return
	}
	c.gone = true
	if c.watcher.generation != 0 {
		require.NoError(c.s.t, c.s.p.Remove(&c.watcher))
	}
	require.NoError(c.s.t, c.close())
}

// watched returns a connected pair whose first end is watched, its first events taken and its read side armed.
func (s *suite) watched() (*conn, end) {
	a, b := s.pair(s.t)
	c := s.watch(a)
	s.closeLater(b)
	s.await(c, Writable)
	c.consume()
	s.quiet()
	return c, b
}

func (s *suite) closeLater(e end) { s.t.Cleanup(func() { _ = e.close() }) }

// poll waits once and returns what each watcher reported.
func (s *suite) poll(timeout time.Duration) map[*Watcher]Mode {
	n, err := s.p.Wait(s.events, timeout)
	require.NoError(s.t, err)
	got := map[*Watcher]Mode{}
	for _, ev := range s.events[:n] {
		if got[ev.Watcher] != 0 || ev.Ready == 0 || ev.Ready == Hangup {
			s.t.Fatalf("%v %v in %v: one event for each watcher, and no hang-up alone", ev.Watcher, ev.Ready, s.events[:n])
		}
		got[ev.Watcher] = ev.Ready
	}
	return got
}

// await waits until c has reported all of want, and returns all that it reported.
func (s *suite) await(c *conn, want Mode) Mode {
	s.t.Helper()
	var got Mode
	for deadline := time.Now().Add(patience); got&want != want; {
		got |= s.poll(time.Until(deadline))[&c.watcher]
		require.True(s.t, time.Now().Before(deadline), "want %v, got %v", want, got)
	}
	return got
}

// quiet requires that nothing is pending.
func (s *suite) quiet() {
	s.t.Helper()
	require.Empty(s.t, s.poll(0))
}

func (c *conn) put(data string) {
	n, err := c.write([]byte(data))
	require.NoError(c.s.t, err)
	require.Equal(c.s.t, len(data), n)
}

func put(t testing.TB, e end, data string) { (&conn{end: e, s: &suite{t: t}}).put(data) }

// consume reads until EAGAIN or the end, arms, and returns what it read.
func (c *conn) consume() string {
	var all []byte
	buf := make([]byte, 1000)
	for {
		n, err := c.read(buf)
		all = append(all, buf[:n]...)
		if err == unix.EAGAIN || err == nil && n == 0 {
			require.NoError(c.s.t, c.s.p.Arm(&c.watcher, Readable))
			return string(all)
		}
		require.NoError(c.s.t, err)
	}
}

// fill writes until EAGAIN, arms, and returns how much it wrote.
func (c *conn) fill() int {
	total := 0
	for {
		n, err := c.write(make([]byte, 4096))
		total += n
		if err == unix.EAGAIN {
			require.NoError(c.s.t, c.s.p.Arm(&c.watcher, Writable))
			return total
		}
		require.NoError(c.s.t, err)
	}
}

func readFull(t testing.TB, e end, n int) {
	buf := make([]byte, 64<<10)
	for n > 0 {
		got, err := e.read(buf)
		require.NoError(t, err)
		n -= got
	}
}
