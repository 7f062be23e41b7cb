// Package gevent lets ordinary blocking-style code cooperate: greenlets, many of which share one OS thread, and sockets
// whose calls park the greenlet that makes them and let the others run.
//
// # What it promises
//
// A greenlet runs until it waits, and only there may another one run: Sleep, Yield, Get, Join, Kill, Accept, Dial, Read,
// Write, and whatever else says "Parks". Between two such calls nothing else runs on the hub, so that its data needs no
// lock. Order is FIFO. Connections are real net.Conns, for greenlets and for other goroutines alike; they are closed when
// the hub ends. A killed greenlet runs its deferred functions. When all wait for what cannot come, Run says so and lists them.
//
// # What it does not do
//
// It does not preempt: a greenlet that computes, or that blocks in a Go channel, a sync.Mutex, time.Sleep or a connection
// of package net, stops all others. There is one thread a hub, so no speed-up from more cores within one; several
// hubs can run, each on a goroutine of its own.
//
// # Terms
//
// A hub is a scheduler and a poller on one thread; Run makes it. A greenlet is a task of the scheduler as the user
// holds it. To park is to give up the CPU and wait; to block is to stop the whole thread, which nothing here does.
//
// # Example
//
//	err := gevent.Run(func() error {
//		l, err := gevent.Listen("tcp", "127.0.0.1:0")
//		if err != nil {
//			return err
//		}
//		echo := &gevent.StreamServer{Handler: func(c net.Conn) error {
//			_, err := io.Copy(c, c)
//			return err
//		}}
//		server := gevent.Spawn(func() error { return echo.Serve(l) })
//		c, err := gevent.Dial("tcp", l.Addr().String())
//		...
//		echo.Stop(time.Second)
//		return server.Join()
//	})
package gevent
