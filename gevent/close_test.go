//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// closers close from a greenlet and from a goroutine.
var closers = map[string]func(t *testing.T, c io.Closer){
	"by a greenlet": func(t *testing.T, c io.Closer) {
		require.NoError(t, Spawn(c.Close).Get())
	},
	"by a goroutine": func(t *testing.T, c io.Closer) {
		_, err := await(func() (bool, error) { return true, c.Close() })
		require.NoError(t, err)
	},
}

func TestCloseWakes(t *testing.T) {
	for name, closeIt := range closers {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				a, b := pair(t)
				narrow(t, a, b)
				n := fill(t, a)
				var gs []*Greenlet
				for range 2 {
					gs = append(gs,
						Spawn(func() error { _, err := a.Read(make([]byte, 1)); return err }),
						Spawn(func() error { _, err := a.Write([]byte("never sent")); return err }))
				}
				parked(t, gs...)
				closeIt(t, a)
				for _, g := range gs {
					require.ErrorIs(t, g.Get(), net.ErrClosed)
				}
				require.ErrorIs(t, a.Close(), net.ErrClosed, "twice")
				_, err := a.Read(make([]byte, 1))
				require.ErrorIs(t, err, net.ErrClosed)
				_, err = a.Write([]byte("x"))
				require.ErrorIs(t, err, net.ErrClosed)
				all, err := io.ReadAll(b)
				require.NoError(t, err)
				require.Len(t, all, n, "all that was written before arrives, and no more")
				closeAll(t, b)
				return nil
			})
		})
	}
}

func TestCloseWakesAcceptor(t *testing.T) {
	for name, closeIt := range closers {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				l := listen(t)
				accept := func() error { _, err := l.Accept(); return err }
				gs := []*Greenlet{Spawn(accept), Spawn(accept)}
				parked(t, gs...)
				closeIt(t, l)
				for _, g := range gs {
					require.ErrorIs(t, g.Get(), net.ErrClosed)
				}
				require.ErrorIs(t, accept(), net.ErrClosed)
				require.ErrorIs(t, l.Close(), net.ErrClosed)
				require.ErrorIs(t, l.SetDeadline(time.Time{}), net.ErrClosed)
				_, err := Dial("tcp", l.Addr().String())
				require.Error(t, err, "nobody listens any more")
				return nil
			})
		})
	}
}

// Of many that close at once, from everywhere, one succeeds.
func TestCloseOnce(t *testing.T) {
	run(t, func() error {
		for range 100 {
			a, b := pair(t)
			results := make(chan error, 8)
			for range 7 {
				go func() { results <- a.Close() }()
			}
			results <- a.Close()
			ok := 0
			for range cap(results) {
				err, failure := await(func() (error, error) { return <-results, nil })
				require.NoError(t, failure)
				if err == nil {
					ok++
				} else {
					require.ErrorIs(t, err, net.ErrClosed)
				}
			}
			require.Equal(t, 1, ok)
			closeAll(t, b)
		}
		return nil
	})
}

// The numbers of closed descriptors come back at once, while events of their former owners are on their way: none may
// reach, wake or end the new owner.
func TestDescriptorReuse(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		rounds := 1500
		if testing.Short() {
			rounds = 100
		}
		numbers := map[int32]int{}
		for i := range rounds {
			c, s := connect2(t, l)
			numbers[c.fd.sysfd]++
			reader := Spawn(func() error {
				_, err := c.Read(make([]byte, 1))
				return err
			})
			parked(t, reader)
			mustWrite(t, s, "an event for c that is not looked at before c is closed")
			if i%2 == 0 {
				closeAll(t, s) // and a hang-up
			}
			closeAll(t, c)
			d, e := connect2(t, l) // gets their numbers
			quiet := Spawn(func() error {
				_, err := d.Read(make([]byte, 1))
				return err
			})
			parked(t, quiet)
			require.ErrorIs(t, reader.Get(), net.ErrClosed)
			if i%2 != 0 {
				closeAll(t, s)
			}
			parked(t, quiet)
			require.False(t, d.fd.hup, "round %d", i)
			mustWrite(t, e, "x")
			require.NoError(t, quiet.Get())
			closeAll(t, d, e)
		}
		require.Less(t, len(numbers), rounds/10, "the test should see numbers again")
		closeAll(t, l)
		return nil
	})
}

// Connections that nobody closed are closed with the hub: their peers see the end.
func TestHubClosesAll(t *testing.T) {
	var theirs *net.TCPConn
	var ours *TCPConn
	var l *TCPListener
	before := openFds()
	require.NoError(t, Run(func() error {
		l = listen(t)
		ours, theirs = peer(t)
		c, _ := pair(t)
		Spawn(func() error { _, err := c.Read(make([]byte, 1)); return err })
		Yield()
		return nil
	}))
	_, err := theirs.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.NoError(t, theirs.Close())
	noDescriptors(t, before)

	_, err = ours.Read(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = ours.Write(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = l.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	for _, call := range []func() error{ours.Close, l.Close, ours.CloseWrite, func() error { return ours.SetDeadline(time.Now()) }} {
		require.ErrorIs(t, call(), net.ErrClosed)
	}

	// A later hub, perhaps on the same thread, is not theirs.
	run(t, func() error {
		_, err = ours.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, ours.Close(), net.ErrClosed)
		return nil
	})
}

// Deferred functions of greenlets that the ending hub kills still talk.
func TestLastWords(t *testing.T) {
	var theirs *net.TCPConn
	require.NoError(t, Run(func() error {
		var ours *TCPConn
		ours, theirs = peer(t)
		Spawn(func() error {
			defer ours.Close()
			defer mustWrite(t, ours, "bye")
			_, err := ours.Read(make([]byte, 1))
			return err
		})
		Yield()
		return nil
	}))
	defer theirs.Close()
	all, err := io.ReadAll(theirs)
	require.NoError(t, err)
	require.Equal(t, "bye", string(all))
}

// A turn to write that comes as the connection is closed is passed on: whoever writes then is told, too.
func TestClosedAsTheTurnPasses(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		first := Spawn(func() error {
			_, err := a.Write(make([]byte, 16<<20))
			require.NoError(t, err)
			return a.Close() // the second has the turn, and has not run since
		})
		parked(t, first)
		second := Spawn(func() error { return valueless(a.Write([]byte("x"))) })
		parked(t, second)
		n, err := io.Copy(io.Discard, b)
		require.NoError(t, err)
		require.EqualValues(t, 16<<20, n)
		require.ErrorIs(t, second.Get(), net.ErrClosed)
		require.NoError(t, first.Get())
		_, err = a.WriteBuffers(&net.Buffers{[]byte("x")})
		require.ErrorIs(t, err, net.ErrClosed)
		closeAll(t, b)
		return nil
	})
}
