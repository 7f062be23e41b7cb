//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"net"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A greeting is the configuration of a worker.
type greeting struct{ Text string }

var greeter = mp.DefineServer("greeter", func(w *mp.Worker[greeting]) error {
	return w.Serve(&gevent.StreamServer{Handler: func(c net.Conn) error {
		_, err := fmt.Fprintln(c, w.Config.Text)
		return err
	}})
})

// Two worker processes accept from one socket, and are replaced while they serve. A server that does nothing else calls
// greeter.Serve with Signals set. The program's main function begins with mp.Main().
func ExampleMaster() {
	err := gevent.Run(func() error {
		master, err := greeter.Listen(mp.Prefork{
			Bind: []string{"127.0.0.1:0"}, Workers: 2, OnEvent: func(mp.WorkerEvent) {},
		}, greeting{"hello"})
		if err != nil {
			return err
		}
		serving := gevent.Spawn(master.Serve)
		ask := func() error {
			c, err := gevent.Dial("tcp", master.Addrs()[0].String())
			if err != nil {
				return err
			}
			defer c.Close()
			var text string
			_, err = fmt.Fscanln(c, &text)
			fmt.Println(text)
			return err
		}
		if err := ask(); err != nil {
			return err
		}
		if err := master.Reload(); err != nil { // new workers for old ones
			return err
		}
		if err := ask(); err != nil {
			return err
		}
		master.Stop()
		return serving.Get()
	})
	fmt.Println(err)
	// Output:
	// hello
	// hello
	// <nil>
}
