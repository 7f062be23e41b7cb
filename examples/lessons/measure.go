package main

import (
	"errors"
	"io"
	"os"
	"runtime"
	"time"

	"greenloop/gevent"
)

// A cost is that of one: nanoseconds to start it and to switch to it, and bytes.
type cost struct{ start, change, memory int }

func each(began time.Time, n int) int { return int(time.Since(began)) / n }

// memory returns how many bytes of objects and stacks the process uses; of threads, that is what Go keeps for them.
func memory() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// yields gives up the CPU so many times.
func yields(n int) error {
	for range n {
		gevent.Yield()
	}
	return nil
}

// A line is what leads to somebody who sends back each byte: two pipes.
type line struct{ there, back, theirIn, theirOut *os.File }

func newLine() (l line, err error) {
	if l.theirIn, l.there, err = os.Pipe(); err != nil {
		return l, err
	}
	if l.back, l.theirOut, err = os.Pipe(); err != nil {
		l.theirIn.Close()
		l.there.Close()
		return l, err
	}
	for _, f := range []*os.File{l.there, l.back, l.theirIn, l.theirOut} {
		f.Fd() // from here on, who waits for it blocks a thread: it is the kernel that switches
	}
	return l, nil
}

func (l line) echo(rounds int) error {
	b := make([]byte, 1)
	for range rounds {
		if _, err := l.there.Write(b); err != nil {
			return err
		}
		if _, err := io.ReadFull(l.back, b); err != nil {
			return err
		}
	}
	return nil
}

// betweenThreads returns what it costs when two threads wait for one another in the kernel.
func betweenThreads(rounds int) (int, error) {
	l, err := newLine()
	if err != nil {
		return 0, err
	}
	defer l.back.Close()
	ended := make(chan error, 1)
	go func() {
		defer l.theirOut.Close()
		defer l.theirIn.Close()
		runtime.LockOSThread()
		for b := make([]byte, 1); ; {
			if _, err := l.theirIn.Read(b); err != nil {
				ended <- nil // the other end is closed
				return
			}
			if _, err := l.theirOut.Write(b); err != nil {
				ended <- err
				return
			}
		}
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := time.Now()
	err = l.echo(rounds)
	change := each(began, 2*rounds)
	l.there.Close()
	return change, errors.Join(err, <-ended)
}
