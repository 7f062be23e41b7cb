//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A stream is one direction of a connection, with the model of what it carries: each writer writes a run of bytes that are
// its number.
type stream struct {
	from, to *TCPConn
	writers  []*writing
	readers  []*Greenlet
	got      []byte
}

type writing struct {
	g       *Greenlet
	size    int
	wrote   int
	settled bool // Write has returned
}

func (s *stream) write(size int) {
	w := &writing{size: size}
	s.writers = append(s.writers, w)
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(len(s.writers))
	}
	w.g = Spawn(func() (err error) {
		w.wrote, err = s.from.Write(data)
		w.settled = true
		return err
	})
}

func (s *stream) read(size int) {
	s.readers = append(s.readers, Spawn(func() error {
		b := make([]byte, size)
		n, err := s.to.Read(b)
		s.got = append(s.got, b[:n]...)
		return err
	}))
}

// finish lets all that still waits go on, and ends the stream.
func (s *stream) finish() error {
	rest := Spawn(func() error {
		b := make([]byte, 64<<10)
		for {
			n, err := s.to.Read(b)
			s.got = append(s.got, b[:n]...)
			if err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
	for _, w := range s.writers {
		if err := w.g.Get(); err != nil && !errors.Is(err, ErrExit) && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
	if err := s.from.CloseWrite(); err != nil {
		return err
	}
	for _, g := range s.readers {
		if err := g.Get(); err != nil && err != io.EOF && !errors.Is(err, ErrExit) && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
	return rest.Get()
}

// check compares what has arrived with what was written, run by run.
func (s *stream) check() error {
	got := s.got
	for i, w := range s.writers {
		n := 0
		for n < len(got) && got[n] == byte(i+1) {
			n++
		}
		switch got = got[n:]; {
		case n > w.size:
			return fmt.Errorf("writer %d: %d bytes came of %d", i+1, n, w.size)
		case w.settled && n != w.wrote:
			return fmt.Errorf("writer %d: Write returned %d, and %d bytes came", i+1, w.wrote, n)
		case w.settled && w.g.Err() == nil && n != w.size:
			return fmt.Errorf("writer %d: success, and %d bytes came of %d", i+1, n, w.size)
		}
	}
	if len(got) > 0 {
		return fmt.Errorf("%d bytes out of order, the first of writer %d", len(got), got[0])
	}
	return nil
}

// kill kills one greenlet of those that read, or write.
func (s *stream) kill(rt *rapid.T) {
	var gs []*Greenlet
	for _, w := range s.writers {
		gs = append(gs, w.g)
	}
	gs = append(gs, s.readers...)
	if len(gs) > 0 {
		gs[rapid.IntRange(0, len(gs)-1).Draw(rt, "victim")].KillAsync()
	}
}

// Whatever is read, written, killed and timed out: what arrives is what was written, in order, in one piece each, and
// nothing is lost or doubled.
func TestStreamsAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		quiet := Config{OnError: func(*Greenlet, error, []byte) {}} // rapid panics through main when it shrinks
		err := RunConfig(quiet, func() error {
			a, b := pair(t)
			if rapid.Bool().Draw(rt, "small buffers") {
				sendBuffer(t, a, 16<<10)
				sendBuffer(t, b, 16<<10)
			}
			streams := []*stream{{from: a, to: b}, {from: b, to: a}}
			steps := rapid.IntRange(1, 40).Draw(rt, "steps")
			for range steps {
				s := streams[rapid.IntRange(0, 1).Draw(rt, "stream")]
				step(rt, s)
			}
			for _, c := range []*TCPConn{a, b} {
				require.NoError(t, c.SetDeadline(time.Time{}))
			}
			finishers := []*Greenlet{Spawn(streams[0].finish), Spawn(streams[1].finish)}
			if err := JoinAll(finishers...); err != nil {
				return err
			}
			closeAll(t, a, b)
			settle(t)
			return errors.Join(streams[0].check(), streams[1].check())
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

func step(rt *rapid.T, s *stream) {
	deadline := func(set func(time.Time) error) {
		to := map[string]time.Time{
			"none": {}, "past": time.Unix(1, 0), "soon": in(100 * time.Microsecond), "late": in(time.Hour),
		}[rapid.SampledFrom([]string{"none", "past", "soon", "late"}).Draw(rt, "deadline")]
		if err := set(to); err != nil {
			rt.Fatal(err)
		}
	}
	switch rapid.SampledFrom([]string{"write", "read", "write", "read", "kill", "read deadline", "write deadline", "yield", "poll"}).Draw(rt, "step") {
	case "write":
		if len(s.writers) < 255 {
			s.write(rapid.SampledFrom([]int{1, 100, 10_000, 400_000}).Draw(rt, "size"))
		}
	case "read":
		s.read(rapid.SampledFrom([]int{1, 100, 100_000}).Draw(rt, "size"))
	case "kill":
		s.kill(rt)
	case "read deadline":
		deadline(s.to.SetReadDeadline)
	case "write deadline":
		deadline(s.from.SetWriteDeadline)
	case "yield":
		Yield()
	case "poll":
		_ = Sleep(1)
	}
}
