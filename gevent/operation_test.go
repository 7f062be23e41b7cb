package gevent

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowly uses the file until release is closed, so that what comes after it waits.
func slowly(t testing.TB, f *File) (holder *Greenlet, release chan struct{}) {
	release = make(chan struct{})
	begun := make(chan struct{})
	holder = Spawn(func() error {
		return f.inTurn("File.Sync", func(h *Hub) error {
			_, err := perform(f, h, func() (any, error) { close(begun); <-release; return nil, nil })
			return err
		})
	})
	parked(t, holder)
	awaitDone(t, begun)
	return holder, release
}

// Operations that use the position are made in the order of the calls, one at a time.
func TestFileIsSerial(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		holder, release := slowly(t, f)
		var gs []*Greenlet
		for i := range 5 {
			gs = append(gs, Spawn(func() error {
				_, err := f.Write(bytes.Repeat([]byte{byte('0' + i)}, maxChunk+1))
				return err
			}))
		}
		parked(t, gs...)
		require.Equal(t, "turn to use a file", gs[0].task.Why().String())
		require.NoError(t, gs[1].Kill()) // it does not happen
		beside := make([]byte, 1)
		_, err := f.ReadAt(beside, 0) // needs no turn
		require.Equal(t, io.EOF, err)
		close(release)
		require.NoError(t, holder.Join())
		require.NoError(t, JoinAll(gs...))
		got, err := ReadFile(f.Name())
		require.NoError(t, err)
		want := new(strings.Builder)
		for _, i := range []int{0, 2, 3, 4} {
			want.WriteString(strings.Repeat(fmt.Sprint(i), maxChunk+1))
		}
		require.True(t, want.String() == string(got))
		return f.Close()
	})
}

// Greenlets that read the same file concurrently get its pieces in order, none twice.
func TestFileConcurrentReads(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		for i := range 50 {
			_, err := fmt.Fprintf(f, "%02d", i)
			require.NoError(t, err)
		}
		_, err := f.Seek(0, io.SeekStart)
		require.NoError(t, err)
		var l log
		var gs []*Greenlet
		for range 50 {
			gs = append(gs, Spawn(func() error {
				b := make([]byte, 2)
				_, err := f.Read(b)
				l.add(string(b))
				return err
			}))
		}
		require.NoError(t, JoinAll(gs...))
		for i, piece := range l {
			require.Equal(t, fmt.Sprintf("%02d", i), piece)
		}
		return f.Close()
	})
}

// An operation whose greenlet is gone is over before the next begins.
func TestNextWaitsForStrayOperation(t *testing.T) {
	leave := map[string]func(t *testing.T, g *Greenlet){
		"kill":  func(t *testing.T, g *Greenlet) { require.NoError(t, g.Kill()) },
		"throw": func(t *testing.T, g *Greenlet) { throw(g, errMade); require.Same(t, errMade, g.Get()) },
		"cancel": func(t *testing.T, g *Greenlet) {
			g.hub.sched.Cancel(&g.task, errMade)
			require.Same(t, errMade, g.Get())
		},
	}
	for name, end := range leave {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				f := tempFile(t)
				holder, release := slowly(t, f)
				end(t, holder)
				next := Spawn(func() error { _, err := f.Write([]byte("next")); return err })
				other := Spawn(func() error { _, err := f.Write([]byte("other")); return err })
				require.ErrorIs(t, next.JoinTimeout(time.Millisecond), ErrTimeout)
				close(release)
				require.NoError(t, JoinAll(next, other))
				got, err := ReadFile(f.Name())
				require.NoError(t, err)
				require.Equal(t, "nextother", string(got))
				return f.Close()
			})
		})
	}
}

// The same greenlet, after an error was thrown at it, waits as everybody does.
func TestStrayOperationOfOneself(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		release, begun := make(chan struct{}), make(chan struct{})
		g := Spawn(func() error {
			err := f.inTurn("File.Sync", func(h *Hub) error {
				_, err := perform(f, h, func() (any, error) { close(begun); <-release; return nil, nil })
				return err
			})
			require.Same(t, errMade, err)
			_, err = f.Write([]byte("x"))
			return err
		})
		parked(t, g)
		awaitDone(t, begun)
		throw(g, errMade)
		require.ErrorIs(t, g.JoinTimeout(time.Millisecond), ErrTimeout)
		require.Equal(t, "turn to use a file", g.task.Why().String())
		close(release)
		require.NoError(t, g.Get())
		return f.Close()
	})
}

// The bytes of a killed call are the operation's own: neither read into, nor read from, after the greenlet has gone on.
func TestKilledOperationLeavesTheBufferAlone(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		b := []byte("mine")
		var wrote string
		begun, release, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
		slow := func(own []byte) (int, error) {
			begun <- struct{}{}
			<-release
			wrote = string(own)
			n := copy(own, "its!")
			over <- struct{}{}
			return n, nil
		}
		for _, call := range []func(h *Hub) (int, error){
			func(h *Hub) (int, error) { return f.reading(h, b, slow) },
			func(h *Hub) (int, error) {
				return f.writing(h, b, func(own []byte, _ int64) (int, error) { return slow(own) })
			},
		} {
			g := Spawn(func() error { _, err := call(GetHub()); return err })
			parked(t, g)
			<-begun
			require.NoError(t, g.Kill())
			copy(b, "next")
			release <- struct{}{}
			<-over
			require.Equal(t, "next", string(b))
			copy(b, "mine")
		}
		require.Equal(t, "mine", wrote)
		return f.Close()
	})
}

// A greenlet that is killed while it opens a file leaves no descriptor, nor does one that is killed while it closes one.
func TestKilledOpenAndClose(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, nil, 0o600))
	run(t, func() error {
		for range 100 {
			g := Spawn(func() error {
				f, err := Open(name)
				if err == nil { // the goroutine was faster than the kill
					_ = f.Close()
				}
				return err
			})
			Yield()
			require.NoError(t, g.Kill())
			f, err := Open(name)
			require.NoError(t, err)
			g = Spawn(f.Close)
			Yield()
			require.NoError(t, g.Kill())
		}
		return nil
	})
}

// A stray operation keeps the hub from nothing but taking for hopeless who waits for its end.
func TestStrayOperationHidesNoDeadlock(t *testing.T) {
	var release chan struct{}
	var f *File
	err := runConfig(t, Config{}, func() error {
		f = tempFile(t)
		var holder *Greenlet
		holder, release = slowly(t, f)
		require.NoError(t, holder.Kill())
		defer f.Close()
		defer close(release)
		return GetHub().sched.Park(why)
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
}
