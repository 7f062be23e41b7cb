package multiprocessing

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"sync/atomic"

	"greenloop/gevent"
)

var mainCalled atomic.Bool

// An ExitStatus as the error of a target is the status with which its process exits, in silence: 0 to 255, and 255 for
// any other.
type ExitStatus int

func (s ExitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Main makes this program one that can be a child: call it first thing in main, and in TestMain. In a child it runs the
// target, inside gevent.Run, and exits; else it returns at once. What the target returns is the child's exit status: 0
// for nil, and for a main greenlet that was killed; n for an ExitStatus; 1 for any other error and for a panic, which
// are told on standard error. It panics inside gevent.Run.
func Main() {
	if gevent.GetHub() != nil {
		panic("mp: Main called inside gevent.Run: call it first thing in main")
	}
	mainCalled.Store(true)
	if os.Getenv(marker) == "" {
		return
	}
	_ = os.Unsetenv(marker) // programs that we start are nobody's children
	code := 0
	defer func() { os.Exit(code) }() // also after a runtime.Goexit
	code = child()
}

// child is the life of a child process.
func child() (code int) {
	o, err := takeOrder()
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		fmt.Fprintln(os.Stderr, "mp: a process ends: its parent has ended before it could say what to do")
		return 1
	case err != nil:
		fmt.Fprintln(os.Stderr, "mp: this process was not started by Process.Start:", err)
		return 1
	}
	with := &transfer{}
	for i := range o.Handles {
		if sysfd := lifelineFd + 1 + i; takeInherited(sysfd) {
			with.files = append(with.files, sysfd)
		}
	}
	run := targets.run[o.Target]
	if run == nil {
		fmt.Fprintf(os.Stderr, "Process %s: mp: no target has the name %q in this program: Define it in a variable at "+
			"package level\n", self.name, o.Target)
		return 1
	}
	err = gevent.Run(func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				fmt.Fprintf(os.Stderr, "Process %s: panic: %v\n\n%s", self.name, v, debug.Stack())
				err = ExitStatus(1)
			}
		}()
		fn, err := run(o.Args, with)
		with.dropRest()
		o.Args = nil
		if err != nil {
			return err
		}
		return fn()
	})
	var status ExitStatus
	switch {
	case err == nil, err == gevent.ErrExit: // that very value: killed as it was told
		return 0
	case errors.As(err, &status) && status == status&0xff:
		return int(status)
	case errors.As(err, &status):
		return 255
	}
	fmt.Fprintf(os.Stderr, "Process %s: %v\n", self.name, err)
	return 1
}

// longestOrder is more than any order: something else has started this process if one is longer.
const longestOrder = min(math.MaxInt, 1<<40)

// takeOrder reads what this process is to do, and sets who it is. From then on the parent's end is noticed.
func takeOrder() (o order, err error) {
	if !takeInherited(lifelineFd) {
		return o, errors.New("no lifeline")
	}
	if err := setNonblock(lifelineFd); err != nil { // so that waiting for it needs no thread
		return o, err
	}
	lifeline := os.NewFile(lifelineFd, "lifeline")
	var size [8]byte
	if _, err := io.ReadFull(lifeline, size[:]); err != nil {
		return o, err
	}
	length := binary.BigEndian.Uint64(size[:])
	if length > longestOrder {
		return o, errors.New("no order")
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(lifeline, b); err != nil {
		return o, err
	}
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&o); err != nil {
		return o, err
	}
	self.identity, self.name, self.daemon = o.Identity, o.Name, o.Daemon
	parent = &Parent{info: o.Parent}
	parent.waitable = &parent.gone
	go parent.follow(lifeline)
	return o, nil
}
