//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"greenloop/gevent"
)

func ExampleCommand() {
	_ = gevent.Run(func() error {
		c := gevent.Command("tr", "a-z", "A-Z")
		c.Stdin = strings.NewReader("loud")
		out, err := c.Output()
		fmt.Printf("%s %v\n", out, err)

		err = gevent.Command("/bin/sh", "-c", "exit 3").Run()
		var exited *gevent.ExitError
		fmt.Println(errors.As(err, &exited), err)
		return nil
	})
	// Output:
	// LOUD <nil>
	// true exit status 3
}

func ExampleCmd_RunTimeout() {
	_ = gevent.Run(func() error {
		c := gevent.Command("sleep", "1000")
		fmt.Println(c.RunTimeout(10 * time.Millisecond))
		fmt.Println(c.ExitCode())
		return nil
	})
	// Output:
	// sched: deadline passed
	// -9 true
}

func ExampleCmd_StdoutPipe() {
	_ = gevent.Run(func() error {
		c := gevent.Command("/bin/sh", "-c", "echo one; echo two")
		out, err := c.StdoutPipe()
		if err != nil {
			return err
		}
		if err := c.Start(); err != nil {
			return err
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Println(lines.Text())
		}
		fmt.Println(c.Wait())
		return nil
	})
	// Output:
	// one
	// two
	// <nil>
}

func ExampleCommandContext() {
	_ = gevent.Run(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		err := gevent.CommandContext(ctx, "sleep", "1000").Run()
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
		return nil
	})
	// Output: true
}

func ExamplePipe() {
	_ = gevent.Run(func() error {
		r, w, err := gevent.Pipe()
		if err != nil {
			return err
		}
		gevent.Spawn(func() error {
			defer w.Close()
			_, err := fmt.Fprintln(w, "through the kernel")
			return err
		})
		line, err := bufio.NewReader(r).ReadString('\n')
		fmt.Printf("%q %v\n", line, err)
		return r.Close()
	})
	// Output: "through the kernel\n" <nil>
}

func ExampleNotify() {
	_ = gevent.Run(func() error {
		s := gevent.Notify(syscall.SIGUSR1)
		defer s.Stop()
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			return err
		}
		fmt.Println(s.Wait())
		return nil
	})
	// Output: user defined signal 1 <nil>
}

func ExampleOnSignal() {
	_ = gevent.Run(func() error {
		main := gevent.Current()
		defer gevent.OnSignal(func(sig os.Signal) {
			fmt.Println("got", sig)
			main.KillAsync()
		}, syscall.SIGUSR1)()
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			return err
		}
		return gevent.Sleep(time.Minute)
	})
	// Output: got user defined signal 1
}

func ExampleNewStream() {
	_ = gevent.Run(func() error {
		r, w, err := os.Pipe() // stands for a standard input, or what else comes from outside
		if err != nil {
			return err
		}
		defer r.Close()
		in, err := gevent.NewStream(r)
		if err != nil {
			return err
		}
		lines := gevent.Go(func() (string, error) { return bufio.NewReader(in).ReadString('\n') })
		gevent.Yield()
		fmt.Println("others run while it waits")
		fmt.Fprintln(w, "input")
		line, err := lines.Get()
		fmt.Printf("%q %v\n", line, err)
		w.Close()
		return in.Close()
	})
	// Output:
	// others run while it waits
	// "input\n" <nil>
}

func ExampleSignals_All() {
	_ = gevent.Run(func() error {
		s := gevent.Notify(syscall.SIGUSR1)
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			return err
		}
		for sig, err := range s.All() {
			fmt.Println(sig, err)
			s.Stop()
		}
		return nil
	})
	// Output: user defined signal 1 <nil>
}
