// Package gevent lets ordinary blocking-style code cooperate: greenlets, many of which share one OS thread, and calls that park the
// greenlet that makes them and let the others run: sockets, time, events, locks, queues, pools, processes, files.
//
// # What it promises
//
// A greenlet runs until it waits, and only there may another one run: Sleep, Yield, Get, Join, Kill, Acquire, Put, Accept, Dial,
// Read, Write, and whatever else says "Parks". Between two such calls nothing else runs on the hub, so that only what
// must hold across one of them needs a lock. Order is FIFO. Connections are real net.Conns, for greenlets and for other
// goroutines alike; they are closed when the hub ends. A killed greenlet runs its deferred functions. When all wait for
// what cannot come, Run says so and lists them.
//
// # How a wait ends
//
// A call that waits returns nil, or an error: ErrTimeout if it was given a limit of its own and that was reached; the error of the
// scope it is in (WithTimeout, WithContext, Nurse) once that is over; an error thrown at the greenlet; or its own, such as
// ErrShutdown. A kill does not return: the greenlet ends there, as by runtime.Goexit, and its deferred functions run, which may wait. A wait that was
// over already keeps its outcome, and what ends it then ends the next one: nothing that was handed over is lost.
//
// # Threads
//
// All is for the hub's own thread, except what says "Safe from any goroutine"; a use from another one panics. Between
// threads there are the Shared types, Hub.Post and Greenlet.Done; Offload, Await, Recv and Send lead from a greenlet to goroutines.
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
