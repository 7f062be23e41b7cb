//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var square = mp.Define("square", func(c *mp.Conn[int, int]) error {
	for n, err := range c.All() {
		if err != nil {
			return err
		}
		if err := c.Send(n * n); err != nil {
			return err
		}
	}
	return nil
})

// A process that computes, and a Duplex to talk to it. The program's main function begins with mp.Main().
func Example() {
	err := gevent.Run(func() error {
		ours, theirs, err := mp.Duplex[int, int]()
		if err != nil {
			return err
		}
		p, err := square.Start(theirs) // theirs is moved
		if err != nil {
			return err
		}
		for n := range 3 {
			if err := ours.Send(n + 5); err != nil {
				return err
			}
			v, err := ours.Recv()
			if err != nil {
				return err
			}
			fmt.Println(v)
		}
		if err := ours.Close(); err != nil { // the process sees the end
			return err
		}
		return p.Join()
	})
	fmt.Println(err)
	// Output:
	// 25
	// 36
	// 49
	// <nil>
}

// A Counter is a target with fields.
type Counter struct {
	From, To int
	Out      *mp.Sender[int]
}

// Run is what the process does.
func (c *Counter) Run() error {
	for n := c.From; n < c.To; n++ {
		if err := c.Out.Send(n); err != nil {
			return err
		}
	}
	return nil
}

var counter = mp.DefineType[Counter]("counter")

func ExampleDefineType() {
	_ = gevent.Run(func() error {
		in, out, err := mp.Pipe[int]()
		if err != nil {
			return err
		}
		if _, err := counter.Start(Counter{From: 3, To: 6, Out: out}); err != nil {
			return err
		}
		for n, err := range in.All() { // until the process ends
			fmt.Println(n, err)
		}
		return in.Close()
	})
	// Output:
	// 3 <nil>
	// 4 <nil>
	// 5 <nil>
}

var idle = mp.Define("idle", func(d time.Duration) error { return gevent.Sleep(d) })

func ExampleProcess() {
	_ = gevent.Run(func() error {
		p := idle.Process(time.Hour)
		p.SetName("sleeper")
		if err := p.Start(); err != nil {
			return err
		}
		fmt.Println(p.Name(), p.IsAlive(), p.JoinTimeout(time.Millisecond))
		err := errors.Join(p.Terminate(), p.Join())
		code, over := p.ExitCode()
		fmt.Println(code == -int(syscall.SIGTERM), over, p.Err(), err)
		return p.Close()
	})
	// Output:
	// sleeper true sched: deadline passed
	// true true signal: terminated <nil>
}

func ExampleWait() {
	_ = gevent.Run(func() error {
		quick, slow := idle.Process(0), idle.Process(time.Hour)
		if err := errors.Join(quick.Start(), slow.Start()); err != nil {
			return err
		}
		ready, err := mp.Wait(time.Minute, slow, quick)
		fmt.Println(len(ready), ready[0] == gevent.Waitable(quick), err)
		return slow.Kill()
	})
	// Output:
	// 1 true <nil>
}

func ExampleConnection_Poll() {
	_ = gevent.Run(func() error {
		in, out, err := mp.Pipe[string]()
		if err != nil {
			return err
		}
		fmt.Println(in.Poll(time.Millisecond))
		fmt.Println(out.Send("hello"), out.Close())
		fmt.Println(in.Poll(0))
		fmt.Println(in.Recv())
		_, err = in.Recv()
		fmt.Println(err == io.EOF)
		return in.Close()
	})
	// Output:
	// false <nil>
	// <nil> <nil>
	// true <nil>
	// hello <nil>
	// true
}
