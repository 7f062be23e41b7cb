// Package conncases has the eleven cases of golang.org/x/net/nettest.TestConn for greenlets: what that does on goroutines is done
// here in whatever the caller starts. It imports no package of the module, so that the tests of all may use it.
package conncases

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand"
	"net"
	"testing"
	"time"
)

// A World is where the cases run: how something is started that runs beside the caller, which gets a function that waits for
// its end, and how to sleep.
type World struct {
	Spawn func(fn func()) (join func() error)
	Sleep func(time.Duration) error
}

// Run runs the cases, each in a subtest, with a fresh pair of connected connections, and closes them. in makes the world, in
// which the function that it is given is to be called, and waits at the end for what a case has left at work.
func Run(t *testing.T, in func(t *testing.T, main func(w World, c1, c2 net.Conn))) {
	for name, test := range map[string]func(t *testing.T, w World, c1, c2 net.Conn){
		"BasicIO": basicIO, "PingPong": pingPong,
		"RacyRead": racyRead, "RacyWrite": racyWrite,
		"ReadTimeout": readTimeout, "WriteTimeout": writeTimeout,
		"PastTimeout": pastTimeout, "PresentTimeout": presentTimeout,
		"FutureTimeout": futureTimeout, "CloseTimeout": closeTimeout,
		"ConcurrentMethods": concurrentMethods,
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(w World, c1, c2 net.Conn) {
				test(t, w, c1, c2)
				c1.Close() // then those that the case has left working end, too
				c2.Close()
			})
		})
	}
}

// A crowd is a number of greenlets that are joined together, as a sync.WaitGroup's goroutines are.
type crowd struct {
	world World
	joins []func() error
}

func (c *crowd) goes(fn func()) { c.joins = append(c.joins, c.world.Spawn(fn)) }

func (c *crowd) wait(t *testing.T) {
	for _, join := range c.joins {
		must(t, join())
	}
}

// must ends the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// check ends the test unless it is as it should be.
func check(t *testing.T, ok bool, what ...any) {
	t.Helper()
	if !ok {
		t.Fatal(append([]any{"not as it should be:"}, what...)...)
	}
}

// mustTimeOut checks an error as nettest does.
func mustTimeOut(t *testing.T, err error) {
	t.Helper()
	var n net.Error
	check(t, errors.As(err, &n) && n.Timeout(), err)
}

func in(d time.Duration) time.Time { return time.Now().Add(d) }

var (
	longAgo      = time.Unix(233431200, 0)
	neverTimeout = time.Time{}
)

func noise() io.Reader { return rand.New(rand.NewSource(0)) }

// chunked copies in pieces of a kilobyte.
func chunked(w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, 1024))
	return err
}

func basicIO(t *testing.T, w World, c1, c2 net.Conn) {
	want := make([]byte, 1<<20)
	_, err := noise().Read(want)
	must(t, err)
	c := crowd{world: w}
	c.goes(func() {
		must(t, chunked(c1, bytes.NewReader(want)))
		must(t, c1.Close())
	})
	got := new(bytes.Buffer)
	c.goes(func() {
		must(t, chunked(got, c2))
		must(t, c2.Close())
	})
	c.wait(t)
	check(t, bytes.Equal(want, got.Bytes()), "what has come")
}

func pingPong(t *testing.T, w World, c1, c2 net.Conn) {
	pingPonger := func(c net.Conn) {
		buf := make([]byte, 8)
		var prev uint64
		for {
			_, err := io.ReadFull(c, buf)
			if err == io.EOF {
				break
			}
			must(t, err)
			v := binary.LittleEndian.Uint64(buf)
			binary.LittleEndian.PutUint64(buf, v+1)
			if prev != 0 {
				check(t, prev+2 == v, prev, v)
			}
			if prev = v; v == 1000 {
				break
			}
			_, err = c.Write(buf)
			must(t, err)
		}
		must(t, c.Close())
	}
	c := crowd{world: w}
	c.goes(func() { pingPonger(c1) })
	c.goes(func() { pingPonger(c2) })
	_, err := c1.Write(make([]byte, 8))
	must(t, err)
	c.wait(t)
}

func racyRead(t *testing.T, w World, c1, c2 net.Conn) {
	writer := crowd{world: w}
	writer.goes(func() { _ = chunked(c2, noise()) })
	racy(t, w, c1.Read, c1.SetReadDeadline)
}

func racyWrite(t *testing.T, w World, c1, c2 net.Conn) {
	reader := crowd{world: w}
	reader.goes(func() { _ = chunked(io.Discard, c2) })
	racy(t, w, c1.Write, c1.SetWriteDeadline)
}

func racy(t *testing.T, w World, op func([]byte) (int, error), deadline func(time.Time) error) {
	must(t, deadline(in(time.Millisecond)))
	c := crowd{world: w}
	for range 10 {
		c.goes(func() {
			b1, b2 := make([]byte, 1024), make([]byte, 1024)
			for range 100 {
				_, err := op(b1)
				copy(b1, b2)
				if err != nil {
					mustTimeOut(t, err)
					must(t, deadline(in(time.Millisecond)))
				}
			}
		})
	}
	c.wait(t)
}

