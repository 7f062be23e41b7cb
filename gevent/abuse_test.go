//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Everybody who waits at a connection learns that it was closed, in whatever way they wait.
func TestAbuseCloseUnderAll(t *testing.T) {
	for name, closeIt := range closers {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := pair(t)
				fillUp(t, &a.streamConn)
				var gs []*Greenlet
				for range 2 {
					gs = append(gs,
						Spawn(func() error { return valueless(a.Read(make([]byte, 1))) }),
						Spawn(func() error { return valueless(a.Write([]byte("never sent"))) }),
						Spawn(a.WaitRead), Spawn(a.WaitWrite),
						Spawn(func() error { return valueless(Poll(a.Readable(), a.Writable())) }))
				}
				parked(t, gs...)
				closeIt(t, a)
				for _, g := range gs {
					require.ErrorIs(t, g.Get(), net.ErrClosed)
				}
				return b.Close()
			})
		})
	}
}

// rude are peers that do not do what they should. Each gets a connection to an echo server and one of package net.
var rude = map[string]func(c *net.TCPConn) error{
	"resets at once":        func(c *net.TCPConn) error { return c.SetLinger(0) },
	"resets with data":      func(c *net.TCPConn) error { return errors.Join(valueless(c.Write(make([]byte, 1000))), c.SetLinger(0)) },
	"says nothing":          func(c *net.TCPConn) error { return nil },
	"half-closes, reads":    func(c *net.TCPConn) error { return errors.Join(c.CloseWrite(), valueless(io.ReadAll(c))) },
	"half-closes the other": func(c *net.TCPConn) error { return errors.Join(c.CloseRead(), valueless(c.Write([]byte("x")))) },
	"never reads": func(c *net.TCPConn) error {
		if err := c.SetWriteDeadline(in(patience / 100)); err != nil {
			return err
		}
		for {
			if _, err := c.Write(make([]byte, 64<<10)); err != nil {
				return nil // the server has stopped reading, since nobody reads what it writes
			}
		}
	},
}

