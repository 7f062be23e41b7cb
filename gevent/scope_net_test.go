//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each way to end the waits on sockets from outside gives its own error, and can be told from a deadline of the
// connection.
func eachScope(t *testing.T, test func(t *testing.T, scope func(fn func() error) error, whose func(error) bool)) {
	t.Run("WithTimeout", func(t *testing.T) {
		scope := NewTimeout(time.Millisecond)
		test(t, scope.Do, scope.Is)
	})
	t.Run("started Timeout", func(t *testing.T) {
		timeout := NewTimeout(time.Millisecond)
		test(t, func(fn func() error) error {
			timeout.Start()
			defer timeout.Cancel()
			return fn()
		}, timeout.Is)
	})
	t.Run("WithContext", func(t *testing.T) {
		test(t, func(fn func() error) error {
			ctx, cancel := context.WithCancelCause(context.Background())
			time.AfterFunc(time.Millisecond, func() { cancel(errMade) })
			return WithContext(ctx, fn)
		}, func(err error) bool { return errors.Is(err, errMade) })
	})
}

// An outer timeout interrupts a Read, a Write and an Accept as itself; afterwards the connection is as usable as
// before, and nothing is lost.
func TestScopeInterruptsSockets(t *testing.T) {
	eachScope(t, func(t *testing.T, scope func(func() error) error, whose func(error) bool) {
		run(t, func() error {
			l := listen(t)
			a, b := connect2(t, l)
			require.NoError(t, a.SetDeadline(time.Now().Add(time.Hour)))
			interrupted := func(name string, op func() error) {
				err := scope(op)
				require.True(t, whose(err), "%s: %v", name, err)
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded, name)
				var oe *net.OpError
				require.ErrorAs(t, err, &oe, name)
				require.Zero(t, GetHub().Stats().Events, name)
			}
			interrupted("Read", func() error { _, err := a.Read(make([]byte, 8)); return err })
			mustWrite(t, b, "ping")
			mustRead(t, a, "ping")

			interrupted("Accept", func() error { _, err := l.Accept(); return err })
			c, d := connect2(t, l)
			closeAll(t, c, d, l)

			narrow(t, a, b)
			filled := fill(t, a)
			interrupted("Write", func() error { _, err := a.Write([]byte("lost")); return err })
			drain(t, b, filled)
			mustWrite(t, a, "pong")
			mustRead(t, b, "pong")
			closeAll(t, a, b)
			return nil
		})
	})
}

// What was written before the time was up is told, and arrives.
func TestScopeInterruptsAWriteHalfWay(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		narrow(t, a, b)
		data := pattern(4 << 20)
		var n int
		err := WithTimeout(time.Millisecond, func() (err error) {
			n, err = a.Write(data)
			return err
		})
		require.ErrorIs(t, err, ErrTimeout)
		require.Less(t, n, len(data))
		reader := readAll(b)
		_, err = a.Write(data[n:])
		require.NoError(t, err)
		require.NoError(t, a.CloseWrite())
		got, err := reader.Get()
		require.NoError(t, err)
		require.Equal(t, data, got)
		closeAll(t, a, b)
		return nil
	})
}

// In a scope that is over, what need not wait still succeeds: data that are there are read.
func TestScopeThatIsOverReadsWhatIsThere(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		mustWrite(t, b, "ping")
		return WithTimeout(0, func() error {
			mustRead(t, a, "ping")
			mustWrite(t, a, "pong")
			_, err := a.Read(make([]byte, 1))
			require.ErrorIs(t, err, ErrTimeout)
			require.NoError(t, Shield(func() error { mustRead(t, b, "pong"); return nil }))
			require.NoError(t, b.Close())
			require.NoError(t, Shield(func() error { _, err := a.Read(make([]byte, 1)); require.Equal(t, io.EOF, err); return nil }))
			return a.Close()
		})
	})
}

func TestScopeInterruptsDial(t *testing.T) {
	eachScope(t, func(t *testing.T, scope func(func() error) error, whose func(error) bool) {
		run(t, func() error {
			address, free := full(t)
			defer free()
			err := scope(func() error {
				c, err := DialTimeout("tcp", address, time.Hour)
				require.Nil(t, c)
				return err
			})
			require.True(t, whose(err), err)
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			require.Zero(t, GetHub().poll.Len(), "the socket is closed")
			return nil
		})
	})
}

// The error is that of the scope, even if it is the same as what the resolver would say at the dialler's own deadline.
func TestScopeInterruptsLookUp(t *testing.T) {
	run(t, func() error {
		_, free := slowResolver(t)
		defer free()
		dial := func() error { _, err := DialTimeout("tcp", "slow.test:80", time.Hour); return err }
		scope := NewTimeout(time.Millisecond)
		require.True(t, scope.Is(scope.Do(dial)))
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		err := WithContext(ctx, dial)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		return nil
	})
}

// A server's loop that waits for descriptors to come free ends with its scope and does not go round in it.
func TestScopeEndsServe(t *testing.T) {
	run(t, func() error {
		server := &StreamServer{Handler: func(net.Conn) error { return nil }}
		require.ErrorIs(t, WithTimeout(time.Millisecond, func() error { return server.Serve(listen(t)) }), ErrTimeout)
		exhausted := &StreamServer{Handler: func(net.Conn) error { return nil }}
		l := listen(t)
		require.ErrorIs(t, WithTimeout(time.Millisecond, func() error { return exhausted.Serve(fullListener{l}) }), ErrTimeout)
		return nil
	})
}

// A fullListener has run out of descriptors.
type fullListener struct{ *TCPListener }

func (l fullListener) Accept() (net.Conn, error) { return nil, syscall.EMFILE }