func readTimeout(t *testing.T, w World, c1, c2 net.Conn) {
	reader := crowd{world: w}
	reader.goes(func() { _ = chunked(io.Discard, c2) })
	must(t, c1.SetReadDeadline(longAgo))
	_, err := c1.Read(make([]byte, 1024))
	mustTimeOut(t, err)
	_, err = c1.Write(make([]byte, 1024))
	must(t, err)
}

func writeTimeout(t *testing.T, w World, c1, c2 net.Conn) {
	writer := crowd{world: w}
	writer.goes(func() { _ = chunked(c2, noise()) })
	must(t, c1.SetWriteDeadline(longAgo))
	_, err := c1.Write(make([]byte, 1024))
	mustTimeOut(t, err)
	_, err = c1.Read(make([]byte, 1024))
	must(t, err)
}

func pastTimeout(t *testing.T, w World, c1, c2 net.Conn) {
	echo := crowd{world: w}
	echo.goes(func() { _ = chunked(c2, c2) })
	roundTrip(t, c1)
	must(t, c1.SetDeadline(longAgo))
	for _, op := range []func([]byte) (int, error){c1.Write, c1.Read} {
		n, err := op(make([]byte, 1024))
		check(t, n == 0, n)
		mustTimeOut(t, err)
	}
	roundTrip(t, c1)
}

func presentTimeout(t *testing.T, w World, c1, _ net.Conn) {
	set := false
	c := crowd{world: w}
	c.goes(func() {
		must(t, w.Sleep(20*time.Millisecond))
		set = true
		must(t, c1.SetReadDeadline(longAgo))
		must(t, c1.SetWriteDeadline(longAgo))
	})
	c.goes(func() {
		n, err := c1.Read(make([]byte, 1024))
		check(t, n == 0, n)
		mustTimeOut(t, err)
		check(t, set, "it ended early")
	})
	c.goes(func() {
		mustTimeOut(t, writeUntilError(c1))
		check(t, set, "it ended early")
	})
	c.wait(t)
}

func writeUntilError(c net.Conn) (err error) {
	for err == nil {
		_, err = c.Write(make([]byte, 1024))
	}
	return err
}

func futureTimeout(t *testing.T, w World, c1, c2 net.Conn) {
	must(t, c1.SetDeadline(in(20*time.Millisecond)))
	c := crowd{world: w}
	c.goes(func() {
		_, err := c1.Read(make([]byte, 1024))
		mustTimeOut(t, err)
	})
	c.goes(func() { mustTimeOut(t, writeUntilError(c1)) })
	c.wait(t)
	c.goes(func() { _ = chunked(c2, c2) })
	resync(t, w, c1)
	roundTrip(t, c1)
}

func closeTimeout(t *testing.T, w World, c1, c2 net.Conn) {
	echo, c := crowd{world: w}, crowd{world: w}
	echo.goes(func() { _ = chunked(c2, c2) })
	must(t, c1.SetDeadline(neverTimeout))
	c.goes(func() {
		must(t, w.Sleep(20*time.Millisecond))
		must(t, c1.Close())
	})
	c.goes(func() {
		check(t, errors.Is(chunked(io.Discard, c1), net.ErrClosed), "the error of a closed connection")
	})
	c.goes(func() { check(t, errors.Is(writeUntilError(c1), net.ErrClosed), "the error of a closed connection") })
	c.wait(t)
}

func concurrentMethods(t *testing.T, w World, c1, c2 net.Conn) {
	echo, c := crowd{world: w}, crowd{world: w}
	echo.goes(func() { _ = chunked(c2, c2) })
	for range 100 {
		c.goes(func() { _, _ = c1.Read(make([]byte, 1024)) })
		c.goes(func() { _, _ = c1.Write(make([]byte, 1024)) })
		c.goes(func() { _ = c1.SetDeadline(in(10 * time.Millisecond)) })
		c.goes(func() { _ = c1.SetReadDeadline(longAgo) })
		c.goes(func() { _ = c1.SetWriteDeadline(longAgo) })
		c.goes(func() { c1.LocalAddr() })
		c.goes(func() { c1.RemoteAddr() })
	}
	c.wait(t)
	resync(t, w, c1)
	roundTrip(t, c1)
}

// roundTrip writes and reads back; the other end echoes.
func roundTrip(t *testing.T, c net.Conn) {
	must(t, c.SetDeadline(neverTimeout))
	const hello = "Hello, world!"
	_, err := io.WriteString(c, hello)
	must(t, err)
	got := make([]byte, len(hello))
	_, err = io.ReadFull(c, got)
	must(t, err)
	check(t, string(got) == hello, string(got))
}

// resync reads until the mark comes back that it has sent behind all else.
func resync(t *testing.T, w World, c net.Conn) {
	must(t, c.SetDeadline(neverTimeout))
	mark := w.Spawn(func() {
		_, err := c.Write([]byte{0xff})
		must(t, err)
	})
	buf := make([]byte, 1024)
	for {
		n, err := c.Read(buf)
		must(t, err)
		if n > 0 && bytes.IndexByte(buf[:n], 0xff) == n-1 {
			break
		}
	}
	must(t, mark())
}