// A server outlives its peers, whatever they do, and keeps nothing of them.
func TestAbuseRudePeers(t *testing.T) {
	run(t, func() error {
		s := &StreamServer{Handler: echo}
		address, serving := serve(t, s)
		_, err := await(func() (any, error) {
			results := make(chan error)
			for round := range 5 {
				for name, be := range rude {
					go func() {
						results <- func() error {
							c, err := net.DialTimeout("tcp", address, patience)
							if err != nil {
								return err
							}
							defer c.Close()
							if err := be(c.(*net.TCPConn)); err != nil {
								return fmt.Errorf("%d, %s: %w", round, name, err)
							}
							return nil
						}()
					}()
				}
			}
			var all error
			for range 5 * len(rude) {
				all = errors.Join(all, <-results)
			}
			return nil, all
		})
		require.NoError(t, err)
		eventually(t, func() bool { return s.Served() == 5*len(rude) && s.Active() == 0 })
		c := dialTo(t, address)
		mustWrite(t, c, "still there")
		mustRead(t, c, "still there")
		closeAll(t, c)
		require.Zero(t, s.Stop(patience))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

// manyConns returns how many connections to oneself the descriptors allow, up to n.
func manyConns(t *testing.T, n int) int {
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if testing.Short() {
		n /= 20
	}
	return min(n, (int(limit.Cur)-openFds()-200)/2)
}

// used returns the bytes that live objects and stacks take.
func used() uint64 {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// Ten thousand connections that do nothing cost little, each with a greenlet that waits for it.
func TestAbuseIdleConnections(t *testing.T) {
	n := manyConns(t, 10_000)
	run(t, func() error {
		s := &StreamServer{Handler: func(c net.Conn) error {
			if err := c.(*TCPConn).WaitRead(); err != nil { // without a buffer meanwhile
				return err
			}
			return echo(c)
		}}
		address, serving := serve(t, s)
		before := used()
		clients := make([]*TCPConn, n)
		for i := range clients {
			clients[i] = dialTo(t, address)
		}
		eventually(t, func() bool { return s.Active() == n })
		each := (int64(used()) - int64(before)) / int64(n)
		t.Logf("%d connections, %d bytes for both ends and the greenlet of one", n, each)
		require.Less(t, each, int64(16<<10))
		for i := 0; i < n; i += n / 10 { // they still work
			mustWrite(t, clients[i], "x")
			mustRead(t, clients[i], "x")
		}
		for _, c := range clients {
			closeAll(t, c)
		}
		eventually(t, func() bool { return s.Active() == 0 })
		require.Zero(t, s.Stop(patience))
		require.Equal(t, n, s.Served())
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

// A hundred thousand short connections leave no descriptor, no goroutine and no memory behind.
func TestAbuseShortConnections(t *testing.T) {
	n := 100_000
	switch {
	case testing.Short():
		n = 2000
	case raceEnabled:
		n = 10_000
	}
	run(t, func() error {
		s, peak := new(StreamServer), 0 // the most connections that were served at once
		s.Handler = func(c net.Conn) error {
			peak = max(peak, s.Active())
			return echo(c)
		}
		address, serving := serve(t, s)
		visit := func(count int) {
			const beside = 16
			var workers crowd
			for range beside {
				workers.goes(func() {
					for range count / beside {
						c := dialTo(t, address)
						mustWrite(t, c, "x")
						mustRead(t, c, "x")
						require.NoError(t, c.SetLinger(0)) // or the system would run out of ports
						closeAll(t, c)
					}
				})
			}
			workers.wait(t)
			eventually(t, func() bool { return s.Active() == 0 })
		}
		visit(1600)
		memory, fds, goroutines, before := used(), openFds(), runtime.NumGoroutine(), peak
		visit(n)
		require.LessOrEqual(t, openFds(), fds)
		// A greenlet that has ended leaves its goroutine to the next, so there are as many as there were greenlets at once.
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines+(peak-before)+5)
		require.LessOrEqual(t, peak, 16+64, "nobody is served long after the client has gone: a turn has 64 steps")
		require.Less(t, int64(used())-int64(memory), int64(4<<20))
		require.Zero(t, s.Stop(patience))
		require.Same(t, ErrServerClosed, serving.Get())
		return nil
	})
}

// With all descriptors in use at accept, a server goes on when some come free; see also TestServerOutOfDescriptors. Here those
// are its own connections', whose ends it learns of while it pauses.
func TestAbuseServerEatsAllDescriptors(t *testing.T) {
	out, err := inProcess("eats all descriptors").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func init() { roles["eats all descriptors"] = func() error { return Run(eatsAllDescriptors) } }

func eatsAllDescriptors() error {
	l, err := Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failures := 0
	s := &StreamServer{Handler: echo, OnError: func(c net.Conn, err error) {
		if c == nil && errors.Is(err, syscall.EMFILE) {
			failures++
		}
	}}
	// The clients' descriptors first, so that the limit leaves room for some of the server's only.
	const crowd, room = 40, 10
	var clients []*TCPConn
	for range crowd {
		c, err := Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		clients = append(clients, c.(*TCPConn))
	}
	highest, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	top := int(highest.Fd())
	if err := highest.Close(); err != nil {
		return err
	}
	var limit syscall.Rlimit
	lower(&limit.Cur, top+room)
	lower(&limit.Max, top+room)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	serving := s.Start(l)
	for i, c := range clients {
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			return fmt.Errorf("client %d: %w", i, err)
		}
		if err := c.Close(); err != nil {
			return err
		}
	}
	if failures == 0 {
		return errors.New("the server never ran out of descriptors")
	}
	if killed := s.Stop(patience); killed != 0 || s.Served() != crowd {
		return fmt.Errorf("%d killed, %d served", killed, s.Served())
	}
	if err := serving.Get(); err != ErrServerClosed {
		return err
	}
	return nil
}

// lower sets a limit, which is of another type on some systems.
func lower[T int64 | uint64](limit *T, to int) { *limit = T(to) }
